/** The gRPC outbound over our own HTTP/2 keeps the contract of gRPC outbounds. */
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createGrpcOutbound } from '../../src/protocols/grpc/outbound.ts';
import { createHttp2Transport } from '../../src/upstream/http2-transport.ts';
import { connectionSettings } from '../support/connections.ts';
import { outboundContract } from './outbound.ts';

outboundContract('HTTP/2', (endpoint, { tls, maxMessageBytes, compression }) =>
  createGrpcOutbound({
    transport: createHttp2Transport({
      endpoints: [endpoint],
      tls,
      clock: systemClock,
      random: systemRandom,
      connections: connectionSettings(),
    }),
    maxMessageBytes,
    ...(compression !== undefined && { compression }),
  }),
);
