/** connect-node: its three transports over every version of HTTP that they speak. */
import { compressionBrotli, compressionGzip } from '@connectrpc/connect-node';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node';
import { clientCases } from './cases.ts';
import { connectClient } from './connect-es.ts';
import { type Subject, urlOf } from './types.ts';

const HALF_DUPLEX = { 'full duplex': 'HTTP/1.1 of Node answers behind the request' };
const TRANSPORTS = {
  Connect: { protocol: 'connect', make: createConnectTransport },
  'gRPC-Web': { protocol: 'grpc-web', make: createGrpcWebTransport },
  gRPC: { protocol: 'grpc', make: createGrpcTransport },
} as const;

interface Way {
  readonly transport: keyof typeof TRANSPORTS;
  readonly httpVersion: '1.1' | '2';
  readonly tls: boolean;
  readonly binary: boolean;
  readonly get?: boolean;
  readonly compression?: 'gzip' | 'br';
}

function subject({ transport, httpVersion, tls, binary, get = false, compression }: Way): Subject {
  const { protocol, make } = TRANSPORTS[transport];
  const words = [
    transport,
    binary ? 'proto' : 'JSON',
    `HTTP/${httpVersion}`,
    tls ? 'TLS' : 'plain',
    ...(get ? ['GET'] : []),
    ...(compression === undefined ? [] : [compression]),
  ];
  const packed = compression === 'br' ? compressionBrotli : compressionGzip;
  return {
    name: `connect-node, ${words.join(', ')}`,
    protocol,
    tls,
    json: !binary,
    get,
    ...(compression !== undefined && { compression }),
    ...(httpVersion === '1.1' && { lacks: HALF_DUPLEX }),
    open(target) {
      const options = {
        baseUrl: urlOf(target),
        httpVersion,
        useBinaryFormat: binary,
        useHttpGet: get,
        nodeOptions: { ca: target.ca },
        acceptCompression: compression === undefined ? [] : [packed],
        ...(compression !== undefined && { sendCompression: packed, compressMinBytes: 0 }),
      };
      if (httpVersion === '1.1') return connectClient(make(options));
      const sessionManager = new Http2SessionManager(urlOf(target), undefined, { ca: target.ca });
      const client = connectClient(make({ ...options, sessionManager }));
      // It forgets to read the end of a client stream that was refused, and so would never leave by itself.
      return { ...client, close: () => sessionManager.abort() };
    },
  };
}

const both = [false, true];
const plainWays = (['Connect', 'gRPC-Web', 'gRPC'] as const).flatMap((transport) =>
  (transport === 'gRPC' ? (['2'] as const) : (['1.1', '2'] as const)).flatMap((httpVersion) =>
    both.flatMap((tls) => both.map((binary) => ({ transport, httpVersion, tls, binary }))),
  ),
);

const special = [
  // Each with a codec and a version of HTTP of its own.
  { transport: 'Connect', httpVersion: '1.1', tls: false, binary: true, get: true },
  { transport: 'Connect', httpVersion: '1.1', tls: true, binary: false, get: true },
  { transport: 'Connect', httpVersion: '2', tls: false, binary: false, get: true },
  { transport: 'Connect', httpVersion: '2', tls: true, binary: true, get: true },
  { transport: 'Connect', httpVersion: '1.1', tls: false, binary: true, compression: 'gzip' },
  { transport: 'Connect', httpVersion: '2', tls: true, binary: false, compression: 'gzip' },
  { transport: 'Connect', httpVersion: '1.1', tls: true, binary: false, compression: 'br' },
  {
    transport: 'Connect',
    httpVersion: '2',
    tls: false,
    binary: true,
    get: true,
    compression: 'br',
  },
  { transport: 'gRPC-Web', httpVersion: '2', tls: false, binary: true, compression: 'gzip' },
  { transport: 'gRPC-Web', httpVersion: '1.1', tls: false, binary: false, compression: 'br' },
  { transport: 'gRPC', httpVersion: '2', tls: true, binary: true, compression: 'gzip' },
  { transport: 'gRPC', httpVersion: '2', tls: false, binary: true, compression: 'br' },
] as const;

clientCases([...plainWays, ...special].map(subject));
