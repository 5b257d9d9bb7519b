/** The running gateway between a client and a peer: plain to plain, and TLS to TLS. */
import { createGateway, type Gateway } from 'polygate';
import { memoryLog } from '../../test/support/memory-log.ts';
import { PROTOS } from './messages.ts';
import type { Peer } from './peers/peer.ts';

export interface GatewayFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

export function startGateway(peer: Peer, tls: boolean, files: GatewayFiles): Promise<Gateway> {
  const { certFile: cert, keyFile: key, caFile: ca } = files;
  return createGateway(
    {
      admin: false,
      listen: { port: 0, ...(tls && { tls: { cert, key } }) },
      upstreams: {
        peer: {
          protocol: 'grpc',
          endpoints: [`127.0.0.1:${tls ? peer.tls : peer.plain}`],
          schema: { protos: ['grpc/testing/test.proto'], importPaths: ['.'] },
          ...(tls && { tls: { ca } }),
        },
      },
      // UnimplementedService stays unknown to the gateway, as it is to every peer.
      routes: [{ services: ['grpc.testing.TestService'], upstream: 'peer' }],
    },
    { baseDir: PROTOS, log: memoryLog() },
  );
}
