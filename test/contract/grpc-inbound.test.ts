/** The gRPC inbound keeps the contract of inbounds; what is of gRPC alone is seen the same on our own HTTP/2 and on exchanges of node:http2. */
import { describe } from 'node:test';
import { createGrpcInbound } from '../../src/protocols/grpc/inbound.ts';
import { grpcClient } from '../support/clients/grpc.ts';
import { faultTables } from '../support/fault-tables.ts';
import { grpcFrontOn } from '../support/grpc-front.ts';
import { startHttp2Front } from '../support/http2-exchange.ts';
import { startHttp2Server } from '../support/http2-server.ts';
import type { InboundAdapter } from './any-inbound/adapter.ts';
import { OUR_HOSTS } from './any-inbound/hosts.ts';
import { anyInboundContract } from './any-inbound.ts';
import { grpcJsCases } from './grpc-inbound/grpc-js.ts';
import { requestCases } from './grpc-inbound/requests.ts';
import { spliceCases } from './grpc-inbound/splice.ts';

const grpc: InboundAdapter = {
  make: ({ routes, maxMessageBytes, ...rest }) =>
    createGrpcInbound({ table: faultTables(routes, maxMessageBytes).rpc, ...rest }),
  client: grpcClient,
  codec: 'proto',
  capabilities: {
    missing: ['unary', 'server_stream'],
    surplus: ['unary', 'server_stream'],
    large: true,
  },
};

anyInboundContract('gRPC', grpc);
anyInboundContract('gRPC with JSON', { ...grpc, codec: 'json' }, OUR_HOSTS);

for (const [name, open] of [
  ['our own HTTP/2', startHttp2Server],
  ['node:http2', startHttp2Front],
] as const) {
  const startFront = grpcFrontOn((serve) => open(serve));
  describe(`the gRPC inbound on ${name}`, () => {
    describe('requests that cannot be served', () => requestCases(startFront));
    describe('gRPC to gRPC', () => spliceCases(startFront));
    describe('grpc-js as the client', () => grpcJsCases(startFront));
  });
}
