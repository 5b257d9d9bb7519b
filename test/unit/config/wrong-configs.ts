/** Wrong configurations and every line that each is answered with. */

/** The smallest configuration that is right. */
export const upstream: Readonly<Record<string, unknown>> = {
  protocol: 'grpc',
  endpoints: ['127.0.0.1:50051'],
  schema: { reflection: true },
};
export const route: Readonly<Record<string, unknown>> = { services: '*', upstream: 'a' };

export function right(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { upstreams: { a: upstream }, routes: [route], ...changes };
}

export function withUpstream(changes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return right({ upstreams: { a: { ...upstream, ...changes } } });
}

export function withRoute(changes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return right({ routes: [{ ...route, ...changes }] });
}

export interface Wrong {
  readonly name: string;
  readonly config: unknown;
  readonly lines: readonly string[];
}

export const DURATION =
  'a duration from 1 ms to 24 h, as "250ms", "5s", "2m", "1h" or a number of milliseconds';
const SIZE = 'a size from 1 byte to 2 gb, as "512b", "64kb", "4mb" or a number of bytes';
const NAME =
  'the name of metadata (letters, digits, "-", "_" and "."; none of the transport\'s and no grpc-*)';
const SCHEMA = 'an object with one of protos, descriptorSet and reflection';

export const WRONG: readonly Wrong[] = [
  { name: 'no object', config: 'x', lines: ['expected an object, found "x"'] },
  { name: 'null', config: null, lines: ['expected an object, found null'] },
  {
    name: 'a promise',
    config: Promise.resolve({}),
    lines: ['expected an object, found a promise'],
  },
  {
    name: 'nothing in it',
    config: {},
    lines: [
      'upstreams: expected an object with at least one upstream by name, found nothing',
      'routes: expected a list with at least one route, found nothing',
    ],
  },
  {
    name: 'reflection at the top that is neither',
    config: right({ reflection: 'v1' }),
    lines: ['reflection: expected true or false, found "v1"'],
  },
  {
    name: 'nothing in the parts',
    config: { upstreams: {}, routes: [] },
    lines: [
      'upstreams: expected an object with at least one upstream by name, found an empty object',
      'routes: expected a list with at least one route, found an empty list',
    ],
  },
  {
    name: 'nothing in an upstream and a route',
    config: { upstreams: { a: {} }, routes: [{}] },
    lines: [
      'upstreams.a.protocol: expected "grpc", "http", found nothing',
      'upstreams.a.endpoints: expected a list with at least one endpoint, found nothing',
      `upstreams.a.schema: expected ${SCHEMA}, found nothing`,
      'routes[0].services: expected a list with at least one service, found nothing',
      'routes[0].upstream: expected the name of an upstream, found nothing',
    ],
  },
  {
    name: 'misspelt keys at every place',
    config: {
      ...right({ listen: { prot: 1 }, admin: { hots: 'x' }, log: { levle: 'info' }, drian: '1s' }),
      upstreams: { a: { ...upstream, rule: 'x.yaml' } },
      routes: [{ ...route, strictnes: 'warn' }],
    },
    lines: [
      'listen.prot: expected a key of the listener (did you mean "port"?), found "prot"',
      'admin.hots: expected a key of the admin port (did you mean "host"?), found "hots"',
      'log.levle: expected a key of the log (did you mean "level"?), found "levle"',
      'upstreams.a.rule: expected a key of an upstream (did you mean "rules"?), found "rule"',
      'routes[0].strictnes: expected a key of a route (did you mean "strictness"?), found "strictnes"',
      'drian: expected a key of a configuration (did you mean "drain"?), found "drian"',
    ],
  },
  {
    name: 'two unknown keys without a neighbour',
    config: right({ listen: { zzzzzz: 1, yyyyyy: 2 } }),
    lines: [
      'listen.zzzzzz: expected a key of the listener (port, host, tls, limits), found "zzzzzz"',
      'listen.yyyyyy: expected a key of the listener (port, host, tls, limits), found "yyyyyy"',
    ],
  },
  {
    name: 'a key that objects inherit',
    config: right({ listen: { constructor: 1 } }),
    lines: [
      'listen.constructor: expected a key of the listener (port, host, tls, limits), found "constructor"',
    ],
  },
  {
    name: 'TLS of the listener',
    config: right({
      listen: { tls: { cert: '-----BEGIN CERTIFICATE-----\nMIIE', certificates: [], plain: 1 } },
    }),
    lines: [
      'listen.tls.cert: expected the path of a PEM file, found PEM text',
      'listen.tls.key: expected the path of a PEM file, found nothing',
      'listen.tls.certificates: expected a list with at least one certificate, found an empty list',
      'listen.tls.plain: expected true or false, found 1',
    ],
  },
  {
    name: 'limits of the listener',
    config: right({
      listen: { limits: { connections: 0, headerCount: 2_001, head: 'soon', headers: '8kb' } },
    }),
    lines: [
      'listen.limits.connections: expected a whole number from 1 to 10000000, found 0',
      'listen.limits.head: expected a duration from 1 ms to 24 h, as "250ms", "5s", "2m", "1h" or a number of milliseconds, found "soon"',
      'listen.limits.headerCount: expected a whole number from 1 to 2000, found 2001',
      'listen.limits.headers: expected nothing here, their size is "limits.headers" at the top, their number "headerCount", found "8kb"',
    ],
  },
  {
    name: 'ports and hosts',
    config: right({ listen: { port: '8080', host: 'a b' }, admin: { port: 65_536, host: '' } }),
    lines: [
      'listen.port: expected a port from 0 to 65535, found "8080"',
      'listen.host: expected a host name or an IP address, found "a b"',
      'admin.port: expected a port from 0 to 65535, found 65536',
      'admin.host: expected a host name or an IP address, found ""',
    ],
  },
  {
    name: 'listen and admin on one port',
    config: right({ listen: { port: 9901 } }),
    lines: ['admin.port: expected another port than "listen", found 9901'],
  },
  {
    name: 'admin is neither keys nor false',
    config: right({ admin: true, log: { level: 'loud', access: 'yes' } }),
    lines: [
      'admin: expected an object or false, found true',
      'log.level: expected "fatal", "error", "warn", "info", "debug", "trace", "silent", found "loud"',
      'log.access: expected true or false, found "yes"',
    ],
  },
  {
    name: 'endpoints',
    config: withUpstream({
      endpoints: [
        'localhost',
        'grpcs://h:1',
        'h:0',
        'h:65536',
        '::1:80',
        '[::1]',
        '[::x]:80',
        5,
        { address: 'h' },
        { address: 'h:1', weight: 2 },
      ],
    }),
    lines: [
      'upstreams.a.endpoints[0]: expected host:port or [v6]:port, found "localhost"',
      'upstreams.a.endpoints[1]: expected host:port or [v6]:port without a scheme (TLS is set by "tls" of the upstream), found "grpcs://h:1"',
      'upstreams.a.endpoints[2]: expected host:port or [v6]:port, found "h:0"',
      'upstreams.a.endpoints[3]: expected host:port or [v6]:port, found "h:65536"',
      'upstreams.a.endpoints[4]: expected host:port or [v6]:port, found "::1:80"',
      'upstreams.a.endpoints[5]: expected host:port or [v6]:port, found "[::1]"',
      'upstreams.a.endpoints[6]: expected host:port or [v6]:port, found "[::x]:80"',
      'upstreams.a.endpoints[7]: expected host:port or [v6]:port, found 5',
      'upstreams.a.endpoints[8].address: expected host:port or [v6]:port, found "h"',
      'upstreams.a.endpoints[9].weight: expected nothing here, "weight" does not exist yet: calls go round robin over the endpoints, found 2',
    ],
  },
  {
    name: 'an endpoint twice',
    config: withUpstream({ endpoints: ['h:1', 'i:1', 'h:1'] }),
    lines: [
      'upstreams.a.endpoints[2]: expected no endpoint that is in the list already, at upstreams.a.endpoints[0], found "h:1"',
    ],
  },
  {
    name: 'the name of an upstream',
    config: { upstreams: { 'a b': upstream }, routes: [{ services: '*', upstream: 'a b' }] },
    lines: ['upstreams["a b"]: expected a name of letters, digits, "-", "_" and ".", found "a b"'],
  },
  {
    name: 'two sources of a schema',
    config: withUpstream({ schema: { descriptorSet: 'x.binpb', protos: ['a.proto', 7] } }),
    lines: [
      `upstreams.a.schema: expected ${SCHEMA}, found protos and descriptorSet`,
      'upstreams.a.schema.protos[1]: expected the path of a file, found 7',
    ],
  },
  {
    name: 'no source of a schema',
    config: withUpstream({ schema: { proto: ['a.proto'] } }),
    lines: [
      `upstreams.a.schema: expected ${SCHEMA}, found none of them`,
      'upstreams.a.schema.proto: expected a key of a schema (did you mean "protos"?), found "proto"',
    ],
  },
  {
    name: 'reflection that is not true, with import paths',
    config: withUpstream({ schema: { reflection: 'v1', importPaths: ['protos'] } }),
    lines: [
      'upstreams.a.schema.importPaths: expected protos beside it, found none',
      'upstreams.a.schema.reflection: expected true, found "v1"',
    ],
  },
  {
    name: 'half a key pair, verification off, a private key in place of its path',
    config: withUpstream({
      tls: { key: '-----BEGIN PRIVATE KEY-----\nMIIE', rejectUnauthorized: false },
    }),
    lines: [
      'upstreams.a.tls.key: expected the path of a PEM file, found PEM text',
      'upstreams.a.tls.rejectUnauthorized: expected nothing here, the certificate of an upstream is always verified: name a private authority as "ca" and another host name as "serverName", found false',
      'upstreams.a.tls.cert: expected a file beside "key", found nothing',
    ],
  },
  {
    name: 'tls is neither keys nor true',
    config: withUpstream({ tls: false }),
    lines: ['upstreams.a.tls: expected an object or true, found false'],
  },
  {
    name: 'an upstream that does not exist',
    config: withRoute({ upstream: 'b' }),
    lines: ['routes[0].upstream: expected the name of an upstream (did you mean "a"?), found "b"'],
  },
  {
    name: 'an upstream that has no text',
    config: right({ routes: [{ services: '*', upstream: Object.create(null) as unknown }] }),
    lines: ['routes[0].upstream: expected the name of an upstream, found an object'],
  },
  {
    name: 'an upstream that resembles none',
    config: withRoute({ upstream: 'payments' }),
    lines: ['routes[0].upstream: expected the name of an upstream (a), found "payments"'],
  },
  {
    name: 'names of services',
    config: withRoute({ services: ['.a.B', 'a/B', 'a.*', 'a.B', 'a.B'] }),
    lines: [
      'routes[0].services[0]: expected the full name of a service, as pkg.Service, or "*", found ".a.B"',
      'routes[0].services[1]: expected the full name of a service, as pkg.Service, or "*", found "a/B"',
      'routes[0].services[2]: expected the full name of a service, as pkg.Service, or "*", found "a.*"',
      'routes[0].services[4]: expected no service that is in the list already, at routes[0].services[3], found "a.B"',
    ],
  },
  {
    name: 'a service of two routes',
    config: right({
      routes: [
        { services: ['a.B'], upstream: 'a' },
        { services: ['a.B'], upstream: 'a' },
      ],
    }),
    lines: [
      'routes[1].services: expected services that no other route has, found "a.B", as in routes[0].services',
    ],
  },
  {
    name: 'the rest of one upstream twice',
    config: right({ routes: [route, { services: ['*'], upstream: 'a' }] }),
    lines: [
      'routes[1].services: expected services that no other route has, found "*", as in routes[0].services',
    ],
  },
  {
    name: 'settings of the wrong kind',
    config: withRoute({
      strictness: 'loose',
      stream: { format: 'xml', wrap: true },
      timeout: '5 s',
      idle: 0,
      json: { emitDefaults: 1, int64: 'bigint', pretty: 'yes', emitdefaults: true },
      limits: { body: '4MB', message: -1, depth: 1.5 },
      unaryJson: 'both',
      answerCompression: { minSize: '1k', codings: ['gzip', 'lz4'], level: 9 },
    }),
    lines: [
      'routes[0].strictness: expected "reject", "warn", "ignore", found "loose"',
      'routes[0].stream.format: expected "ndjson", "sse", "json-array", found "xml"',
      'routes[0].stream.wrap: expected "result" or false, found true',
      'routes[0].json.emitDefaults: expected true or false, found 1',
      'routes[0].json.int64: expected "string", "number", found "bigint"',
      'routes[0].json.pretty: expected true or false, found "yes"',
      'routes[0].json.emitdefaults: expected a key of json (did you mean "emitDefaults"?), found "emitdefaults"',
      `routes[0].timeout: expected ${DURATION}, or false, found "5 s"`,
      `routes[0].idle: expected ${DURATION}, found 0`,
      `routes[0].limits.body: expected ${SIZE}, found "4MB"`,
      `routes[0].limits.message: expected ${SIZE}, found -1`,
      'routes[0].limits.depth: expected a whole number from 1 to 10000, found 1.5',
      'routes[0].unaryJson: expected "rest", "connect", found "both"',
      `routes[0].answerCompression.minSize: expected ${SIZE}, found "1k"`,
      'routes[0].answerCompression.codings[1]: expected "zstd", "br", "gzip", "deflate", found "lz4"',
      'routes[0].answerCompression.level: expected a key of the compression of answers (minSize, codings), found "level"',
    ],
  },
  {
    name: 'a limit that no route can have',
    config: withRoute({ limits: { headers: '8kb' } }),
    lines: [
      'routes[0].limits.headers: expected nothing here, headers are read before a route is known: "limits.headers" stands at the top, found "8kb"',
    ],
  },
  {
    name: 'times out of bounds',
    config: right({ drain: '25h', timeout: '0.5ms' }),
    lines: [
      `drain: expected ${DURATION}, found "25h"`,
      `timeout: expected ${DURATION}, or false, found "0.5ms"`,
    ],
  },
  {
    name: 'metadata',
    config: withUpstream({
      metadata: {
        in: { allow: ['x y'], deny: 'x', rename: { a: 'b-bin', connection: 'grpc-x', c: 1 } },
        up: {},
      },
    }),
    lines: [
      `upstreams.a.metadata.in.allow[0]: expected ${NAME}, found "x y"`,
      'upstreams.a.metadata.in.deny: expected a list with at least one name, found "x"',
      'upstreams.a.metadata.in.rename.a: expected both names or none to end in "-bin", found "b-bin"',
      `upstreams.a.metadata.in.rename.connection: expected ${NAME}, found "connection"`,
      `upstreams.a.metadata.in.rename.connection: expected ${NAME}, found "grpc-x"`,
      `upstreams.a.metadata.in.rename.c: expected ${NAME}, found 1`,
      'upstreams.a.metadata.up: expected a key of metadata (in, out), found "up"',
    ],
  },
  {
    name: 'cors',
    config: right({
      cors: {
        origins: ['https://a.example/', 'a.example', 'null', 'https://ok.example:8443'],
        headers: ['x y'],
        methods: ['GET'],
        maxAge: 'long',
      },
    }),
    lines: [
      'cors.origins[0]: expected an origin as browsers send it, as "https://app.example.com", found "https://a.example/"',
      'cors.origins[1]: expected an origin as browsers send it, as "https://app.example.com", found "a.example"',
      'cors.origins[2]: expected an origin as browsers send it, as "https://app.example.com", found "null"',
      'cors.headers[0]: expected the name of a header, found "x y"',
      `cors.maxAge: expected ${DURATION}, found "long"`,
      'cors.methods: expected nothing here, the verbs are those of the routes, found a list of 1',
    ],
  },
  {
    name: 'credentials for everybody',
    config: withRoute({ cors: { origins: '*', credentials: true } }),
    lines: [
      'routes[0].cors.origins: expected origins by name, since "credentials" is true, found "*"',
    ],
  },
  {
    name: 'cors is neither keys nor false',
    config: right({ cors: '*' }),
    lines: ['cors: expected an object or false, found "*"'],
  },
];
