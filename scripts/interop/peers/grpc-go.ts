/** grpc-go: its own test service in a main of ours, which listens on loopback alone, and its interop client. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer, PeerOptions } from './peer.ts';
import { requireTool, runTool, startProcess } from './process.ts';

const SOURCE = join(import.meta.dirname, '../go');

export async function startGrpcGo({ cache, certFile, keyFile }: PeerOptions): Promise<Peer> {
  const binary = build(cache, 'go-server', '.');
  const started = await startProcess(binary, [certFile, keyFile]);
  return {
    name: 'grpc-go',
    ...started.ports,
    features: [
      'expect_compressed unary',
      'expect_compressed streaming',
      'response_compressed unary',
    ],
    close: () => started.close(),
  };
}

/** The path of the interop client of grpc-go. */
export function goClient(cache: string): string {
  return build(cache, 'go-client', 'google.golang.org/grpc/interop/client');
}

/** Go itself knows whether there is anything to do. */
function build(cache: string, name: string, what: string): string {
  requireTool('go', 'version');
  mkdirSync(cache, { recursive: true });
  const binary = join(cache, name);
  runTool('go', ['build', '-o', binary, what], SOURCE);
  return binary;
}
