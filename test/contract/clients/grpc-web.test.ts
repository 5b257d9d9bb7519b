/** The client of the gRPC-Web project in both of its modes, plain and over TLS. */
import { clientCases } from './cases.ts';
import { grpcWebClient } from './grpc-web.ts';
import type { Subject } from './types.ts';

const LACKS = {
  'client streams': 'the library has none',
  // A browser's does, in text: npm run clients.
  'messages as they come': 'the XMLHttpRequest of xhr2 shows nothing before the end',
  'repeated trailers': 'the library keeps the last one',
} as const;

clientCases(
  (['text', 'binary'] as const).flatMap((format) =>
    [false, true].map(
      (tls): Subject => ({
        name: `grpc-web, ${format}, ${tls ? 'TLS' : 'plain'}`,
        protocol: 'grpc-web',
        tls,
        lacks: LACKS,
        open: (target) => grpcWebClient(target, format),
      }),
    ),
  ),
);
