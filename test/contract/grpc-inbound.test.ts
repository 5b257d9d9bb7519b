/** The gRPC inbound on our own HTTP/2 and on exchanges of node:http2: clients see the same. */
import { describe } from 'node:test';
import { grpcFrontOn } from '../support/grpc-front.ts';
import { startHttp2Front } from '../support/http2-exchange.ts';
import { startHttp2Server } from '../support/http2-server.ts';
import { grpcJsCases } from './grpc-inbound/grpc-js.ts';
import { requestCases } from './grpc-inbound/requests.ts';
import { spliceCases } from './grpc-inbound/splice.ts';

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
