/**
 * `npm run h2spec`: the conformance tests of HTTP/2 and HPACK against the running gateway, on a route that a gRPC service answers; plain
 * with prior knowledge and over TLS, each also with the strict tests. All of them must pass: there is no list of exceptions.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { buildH2spec } from './h2spec/build.ts';
import { startLiveGateway } from './lib/live-gateway.ts';
import { Unavailable } from './lib/unavailable.ts';

const PATH = '/v1/shelves';
const RUNS = [
  { name: 'h2c', flags: [], expected: '145 tests, 145 passed, 0 skipped, 0 failed' },
  {
    name: 'h2c strict',
    flags: ['--strict'],
    expected: '146 tests, 146 passed, 0 skipped, 0 failed',
  },
  { name: 'TLS', flags: ['-t', '-k'], expected: '145 tests, 145 passed, 0 skipped, 0 failed' },
  {
    name: 'TLS strict',
    flags: ['-t', '-k', '--strict'],
    expected: '146 tests, 146 passed, 0 skipped, 0 failed',
  },
] as const;
const SUMMARY = /^\d+ tests, \d+ passed, \d+ skipped, \d+ failed$/m;
const RUN_TIMEOUT_MS = 180_000;

const cache = join(resolve(import.meta.dirname, '..'), '.cache/h2spec');

try {
  const binary = buildH2spec(cache);
  const gateway = await startLiveGateway(join(cache, 'gateway'));
  try {
    for (const run of RUNS) if (!passes(binary, gateway.port, run)) process.exitCode = 1;
  } finally {
    gateway.close();
  }
} catch (thrown) {
  if (!(thrown instanceof Unavailable)) throw thrown;
  console.error(`h2spec is left out: ${thrown.message}`);
}

function passes(
  binary: string,
  port: number,
  { name, flags, expected }: (typeof RUNS)[number],
): boolean {
  const where = ['-h', '127.0.0.1', '-p', String(port), '-P', PATH, '-o', '5'];
  const run = spawnSync(binary, [...where, ...flags], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    timeout: RUN_TIMEOUT_MS,
  });
  if (run.error !== undefined) throw run.error;
  const summary = SUMMARY.exec(run.stdout)?.[0] ?? 'no summary';
  console.log(`${name}: ${summary}`);
  if (summary === expected && run.status === 0) return true;
  console.log(run.stdout);
  console.log(`${name}: expected ${expected} and exit status 0, not ${run.status}`);
  return false;
}
