/**
 * `npm run interop`: the gRPC interop test cases (interop-test-descriptions.md) with servers and clients that are not ours, over plain
 * HTTP/2 and TLS. A peer without a toolchain on this machine is named; with `CI` set it is a failure.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeCertificates } from '../test/support/certificates.ts';
import { Caller } from './interop/caller.ts';
import { BUF_CASES, BUF_PROTOCOLS, buf, runBuf } from './interop/buf.ts';
import { CASES } from './interop/cases.ts';
import { COMPRESSED_CASES } from './interop/compressed-cases.ts';
import { type GatewayFiles, startGateway } from './interop/gateway.ts';
import { GO_CASES, runGoCase } from './interop/go-client.ts';
import { GRPCURL_CASES, grpcurl, runGrpcurl } from './interop/grpcurl.ts';
import { LeftOut, type Peer, type PeerOptions } from './interop/peers/peer.ts';
import { goClient, startGrpcGo } from './interop/peers/grpc-go.ts';
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

/** Every machine has it. */
const BUF_PEER = 'node:http2';

const cache = resolve(import.meta.dirname, '../.cache/interop');
const ci = process.env['CI'] !== undefined && process.env['CI'] !== '';
const certificates = makeCertificates();
const report = new Report();
const files = writeFiles();
const goBinary = find('the client of grpc-go', goClient);
const grpcurlBinary = find('grpcurl', grpcurl);
const bufBinary = find('buf', buf, true);

for (const [name, start] of Object.entries(PEERS)) {
  await withPeer(name, start, async (peer) => {
    await outbound(`outbound to ${peer.name}`, peer, { tls: false, port: peer.plain });
    await outbound(`outbound to ${peer.name}`, peer, { tls: true, port: peer.tls });
    for (const tls of [false, true]) await throughGateway(peer, tls);
  });
}
report.close();

/** The gateway between our outbound or the client of grpc-go and the peer. */
async function throughGateway(peer: Peer, tls: boolean): Promise<void> {
  const gateway = await startGateway(peer, tls, files);
  const { port } = gateway;
  await outbound(`outbound through the gateway to ${peer.name}`, peer, { tls, port });
  const through = `through the gateway to ${peer.name}, ${tls ? 'TLS' : 'h2c'}`;
  const target = { port, caFile: tls ? files.caFile : undefined };
  if (goBinary !== null) {
    for (const name of GO_CASES) {
      await report.run(`client of grpc-go ${through}`, name, () =>
        runGoCase(goBinary, name, target),
      );
    }
  }
  if (grpcurlBinary !== null) {
    for (const name of Object.keys(GRPCURL_CASES)) {
      await report.run(`grpcurl ${through}`, name, () => runGrpcurl(grpcurlBinary, name, target));
    }
  }
  // What it asks of the gateway is the same for every peer.
  if (bufBinary !== null && peer.name === BUF_PEER) {
    for (const protocol of BUF_PROTOCOLS) {
      for (const name of Object.keys(BUF_CASES)) {
        await report.run(`buf curl, ${protocol}, ${through}`, name, () =>
          runBuf(bufBinary, name, protocol, target),
        );
      }
    }
  }
  await gateway.close(true);
}

/** The path of a client that is a program; null where it was left out. Nobody has to have an optional one. */
function find(name: string, build: (cache: string) => string, optional = false): string | null {
  try {
    return build(cache);
  } catch (error) {
    report.leftOut(name, error, (ci && !optional) || !(error instanceof LeftOut));
    return null;
  }
}

async function withPeer(
  name: string,
  start: (options: PeerOptions) => Promise<Peer>,
  use: (peer: Peer) => Promise<void>,
): Promise<void> {
  let peer: Peer;
  try {
    peer = await start({ pair: certificates.loopback, ...files, cache });
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
  from: string,
  peer: Peer,
  { tls, port }: { readonly tls: boolean; readonly port: number },
): Promise<void> {
  const ca = tls ? certificates.ca : undefined;
  const caller = new Caller({ port, ca });
  const compressing = new Caller({ port, ca, compression: 'gzip' });
  const where = `${from}, ${tls ? 'TLS' : 'h2c'}`;
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

function writeFiles(): GatewayFiles {
  mkdirSync(cache, { recursive: true });
  const certFile = join(cache, 'cert.pem');
  const keyFile = join(cache, 'key.pem');
  const caFile = join(cache, 'ca.pem');
  writeFileSync(certFile, certificates.loopback.cert);
  writeFileSync(keyFile, certificates.loopback.key);
  writeFileSync(caFile, certificates.ca);
  return { certFile, keyFile, caFile };
}
