/** connect-web: both of its transports, over the fetch of Node and over that of undici, which speaks HTTP/2 as well. */
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { fetch as fetchOfUndici, Pool } from 'undici';
import { clientCases } from './cases.ts';
import { connectClient } from './connect-es.ts';
import { type Subject, type Target, urlOf } from './types.ts';

const TRANSPORTS = {
  Connect: { protocol: 'connect', make: createConnectTransport },
  'gRPC-Web': { protocol: 'grpc-web', make: createGrpcWebTransport },
} as const;

interface Way {
  readonly transport: keyof typeof TRANSPORTS;
  readonly httpVersion: '1.1' | '2';
  readonly tls: boolean;
  readonly binary: boolean;
  readonly get?: boolean;
}

function subject({ transport, httpVersion, tls, binary, get = false }: Way): Subject {
  const { protocol, make } = TRANSPORTS[transport];
  const words = [
    transport,
    binary ? 'proto' : 'JSON',
    `HTTP/${httpVersion}`,
    tls ? 'TLS' : 'plain',
    ...(get ? ['GET'] : []),
  ];
  return {
    name: `connect-web, ${words.join(', ')}`,
    protocol,
    tls,
    get,
    lacks: { 'client streams': 'pages cannot stream what they send' },
    open(target) {
      const options = { baseUrl: urlOf(target), useBinaryFormat: binary, useHttpGet: get };
      if (httpVersion === '1.1') return connectClient(make(options));
      const pool = poolOf(target);
      const fetch = fetchOver(pool);
      return { ...connectClient(make({ ...options, fetch })), close: () => void pool.destroy() };
    },
  };
}

function poolOf(target: Target): Pool {
  return new Pool(urlOf(target), {
    allowH2: true,
    connect: { ca: target.ca },
    ...(!target.tls && { useH2c: true }),
  });
}

function fetchOver(dispatcher: Pool): typeof fetch {
  type Init = NonNullable<Parameters<typeof fetchOfUndici>[1]>;
  const send = (url: string, init: Init) => fetchOfUndici(url, { ...init, dispatcher });
  return send as unknown as typeof fetch;
}

const ways = (['Connect', 'gRPC-Web'] as const).flatMap((transport) =>
  (['1.1', '2'] as const).flatMap((httpVersion) =>
    [false, true].flatMap((tls) =>
      [false, true].map((binary) => ({ transport, httpVersion, tls, binary })),
    ),
  ),
);
const gets = [
  { transport: 'Connect', httpVersion: '1.1', tls: false, binary: false, get: true },
  { transport: 'Connect', httpVersion: '2', tls: true, binary: true, get: true },
] as const;

clientCases([...ways, ...gets].map(subject));
