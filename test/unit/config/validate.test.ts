import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as refused from '../../../src/config/not-yet.ts';
import { ConfigError, formatProblem } from '../../../src/config/problem.ts';
import { findProblems, validate } from '../../../src/config/validate.ts';
import { right, route, upstream, withRoute, withUpstream, WRONG } from './wrong-configs.ts';
import { WRONG_CONNECTIONS } from './wrong-connections.ts';
import { WRONG_HTTP } from './wrong-http-upstreams.ts';

function lines(config: unknown): string[] {
  return findProblems(config).map(formatProblem);
}

for (const wrong of [...WRONG, ...WRONG_CONNECTIONS, ...WRONG_HTTP]) {
  test(`wrong configuration: ${wrong.name}`, () => {
    assert.deepEqual(lines(wrong.config), wrong.lines);
  });
}

const PEM = { cert: 'a', key: 'b' };

/** Where the keys of each table are refused. */
const PLACES: readonly [string, Readonly<Record<string, string>>, (key: string) => unknown][] = [
  ['', refused.REFUSED_AT_TOP, (key) => right({ [key]: {} })],
  ['listen.', refused.REFUSED_AT_LISTEN, (key) => right({ listen: { [key]: {} } })],
  ['admin.', refused.REFUSED_AT_ADMIN, (key) => right({ admin: { [key]: {} } })],
  ['log.', refused.REFUSED_AT_LOG, (key) => right({ log: { [key]: {} } })],
  ['upstreams.a.', refused.REFUSED_AT_UPSTREAM, (key) => withUpstream({ [key]: {} })],
  [
    'listen.tls.',
    refused.REFUSED_AT_LISTEN_TLS,
    (key) => right({ listen: { tls: { ...PEM, [key]: {} } } }),
  ],
  [
    'listen.limits.',
    refused.REFUSED_AT_LISTEN_LIMITS,
    (key) => right({ listen: { limits: { [key]: {} } } }),
  ],
  ['upstreams.a.tls.', refused.REFUSED_AT_TLS, (key) => withUpstream({ tls: { [key]: {} } })],
  [
    'upstreams.a.endpoints[0].',
    refused.REFUSED_AT_ENDPOINT,
    (key) => withUpstream({ endpoints: [{ address: 'h:1', [key]: {} }] }),
  ],
  ['routes[0].', refused.REFUSED_AT_ROUTE, (key) => withRoute({ [key]: {} })],
  ['routes[0].limits.', refused.REFUSED_AT_LIMITS, (key) => withRoute({ limits: { [key]: {} } })],
];

for (const [place, reasons, make] of PLACES) {
  for (const [key, reason] of Object.entries(reasons)) {
    test(`refused with its reason: ${place}${key}`, () => {
      assert.deepEqual(lines(make(key)), [
        `${place}${key}: expected nothing here, ${reason}, found an object`,
      ]);
    });
  }
}

test('what design.md names and does not exist yet says so at each place where it may stand', () => {
  for (const key of ['auth', 'rateLimit', 'concurrency', 'retry', 'breaker', 'mirror']) {
    for (const [place, make] of [
      ['', right],
      ['upstreams.a.', withUpstream],
      ['routes[0].', withRoute],
    ] as const) {
      assert.deepEqual(lines(make({ [key]: true })), [
        `${place}${key}: expected nothing here, "${key}" does not exist yet, found true`,
      ]);
    }
  }
  assert.deepEqual(lines(withRoute({ path: '/orders/**' })), [
    'routes[0].path: expected nothing here, "path" does not exist yet, found "/orders/**"',
  ]);
});

test('a compression that requests cannot have', () => {
  assert.deepEqual(lines(withUpstream({ compression: 'zstd' })), [
    'upstreams.a.compression: expected "identity", "gzip", found "zstd"',
  ]);
});

for (const protocol of refused.LATER_PROTOCOLS) {
  test(`a protocol that does not exist yet: ${protocol}`, () => {
    assert.deepEqual(lines(withUpstream({ protocol })), [
      `upstreams.a.protocol: expected "grpc", "http" ("${protocol}" does not exist yet), found "${protocol}"`,
    ]);
  });
}

const RIGHT: readonly [string, unknown][] = [
  ['the smallest', right()],
  ['any port twice', right({ listen: { port: 0 }, admin: { port: 0 } })],
  [
    'one port on two addresses',
    right({ listen: { port: 80, host: '10.0.0.1' }, admin: { port: 80 } }),
  ],
  ['no admin port', right({ listen: { port: 9901 }, admin: false })],
  ['an IPv6 listener', right({ listen: { host: '::' } })],
  [
    'addresses of all kinds',
    withUpstream({
      endpoints: ['[::1]:1', 'my_service.ns.svc.:2', '10.0.0.1:3', { address: 'h:4' }],
    }),
  ],
  ['tls without files', withUpstream({ tls: true })],
  ['tls with nothing said', withUpstream({ tls: {} })],
  ['mutual tls', withUpstream({ tls: { ca: 'a', cert: 'b', key: 'c', serverName: 'd.example' } })],
  ['undefined is nothing', withUpstream({ tls: undefined, timeout: undefined })],
  ['an object without a prototype', Object.assign(Object.create(null), right())],
  [
    'a service of its own and the rest',
    right({ routes: [route, { services: ['a.B'], upstream: 'a' }] }),
  ],
  [
    'the rest of two upstreams',
    right({
      upstreams: { a: upstream, b: upstream },
      routes: [route, { services: ['*'], upstream: 'b' }],
    }),
  ],
  [
    'credentials for one origin',
    right({ cors: { origins: ['https://a.example'], credentials: true } }),
  ],
];

for (const [name, config] of RIGHT) {
  test(`right configuration: ${name}`, () => {
    assert.deepEqual(lines(config), []);
    assert.equal(validate(config), config);
  });
}

test('the error prints every problem on its own line below where they are', () => {
  const config = right({ listen: { port: -1 }, drain: 'soon' });
  assert.throws(
    () => validate(config, 'gateway.config.ts'),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.problems.length, 2);
      const [first, second, third] = error.message.split('\n');
      assert.equal(first, 'gateway.config.ts: 2 problems');
      assert.equal(second, '  listen.port: expected a port from 0 to 65535, found -1');
      assert.match(third ?? '', /^ {2}drain: expected a duration/);
      return true;
    },
  );
});

test('a long value is cut in a message', () => {
  const [line] = lines(withRoute({ upstream: 'x'.repeat(500) }));
  assert.ok(line !== undefined && line.length < 200);
});

test('whatever stands where, validation names it and never throws', () => {
  const anything = fc.anything({ withNullPrototype: true, withSparseArray: true, withDate: true });
  const keys = fc.constantFrom(
    'listen',
    'admin',
    'upstreams',
    'routes',
    'cors',
    'metadata',
    'limits',
    'stream',
  );
  const inner = fc.dictionary(
    fc.constantFrom(
      'a',
      'services',
      'upstream',
      'endpoints',
      'schema',
      'tls',
      'in',
      'origins',
      'protos',
    ),
    anything,
  );
  const value = fc.oneof(anything, inner, fc.array(inner), fc.dictionary(fc.constant('a'), inner));
  fc.assert(
    fc.property(fc.oneof(anything, fc.dictionary(keys, value)), (config) => {
      for (const line of lines(config)) assert.match(line, /expected .+, found .+/s);
    }),
    { numRuns: 300, seed: 1 },
  );
});
