/**
 * `npm run conformance:rpc`: the official conformance tests of Connect, gRPC and gRPC-Web against the gateway, once before each of the
 * two reference services. What may fail stands with its reason in conformance-rpc/known-failing.ts; one of these that passes, or that
 * fails in another way, is a failure, too. Words behind `--` are handed to the runner (`--run PATTERN`, `--trace`).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { writeFeatures } from './conformance-rpc/features.ts';
import { KNOWN_FAILING } from './conformance-rpc/known-failing.ts';
import { loadMessages } from './conformance-rpc/messages.ts';
import { readResults } from './conformance-rpc/results.ts';
import { buildTools, type Tools } from './conformance-rpc/tools.ts';
import { startUpstream } from './conformance-rpc/upstream.ts';
import { Unavailable } from './lib/unavailable.ts';

const UPSTREAMS = [
  { name: 'the service of connect-go', program: 'referenceServer', get: true },
  // It has every method but that of Connect's GET.
  { name: 'the service of grpc-go', program: 'grpcServer', get: false },
] as const;
const TESTEE = join(import.meta.dirname, 'conformance-rpc/testee.ts');
const RUN_TIMEOUT_MS = 600_000;

const cache = resolve(import.meta.dirname, '../.cache/conformance-rpc');

try {
  const tools = buildTools(cache);
  for (const upstream of UPSTREAMS) if (!(await passes(tools, upstream))) process.exitCode = 1;
} catch (thrown) {
  if (!(thrown instanceof Unavailable)) throw thrown;
  console.error(`The conformance tests of the RPC protocols are left out: ${thrown.message}`);
}

async function passes(
  tools: Tools,
  { name, program, get }: (typeof UPSTREAMS)[number],
): Promise<boolean> {
  const features = join(cache, `${program}.json`);
  writeFeatures(features, get);
  const upstream = await startUpstream(tools[program], loadMessages(tools.protos));
  try {
    const flags = ['--mode', 'server', '--conf', features, ...patterns(), ...process.argv.slice(2)];
    const node = [process.execPath, '--conditions=polygate-source', TESTEE];
    const words = [...flags, '--', ...node, tools.protos, String(upstream.port)];
    const runner = spawn(tools.runner, words, {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: RUN_TIMEOUT_MS,
    });
    const exit = once(runner, 'exit');
    const printed = await text(runner.stdout);
    const [status] = (await exit) as [number | null];
    return report(name, printed, status);
  } finally {
    await upstream.close();
  }
}

function patterns(): string[] {
  return KNOWN_FAILING.flatMap((group) =>
    group.patterns.flatMap((pattern) => [
      group.sometimes === true ? '--known-flaky' : '--known-failing',
      pattern,
    ]),
  );
}

function report(name: string, printed: string, status: number | null): boolean {
  const { summary, failing, surprises } = readResults(printed);
  // The cases that it lets fail are counted below.
  if (status !== 0) console.log(printed.replaceAll(/^INFO: .*\n(?:\t.*\n)*/gm, ''));
  for (const surprise of surprises) console.log(`FAILED in another way than it may: ${surprise}`);
  console.log(`before ${name}: ${summary}`);
  for (const [{ reason }, count] of failing) console.log(`  ${count}: ${reason}`);
  if (status !== 0) console.log(`before ${name}: the runner ended with ${status}`);
  return status === 0 && surprises.length === 0;
}
