/**
 * `npm run interop`: the gRPC interop test cases (interop-test-descriptions.md) with servers and clients that are not ours, over plain
 * HTTP/2 and TLS. A peer without a toolchain on this machine is named; with `CI` set it is a failure.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeCertificates } from '../test/support/certificates.ts';
import { Caller } from './interop/caller.ts';
import { CASES } from './interop/cases.ts';
import { COMPRESSED_CASES } from './interop/compressed-cases.ts';
import { LeftOut, type Peer, type PeerOptions } from './interop/peers/peer.ts';
import { startGrpcGo } from './interop/peers/grpc-go.ts';
import { startGrpcJs } from './interop/peers/grpc-js.ts';
import { startGrpcPython } from './interop/peers/grpc-python.ts';
import { startNodeHttp2 } from './interop/peers/node-http2.ts';
import { Report } from './interop/report.ts';

const PEERS: Readonly<Record<string, (options: PeerOptions) => Promise<Peer>>> = {
  'node:http2': startNodeHttp2,
  'grpc-js': startGrpcJs,
  'grpc-go': startGrpcGo,
  'grpc-python': startGrpcPython,
};

const cache = resolve(import.meta.dirname, '../.cache/interop');
const ci = process.env['CI'] !== undefined && process.env['CI'] !== '';
const certificates = makeCertificates();
const report = new Report();

for (const [name, start] of Object.entries(PEERS)) {
  await withPeer(name, start, async (peer) => {
    await outbound(peer, 'h2c', peer.plain, undefined);
    await outbound(peer, 'TLS', peer.tls, certificates.ca);
  });
}
report.close();

async function withPeer(
  name: string,
  start: (options: PeerOptions) => Promise<Peer>,
  use: (peer: Peer) => Promise<void>,
): Promise<void> {
  let peer: Peer;
  try {
    peer = await start(peerOptions());
  } catch (error) {
    report.leftOut(name, error, ci || !(error instanceof LeftOut));
    return;
  }
  try {
    await use(peer);
  } finally {
    await peer.close();
  }
}

/** Our outbound as the client. */
async function outbound(
  peer: Peer,
  transport: string,
  port: number,
  ca: Buffer | undefined,
): Promise<void> {
  const caller = new Caller({ port, ca });
  const compressing = new Caller({ port, ca, compression: 'gzip' });
  const where = `outbound to ${peer.name}, ${transport}`;
  for (const [name, run] of Object.entries(CASES)) {
    await report.run(where, name, () => run(caller));
  }
  for (const [name, { feature, run }] of Object.entries(COMPRESSED_CASES)) {
    if (!peer.features.includes(feature)) report.lacks(where, name);
    else await report.run(where, name, () => run(caller, compressing));
  }
  caller.close();
  compressing.close();
}

function peerOptions(): PeerOptions {
  mkdirSync(cache, { recursive: true });
  const certFile = join(cache, 'cert.pem');
  const keyFile = join(cache, 'key.pem');
  writeFileSync(certFile, certificates.loopback.cert);
  writeFileSync(keyFile, certificates.loopback.key);
  return { pair: certificates.loopback, certFile, keyFile, cache };
}
