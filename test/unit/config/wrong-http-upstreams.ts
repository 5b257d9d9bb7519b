/** Wrong upstreams of the protocol `http`, and every line that each is answered with. */
import { route, type Wrong } from './wrong-configs.ts';

export const WRONG_HTTP: readonly Wrong[] = [
  {
    name: 'an HTTP upstream',
    config: {
      upstreams: {
        a: {
          protocol: 'http',
          endpoints: [
            '127.0.0.1:9001',
            'grpc://h:1',
            'http://user:pw@h',
            'http://h?x',
            'http://h#x',
            'http://h/a/../b',
            'http://h/%2e%2E/b',
            'http://h//a',
            'http://h/a b',
            'http://h/\r\nx: y',
            'http://h:0',
            'http://',
            { address: 'h:1' },
          ],
          schema: { reflection: true },
          tls: true,
          compression: 'gzip',
          connections: { warm: 1, keepalive: false, maxAge: '1h' },
        },
      },
      routes: [route],
    },
    lines: [
      ...[
        '127.0.0.1:9001',
        'grpc://h:1',
        'http://user:pw@h',
        'http://h?x',
        'http://h#x',
        'http://h/a/../b',
        'http://h/%2e%2E/b',
        'http://h//a',
        'http://h/a b',
        'http://h/\r\nx: y',
        'http://h:0',
        'http://',
      ].map(
        (url, index) =>
          `upstreams.a.endpoints[${index}]: expected a URL as "http://127.0.0.1:9001", with a path or without, found ${JSON.stringify(url)}`,
      ),
      'upstreams.a.endpoints[12].address: expected a URL as "http://127.0.0.1:9001", with a path or without, found "h:1"',
      'upstreams.a.schema: expected protos or descriptorSet, since a service that speaks HTTP has no reflection, found reflection',
      'upstreams.a.compression: expected "identity", since requests to a service that speaks HTTP are not compressed, found "gzip"',
      'upstreams.a.connections.warm: expected nothing here, since "warm" is for HTTP/2 and "http" is not "2", found 1',
      'upstreams.a.connections.maxAge: expected nothing here, since "maxAge" is for HTTP/2 and "http" is not "2", found "1h"',
      'upstreams.a.connections.keepalive: expected nothing here, since "keepalive" is for HTTP/2 and "http" is not "2", found false',
      'upstreams.a.tls: expected nothing here, since no endpoint has the scheme https, found true',
    ],
  },
  {
    name: 'HTTP versions that are none, and HTTP/2 with more warm connections than there may be',
    config: {
      upstreams: {
        a: {
          protocol: 'http',
          endpoints: ['http://h'],
          schema: { protos: ['a.proto'] },
          connections: { http: 2 },
        },
        b: {
          protocol: 'http',
          endpoints: ['http://h'],
          schema: { protos: ['a.proto'] },
          connections: { http: '2', warm: 3, max: 2 },
        },
        c: {
          protocol: 'grpc',
          endpoints: ['h:1'],
          schema: { protos: ['a.proto'] },
          connections: { http: '2' },
        },
      },
      routes: [route],
    },
    lines: [
      'upstreams.a.connections.http: expected "1.1", "2", found 2',
      'upstreams.b.connections.warm: expected at most "max", which is 2, found 3',
      'upstreams.c.connections.http: expected nothing here, since gRPC is HTTP/2, found "2"',
    ],
  },
];
