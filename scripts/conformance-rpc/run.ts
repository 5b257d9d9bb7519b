/** One run of the suite with its totals. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { KnownFailing } from './known-failing.ts';
import { readResults } from './results.ts';
import type { Tools } from './tools.ts';

export interface Run {
  readonly name: string;
  /** What is under test. */
  readonly mode: 'server' | 'client';
  /** The file here that the runner starts for it. */
  readonly testee: string;
  /** Path of the file that says what is claimed. */
  readonly features: string;
  readonly known: readonly KnownFailing[];
}

const RUN_TIMEOUT_MS = 600_000;

/** Whether nothing surprised. `word` is for the testee, `flags` for the runner. */
export async function runSuite(
  tools: Tools,
  { name, mode, testee, features, known }: Run,
  word: string,
  flags: readonly string[],
): Promise<boolean> {
  const node = [
    process.execPath,
    '--conditions=polygate-source',
    join(import.meta.dirname, testee),
  ];
  const words = ['--mode', mode, '--conf', features, ...patterns(known), ...flags];
  const runner = spawn(tools.runner, [...words, '--', ...node, tools.protos, word], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: RUN_TIMEOUT_MS,
  });
  const exit = once(runner, 'exit');
  const printed = await text(runner.stdout);
  const [status] = (await exit) as [number | null];
  const { summary, failing, surprises } = readResults(printed, known);
  // Those that may fail are counted below.
  if (status !== 0) console.log(printed.replaceAll(/^INFO: .*\n(?:\t.*\n)*/gm, ''));
  for (const surprise of surprises) console.log(`FAILED in another way than it may: ${surprise}`);
  console.log(`${name}: ${summary}`);
  for (const [{ reason }, count] of failing) console.log(`  ${count}: ${reason}`);
  if (status !== 0) console.log(`${name}: the runner ended with ${status}`);
  return status === 0 && surprises.length === 0;
}

function patterns(known: readonly KnownFailing[]): string[] {
  return known.flatMap(({ patterns, sometimes = false }) =>
    patterns.flatMap((pattern) => [sometimes ? '--known-flaky' : '--known-failing', pattern]),
  );
}
