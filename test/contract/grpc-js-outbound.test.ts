/** The outbound over grpc-js keeps the contract of gRPC outbounds. */
import { createGrpcOutbound } from '../../src/protocols/grpc/outbound.ts';
import { outboundContract } from './outbound.ts';

outboundContract('grpc-js', (endpoint, { tls, maxMessageBytes }) =>
  createGrpcOutbound({ endpoints: [endpoint], tls, maxMessageBytes }),
);
