/** grpc-js, plain and over TLS; its own compression stands in test/contract/grpc-inbound. */
import { clientCases } from './cases.ts';
import { grpcJsClient } from './grpc-js.ts';

clientCases(
  [false, true].map((tls) => ({
    name: `grpc-js, ${tls ? 'TLS' : 'plain'}`,
    protocol: 'grpc',
    tls,
    open: (target) => grpcJsClient(target),
  })),
);
