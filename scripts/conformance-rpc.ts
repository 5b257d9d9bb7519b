/**
 * `npm run conformance:rpc`: the official conformance tests of Connect, gRPC and gRPC-Web against the gateway: as a server, before each of
 * the two reference services, and its gRPC outbound as a client. What may fail stands with its reason in conformance-rpc/known-failing.ts;
 * one of these that passes, or that fails in another way, is a failure, too. Words behind `--` are handed to the runner (`--trace`).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { INBOUND, OUTBOUND } from './conformance-rpc/features.ts';
import { KNOWN_INBOUND, KNOWN_OUTBOUND } from './conformance-rpc/known-failing.ts';
import { loadMessages } from './conformance-rpc/messages.ts';
import { type Run, runSuite } from './conformance-rpc/run.ts';
import { buildTools, type Tools } from './conformance-rpc/tools.ts';
import { startUpstream } from './conformance-rpc/upstream.ts';
import { Unavailable } from './lib/unavailable.ts';

const cache = resolve(import.meta.dirname, '../.cache/conformance-rpc');
const inbound = { mode: 'server', testee: 'server-testee.ts', known: KNOWN_INBOUND } as const;

try {
  const tools = buildTools(cache);
  await before(tools, tools.referenceServer, {
    ...inbound,
    name: 'before the service of connect-go',
    features: featuresFile('connect-go', INBOUND),
  });
  await before(tools, tools.grpcServer, {
    ...inbound,
    name: 'before the service of grpc-go',
    // The one method that it does not have is the one for GET.
    features: featuresFile('grpc-go', { ...INBOUND, supportsConnectGet: false }),
  });
  await run(tools, tools.referenceClient, {
    mode: 'client',
    testee: 'client-testee.ts',
    known: KNOWN_OUTBOUND,
    name: 'as the client of both services',
    features: featuresFile('outbound', OUTBOUND),
  });
} catch (thrown) {
  if (!(thrown instanceof Unavailable)) throw thrown;
  console.error(`The conformance tests of the RPC protocols are left out: ${thrown.message}`);
}

async function before(tools: Tools, program: string, settings: Run): Promise<void> {
  const upstream = await startUpstream(program, loadMessages(tools.protos));
  try {
    await run(tools, String(upstream.port), settings);
  } finally {
    await upstream.close();
  }
}

async function run(tools: Tools, word: string, settings: Run): Promise<void> {
  const passed = await runSuite(tools, settings, word, process.argv.slice(2));
  if (!passed) process.exitCode = 1;
}

/** The runner reads YAML, which JSON is. */
function featuresFile(name: string, features: typeof INBOUND): string {
  mkdirSync(cache, { recursive: true });
  const path = join(cache, `${name}.json`);
  writeFileSync(path, JSON.stringify({ features }));
  return path;
}
