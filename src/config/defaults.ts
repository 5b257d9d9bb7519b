/** Every default of the configuration, in one place, each with its reason. docs/limits.md is made from {@link DEFAULTS}. */
import { parseDuration, parseSize } from './units.ts';

interface Default {
  /** As a user would write it; null is "none". */
  readonly value: string | number | boolean | null;
  readonly reason: string;
}

/** By the path in the configuration; those of settings may stand at the top, at an upstream and at a route. */
export const DEFAULTS = {
  'listen.port': { value: 8080, reason: 'the usual port of HTTP services that may not use 80' },
  'listen.host': {
    value: '127.0.0.1',
    reason: 'nothing is offered to the network unless it is said',
  },
  'listen.tls': { value: null, reason: 'certificates are nothing that a gateway can guess' },
  'listen.tls.clientCa': { value: null, reason: 'most clients have no certificate' },
  'listen.tls.plain': {
    value: false,
    reason: 'a client that forgets TLS must notice before it has sent a secret',
  },
  'listen.limits.connections': {
    value: 20_000,
    reason: 'idle ones take a few kB each, and a process has file descriptors for so many',
  },
  'listen.limits.connectionsPerAddress': {
    value: 10_000,
    reason: 'no client takes all places, and a proxy in front, one address, has enough',
  },
  'listen.limits.calls': {
    value: 10_000,
    reason: 'what more calls would wait for here is better told to a balancer at once',
  },
  'listen.limits.firstByte': {
    value: '10s',
    reason: 'a TLS handshake over the worst link; who connects and says nothing wants nothing',
  },
  'listen.limits.head': {
    value: '10s',
    reason: 'a head is a few packets: what takes longer holds connections on purpose',
  },
  'listen.limits.body': {
    value: '30s',
    reason:
      'an upload may be slow, but something of it comes; a mobile link may be gone for a while',
  },
  'listen.limits.idle': {
    value: '1m',
    reason:
      'longer than most clients keep a connection, so that they close it and not we under a request',
  },
  'listen.limits.write': {
    value: '30s',
    reason: 'who reads nothing for so long keeps an answer in our memory for nobody',
  },
  'listen.limits.headerCount': { value: 100, reason: 'browsers send 20, proxies add some' },
  'listen.limits.target': {
    value: '8kb',
    reason: 'the least that RFC 9110 section 4.1 asks for, rounded up; part of `limits.headers`',
  },
  'listen.limits.pipelined': {
    value: '64kb',
    reason: 'some hundred small requests; a client that leaves is noticed as long as it is read',
  },
  'listen.limits.streams': { value: 100, reason: 'what RFC 9113 section 6.5.2 calls enough' },
  'listen.limits.resets': {
    value: 100,
    reason: 'a client that gives up calls does so now and then; rapid reset needs thousands',
  },
  'listen.limits.controlFrames': {
    value: 1_000,
    reason: 'clients that probe the bandwidth send a PING for every few frames of data',
  },
  'listen.limits.headerBlock': {
    value: '16kb',
    reason: 'that of `limits.headers`: compressed headers are no larger',
  },
  'listen.limits.headerTable': { value: '4kb', reason: 'the default of RFC 7541' },
  'admin.port': { value: 9901, reason: 'the port that admins know from other proxies' },
  'admin.host': {
    value: '127.0.0.1',
    reason: 'health and metrics tell more than a stranger should know',
  },
  'log.level': { value: 'info', reason: 'one line at start, one for each failed call' },
  'log.access': {
    value: false,
    reason: 'a line for each call is the largest fixed cost of a call',
  },
  'reflection (listen.host is loopback)': {
    value: true,
    reason: 'who develops on this machine can ask for everything with grpcurl',
  },
  'reflection (other hosts, and mounted)': {
    value: false,
    reason: 'a schema tells more than a stranger should know',
  },
  drain: {
    value: '10s',
    reason: 'long enough for most calls, shorter than the 30 s after which Kubernetes kills',
  },
  'limits.headers': { value: '16kb', reason: 'the bound of Node; larger heads are mostly attacks' },
  'limits.body': { value: '4mb', reason: 'what a gRPC server takes by default' },
  'limits.message': { value: '4mb', reason: 'what a gRPC client takes by default' },
  'limits.depth': {
    value: 100,
    reason: 'the bound of the protobuf libraries, far above what schemas nest',
  },
  'connections.http': {
    value: '1.1',
    reason:
      'protocol http: what every service speaks; without TLS none can be asked whether it speaks HTTP/2',
  },
  'connections.max': {
    value: 32,
    reason:
      'at each endpoint; with 100 streams each, which servers allow, more than a core can serve',
  },
  'connections.max (HTTP/1.1)': {
    value: 1_000,
    reason: 'at each endpoint; each carries one call, and a process has some thousand files',
  },
  'connections.maxPending': {
    value: 10_000,
    reason: 'at each endpoint; more calls than this are not a peak but a service that is down',
  },
  'connections.warm': {
    value: 0,
    reason: 'a service that nobody calls is not connected to; the first call pays a round trip',
  },
  'connections.connectTimeout': {
    value: '10s',
    reason: 'shorter than the default `timeout`, so that calls learn why they fail',
  },
  'connections.idleTimeout': {
    value: '5m',
    reason: 'below the 350 s after which balancers of clouds forget a silent connection',
  },
  'connections.idleTimeout (HTTP/1.1)': {
    value: '4s',
    reason: 'servers of Node close after 5 s; a request must not meet a closing connection',
  },
  'connections.maxAge': {
    value: '30m',
    reason: 'new instances behind a balancer of connections get their share; no call is cut for it',
  },
  'connections.keepalive.interval': {
    value: '5m',
    reason: 'gRPC servers end connections that ask more often, unless they are told otherwise',
  },
  'connections.keepalive.timeout': {
    value: '20s',
    reason: 'what gRPC clients wait; a service that is only slow answers a PING',
  },
  'connections.keepalive.withoutCalls': {
    value: false,
    reason:
      'gRPC servers allow it every two hours only, and `idleTimeout` ends the connection anyway',
  },
  strictness: {
    value: 'reject',
    reason: 'a misspelt field that is ignored is lost data',
  },
  'upstreams.*.compression': {
    value: 'identity',
    reason: 'between two machines of one network gzip costs more than it saves',
  },
  answerCompression: {
    value: false,
    reason:
      'it costs more than most calls do, programs ask for it without a wish, and a proxy in front may do it',
  },
  'answerCompression.minSize': {
    value: '1kb',
    reason: 'what is smaller fits into one packet anyway',
  },
  'answerCompression.codings': {
    value: 'zstd, br, gzip, deflate',
    reason: 'of equals the one that takes the least time',
  },
  'stream.format': {
    value: 'ndjson',
    reason: 'each line is a message that any client can read as it comes',
  },
  'stream.wrap': { value: false, reason: 'clients get the message that the service sent' },
  'stream.sse.heartbeat': {
    value: '15s',
    reason: 'proxies on the way cut what is silent for a minute or less',
  },
  'json.emitDefaults': {
    value: false,
    reason: 'as ProtoJSON has it: answers stay small, and what is missing is the default',
  },
  'json.enumsAsNumbers': { value: false, reason: 'names say what they mean, as in ProtoJSON' },
  'json.protoNames': { value: false, reason: 'lowerCamelCase, as in ProtoJSON' },
  'json.int64': {
    value: 'string',
    reason: 'as ProtoJSON has it: JavaScript rounds numbers beyond 2^53 without a word',
  },
  'json.pretty': {
    value: false,
    reason: 'line breaks and indentation are bytes that programs skip',
  },
  'json.caseInsensitiveEnums': {
    value: false,
    reason: 'as ProtoJSON has it: one value has one name',
  },
  unaryJson: {
    value: 'rest',
    reason:
      'clients of Connect say that they are; without a library REST has more: streams of JSON',
  },
  timeout: {
    value: '30s',
    reason:
      'unary and client-streaming methods: no caller waits longer for one answer; `false` leaves that to the deadlines of clients',
  },
  'timeout (server-streaming and bidi methods)': {
    value: null,
    reason: 'a stream may live as long as messages come; `idle` bounds it',
  },
  idle: {
    value: '5m',
    reason: 'a stream without messages for so long is forgotten, or its peer is gone',
  },
  'metadata.in': {
    value: null,
    reason:
      'all headers pass but those of the transport and of gRPC: services see what clients send',
  },
  'metadata.out': { value: null, reason: 'all metadata of the answer passes' },
  cors: { value: false, reason: 'pages of other sites may not call unless their origin is named' },
  'cors.headers': { value: null, reason: 'a page whose origin is allowed may send any header' },
  'cors.expose': { value: null, reason: 'browsers always show the headers that are safe' },
  'cors.credentials': {
    value: false,
    reason: 'with credentials a page acts in the name of the user',
  },
  'cors.maxAge': {
    value: '10m',
    reason: 'few preflights, and a change is seen by all within minutes',
  },
} as const;

type DefaultName = keyof typeof DEFAULTS;

type NameOf<Value> = {
  [Name in DefaultName]: (typeof DEFAULTS)[Name]['value'] extends Value ? Name : never;
}[DefaultName];

/** A default that is a duration, in milliseconds. */
export function defaultMs(name: NameOf<string>): number {
  return known(parseDuration(DEFAULTS[name].value), name);
}

/** A default that is a size, in bytes. */
export function defaultBytes(name: NameOf<string>): number {
  return known(parseSize(DEFAULTS[name].value), name);
}

/** A default that is a number. */
export function defaultCount(name: NameOf<number>): number {
  return DEFAULTS[name].value;
}

/** The defaults as rows of a Markdown table: key, default, reason. */
export function defaultsTable(): string {
  const rows = Object.entries<Default>(DEFAULTS).map(
    ([name, { value, reason }]) =>
      `| \`${name}\` | ${value === null ? 'none' : `\`${value}\``} | ${reason} |`,
  );
  return ['| key | default | reason |', '|---|---|---|', ...rows, ''].join('\n');
}

function known(value: number | undefined, name: DefaultName): number {
  if (value === undefined) throw new Error(`the default of ${name} has no unit`);
  return value;
}
