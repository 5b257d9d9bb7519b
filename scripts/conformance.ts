/**
 * `npm run conformance`: the official protobuf conformance tests against our codecs, once compiled and once interpreted. Fails unless the runner
 * counts exactly what it must. The testee skips text format and nothing else: those are the 883.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { commandFor } from './conformance/libc.ts';
import { runnerPackage } from './conformance/runner.ts';
import { Unavailable } from './lib/unavailable.ts';

const EXPECTED = '5567 successes, 883 skipped, 0 expected failures, 0 unexpected failures';
const SUMMARY =
  /(\d+) successes, (\d+) skipped, (\d+) expected failures, (\d+) unexpected failures/;
const MODES = ['compiled', 'interpreted'] as const;

const repository = resolve(import.meta.dirname, '..');
const cache = join(repository, '.cache/conformance');

try {
  const { binary, include } = runnerPackage(cache);
  const command = commandFor(binary, cache);
  for (const mode of MODES) if (!passes(command, include, mode)) process.exitCode = 1;
} catch (thrown) {
  if (!(thrown instanceof Unavailable)) throw thrown;
  console.error(`The conformance runner cannot run here: ${thrown.message}`);
  if (process.env['CI'] !== undefined && process.env['CI'] !== '') process.exitCode = 1;
}

function passes(command: readonly string[], include: string, mode: string): boolean {
  // The runner writes the names of the failed tests there.
  const output = join(cache, `failed-${mode}`);
  mkdirSync(output, { recursive: true });
  const flags = ['--maximum_edition', '2023', '--enforce_recommended', '--output_dir', output];
  const [program = '', ...before] = command;
  const run = spawnSync(program, [...before, ...flags, ...testee(mode, include)], {
    cwd: repository,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    timeout: 120_000,
  });
  if (run.error !== undefined) throw run.error;
  const summaries = run.stderr.split('\n').filter((line) => SUMMARY.test(line));
  const total = sum(summaries);
  const passed = run.status === 0 && total === EXPECTED;
  // What it says besides is the list of failures.
  if (!passed) console.log(run.stderr);
  for (const line of summaries) console.log(`${mode}: ${line}`);
  console.log(`${mode}: ${total}`);
  if (!passed) console.log(`${mode}: expected ${EXPECTED} and exit status 0, not ${run.status}`);
  return passed;
}

/** The runner has a suite for binary and JSON and one for text format, each with a line of its own. */
function sum(summaries: readonly string[]): string {
  const counts = summaries.map((line) => SUMMARY.exec(line)?.slice(1).map(Number) ?? []);
  const total = (at: number): number => counts.reduce((all, count) => all + (count[at] ?? 0), 0);
  return `${total(0)} successes, ${total(1)} skipped, ${total(2)} expected failures, ${total(3)} unexpected failures`;
}

/** The program that answers the runner, with its arguments. */
function testee(mode: string, include: string): readonly string[] {
  // The flag is what makes our codecs choose the interpreted path, so it is the gateway's own choice that is tested.
  const flags = mode === 'interpreted' ? ['--disallow-code-generation-from-strings'] : [];
  const script = join(repository, 'scripts/conformance/testee.ts');
  return [process.execPath, ...flags, '--conditions=polygate-source', script, include];
}
