/**
 * Keys that people have a reason to write and that this version refuses: features that are planned, and settings of another place.
 * Each has its reason, which ends the sentence "expected nothing here, …".
 */
type Reasons = Readonly<Record<string, string>>;

/** Settings whose feature does not exist yet; refused wherever settings may stand. */
const SETTINGS: readonly string[] = [
  'auth',
  'rateLimit',
  'concurrency',
  'retry',
  'breaker',
  'mirror',
  'cache',
  'policies',
  'websocket',
];

const COMPRESSION =
  '"compression" of messages to a service stands at its upstream, "answerCompression" is for clients';

/** At the top of a configuration. */
export const REFUSED_AT_TOP: Reasons = {
  ...notYet(
    ...SETTINGS,
    'trustedProxies',
    'forward',
    'tracing',
    'telemetry',
    'metrics',
    'openapi',
    'adapters',
    'reload',
  ),
  ...standsAt('an upstream', 'endpoints', 'schema', 'rules', 'protocol', 'connections'),
  compression: COMPRESSION,
  ...standsAt('the "schema" of an upstream', 'protos', 'importPaths', 'descriptorSet'),
  ...standsAt('"listen"', 'port', 'host'),
  tls: 'TLS to a service is set by "tls" of its upstream, TLS of the listener by "tls" of "listen"',
};

export const REFUSED_AT_LISTEN: Reasons = {
  ...notYet('proxyProtocol', 'unix', 'path', 'http2', 'http3', 'backlog'),
};

export const REFUSED_AT_LISTEN_TLS: Reasons = {
  ...notYet('ca', 'ciphers', 'minVersion', 'passphrase', 'ocsp', 'crl'),
  rejectUnauthorized: 'a client without a certificate of "clientCa" never gets in',
};

export const REFUSED_AT_LISTEN_LIMITS: Reasons = {
  headers: 'their size is "limits.headers" at the top, their number "headerCount"',
  message: 'a setting of routes: it stands in "limits"',
};

export const REFUSED_AT_ADMIN: Reasons = { ...notYet('tls', 'auth') };

export const REFUSED_AT_LOG: Reasons = { ...notYet('sample', 'format', 'file', 'redact') };

export const REFUSED_AT_UPSTREAM: Reasons = {
  ...notYet(...SETTINGS, 'balance', 'loadBalancing', 'health', 'healthCheck', 'discovery'),
  pool: 'connections are limited by "connections"',
  keepalive: '"keepalive" stands at "connections"',
  ...standsAt(
    'the "schema" of an upstream',
    'protos',
    'importPaths',
    'descriptorSet',
    'reflection',
  ),
  ...standsAt('a route', 'services'),
  ...standsAt('the top', 'drain', 'log', 'listen', 'admin'),
};

export const REFUSED_AT_ROUTE: Reasons = {
  ...notYet(...SETTINGS, 'path', 'host', 'methods', 'verbs', 'headers', 'weight', 'rewrite'),
  ...standsAt('an upstream', 'tls', 'schema', 'endpoints', 'rules', 'protocol', 'connections'),
  compression: COMPRESSION,
  ...standsAt('the top', 'drain', 'log', 'listen', 'admin'),
};

export const REFUSED_AT_ENDPOINT: Reasons = {
  weight: '"weight" does not exist yet: calls go round robin over the endpoints',
  ...standsAt('an upstream', 'tls', 'protocol'),
};

const ALWAYS_VERIFIED =
  'the certificate of an upstream is always verified: name a private authority as "ca" and another host name as "serverName"';

export const REFUSED_AT_TLS: Reasons = {
  rejectUnauthorized: ALWAYS_VERIFIED,
  insecure: ALWAYS_VERIFIED,
  insecureSkipVerify: ALWAYS_VERIFIED,
  ...notYet('passphrase', 'pfx', 'ciphers', 'minVersion', 'crl'),
};

export const REFUSED_AT_LIMITS: Reasons = {
  headers: 'headers are read before a route is known: "limits.headers" stands at the top',
  ...notYet('connections', 'requests', 'concurrency', 'rate'),
};

/** Values of `protocol` that will exist. */
export const LATER_PROTOCOLS: readonly string[] = ['websocket', 'grpc-web', 'connect', 'soap'];

function notYet(...names: readonly string[]): Reasons {
  return Object.fromEntries(names.map((name) => [name, `"${name}" does not exist yet`]));
}

function standsAt(place: string, ...names: readonly string[]): Reasons {
  return Object.fromEntries(names.map((name) => [name, `"${name}" stands at ${place}`]));
}
