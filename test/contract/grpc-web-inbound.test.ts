/** The gRPC-Web inbound keeps the contract of inbounds, binary and in base64, in both codecs. */
import { createGrpcWebInbound } from '../../src/protocols/grpc-web/inbound.ts';
import { grpcWebClient, grpcWebTextClient } from '../support/clients/grpc.ts';
import { faultTables } from '../support/fault-tables.ts';
import type { InboundAdapter } from './any-inbound/adapter.ts';
import { OUR_HOSTS } from './any-inbound/hosts.ts';
import { anyInboundContract } from './any-inbound.ts';

const web: InboundAdapter = {
  make: ({ routes, maxMessageBytes, ...rest }) =>
    createGrpcWebInbound({ table: faultTables(routes, maxMessageBytes).rpc, ...rest }),
  client: grpcWebClient,
  codec: 'proto',
  capabilities: {
    missing: ['unary', 'server_stream'],
    surplus: ['unary', 'server_stream'],
    large: true,
  },
};

anyInboundContract('gRPC-Web', web);
anyInboundContract('gRPC-Web with JSON', { ...web, codec: 'json' }, OUR_HOSTS);
anyInboundContract('gRPC-Web text', { ...web, client: grpcWebTextClient });
