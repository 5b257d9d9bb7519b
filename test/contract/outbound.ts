/**
 * What every Outbound that speaks gRPC must do, whatever client is beneath it. Called by one test file per implementation.
 * The peers are scripted node:http2 streams, which can answer as no library would, and a grpc-js server, which is nobody's double.
 */
import { describe } from 'node:test';
import { bodyCases } from './outbound/bodies.ts';
import { compressionCases } from './outbound/compression.ts';
import { endCases } from './outbound/ends.ts';
import { grpcServerCases } from './outbound/grpc-server.ts';
import type { MakeOutbound } from './outbound/harness.ts';
import { metadataCases } from './outbound/metadata.ts';
import { statusCases } from './outbound/statuses.ts';
import { tlsCases } from './outbound/tls.ts';

export function outboundContract(name: string, make: MakeOutbound): void {
  describe(`the gRPC outbound of ${name}`, () => {
    describe('messages', () => bodyCases(make));
    describe('compression', () => compressionCases(make));
    describe('statuses', () => statusCases(make));
    describe('metadata', () => metadataCases(make));
    describe('ends', () => endCases(make));
    describe('TLS', () => tlsCases(make));
    describe('against a grpc-js server', () => grpcServerCases(make));
  });
}
