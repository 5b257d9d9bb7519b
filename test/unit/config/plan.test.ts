import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayConfig, SettingsConfig, UpstreamConfig } from '../../../src/config/define.ts';
import { makePlan, type Plan } from '../../../src/config/plan.ts';
import { resolveSettings } from '../../../src/config/settings.ts';

const SMALLEST = {
  upstreams: {
    a: { protocol: 'grpc', endpoints: ['127.0.0.1:50051'], schema: { reflection: true } },
  },
  routes: [{ services: '*', upstream: 'a' }],
} as const satisfies GatewayConfig;

function upstreamsWith(changes: Partial<UpstreamConfig>): Plan['upstreams'] {
  const upstreams = { a: { ...SMALLEST.upstreams.a, ...changes } };
  return makePlan({ ...SMALLEST, upstreams }, '/').upstreams;
}

function withSettings(
  top: SettingsConfig,
  upstream: SettingsConfig,
  route: SettingsConfig,
): GatewayConfig {
  return {
    ...top,
    upstreams: { a: { ...SMALLEST.upstreams.a, ...upstream } },
    routes: [{ ...SMALLEST.routes[0], ...route }],
  };
}

test('the smallest configuration is planned with the defaults', () => {
  const settings = {
    strictness: 'reject',
    stream: {
      format: 'ndjson',
      wrap: false,
      sse: { id: null, event: null, retry: null, lastEventId: null, heartbeatMs: 15_000 },
    },
    json: {
      emitDefaults: false,
      enumsAsNumbers: false,
      protoNames: false,
      int64: 'string',
      pretty: false,
      caseInsensitiveEnums: false,
    },
    timeoutMs: 30_000,
    streamTimeoutMs: Infinity,
    idleMs: 300_000,
    metadata: {
      in: { allow: null, deny: [], rename: {} },
      out: { allow: null, deny: [], rename: {} },
    },
    cors: null,
    limits: { bodyBytes: 4_194_304, messageBytes: 4_194_304, depth: 100 },
    unaryJson: 'rest',
    answerCompression: null,
  };
  assert.deepEqual(makePlan(SMALLEST, '/etc/gateway'), {
    baseDir: '/etc/gateway',
    listen: {
      host: '127.0.0.1',
      port: 8080,
      tls: null,
      limits: {
        connections: 20_000,
        connectionsPerAddress: 10_000,
        firstByteMs: 10_000,
        headMs: 10_000,
        bodyMs: 30_000,
        idleMs: 60_000,
        writeMs: 30_000,
        headerBytes: 16_384,
        headers: 100,
        targetBytes: 8_192,
        pipelinedBytes: 65_536,
        streams: 100,
        resetsPerSecond: 100,
        controlFramesPerSecond: 1_000,
        headerBlockBytes: 16_384,
        headerTableBytes: 4_096,
      },
      maxCalls: 10_000,
    },
    admin: { host: '127.0.0.1', port: 9901 },
    log: { level: 'info', access: false },
    reflection: 'local',
    drainMs: 10_000,
    settings,
    upstreams: [
      {
        name: 'a',
        protocol: 'grpc',
        endpoints: [{ address: '127.0.0.1:50051', host: '127.0.0.1', port: 50_051 }],
        schema: { kind: 'reflection' },
        rules: null,
        tls: null,
        compression: 'identity',
        connections: {
          max: 32,
          maxPending: 10_000,
          warm: 0,
          connectTimeoutMs: 10_000,
          idleTimeoutMs: 300_000,
          maxAgeMs: 1_800_000,
          keepalive: { intervalMs: 300_000, timeoutMs: 20_000, withoutStreams: false },
        },
        settings,
      },
    ],
    routes: [{ path: 'routes[0]', upstream: 'a', services: ['*'], settings }],
  });
});

test('connections: what is switched off has no bound, what is not said its default', () => {
  const connections = {
    max: 2,
    warm: 1,
    connectTimeout: '1s',
    idleTimeout: false,
    maxAge: false,
    keepalive: { interval: '30s', withoutCalls: true },
  } as const;
  const [upstream] = upstreamsWith({ connections });
  assert.deepEqual(upstream?.connections, {
    max: 2,
    maxPending: 10_000,
    warm: 1,
    connectTimeoutMs: 1_000,
    idleTimeoutMs: Infinity,
    maxAgeMs: Infinity,
    keepalive: { intervalMs: 30_000, timeoutMs: 20_000, withoutStreams: true },
  });
  const [silent] = upstreamsWith({ connections: { keepalive: false } });
  assert.ok(silent?.protocol === 'grpc');
  assert.equal(silent.connections.keepalive, null);
});

test('a plan is frozen all the way down', () => {
  const plan = makePlan(SMALLEST, '/');
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    assert.ok(Object.isFrozen(value));
    Object.values(value).forEach(visit);
  };
  visit(plan);
  assert.ok(seen.size > 10);
});

test('a configuration stays as it was, and unfrozen', () => {
  const endpoints = ['h:1'];
  const config: GatewayConfig = {
    upstreams: { a: { ...SMALLEST.upstreams.a, endpoints, schema: { protos: ['a.proto'] } } },
    routes: [{ services: ['a.B'], upstream: 'a', cors: { origins: ['https://a.example'] } }],
  };
  const before = structuredClone(config);
  makePlan(config, '/');
  assert.deepEqual(config, before);
  assert.ok(!Object.isFrozen(endpoints));
  assert.ok(!Object.isFrozen(config.routes[0]?.services));
});

test('the nearest place wins', () => {
  const plan = makePlan(
    withSettings(
      { strictness: 'ignore', timeout: '1s', idle: '1m' },
      { strictness: 'warn', timeout: '2s' },
      { strictness: 'reject' },
    ),
    '/',
  );
  assert.equal(plan.settings.strictness, 'ignore');
  assert.equal(plan.upstreams[0]?.settings.strictness, 'warn');
  assert.equal(plan.routes[0]?.settings.strictness, 'reject');
  assert.equal(plan.routes[0]?.settings.timeoutMs, 2000);
  assert.equal(plan.routes[0]?.settings.idleMs, 60_000);
});

test('the nearest place wins key by key within a setting', () => {
  const { limits, stream, json, metadata } = resolveSettings([
    {
      limits: { body: '1mb', depth: 7 },
      stream: { format: 'sse', sse: { id: 'id', event: 'x', heartbeat: '1m' } },
      json: { emitDefaults: true, int64: 'number' },
      metadata: { in: { deny: ['X-A'] } },
    },
    { limits: { body: '2mb' }, metadata: { out: { rename: { 'X-From': 'X-To' } } } },
    {
      limits: { message: 10 },
      json: { emitDefaults: false, pretty: true },
      stream: { wrap: 'result', sse: { event: 'kind', heartbeat: false } },
      metadata: { in: { allow: ['X-B'] } },
    },
  ]);
  assert.deepEqual(limits, { bodyBytes: 2_097_152, messageBytes: 10, depth: 7 });
  assert.deepEqual(stream, {
    format: 'sse',
    wrap: 'result',
    sse: { id: 'id', event: 'kind', retry: null, lastEventId: null, heartbeatMs: Infinity },
  });
  assert.deepEqual(json, {
    emitDefaults: false,
    enumsAsNumbers: false,
    protoNames: false,
    int64: 'number',
    pretty: true,
    caseInsensitiveEnums: false,
  });
  assert.deepEqual(metadata, {
    in: { allow: ['x-b'], deny: ['x-a'], rename: {} },
    out: { allow: null, deny: [], rename: { 'x-from': 'x-to' } },
  });
});

test('a timeout that is set holds for streams too, and so does none', () => {
  const set = resolveSettings([{ timeout: '5s' }]);
  assert.deepEqual([set.timeoutMs, set.streamTimeoutMs], [5000, 5000]);
  const none = resolveSettings([{ timeout: '5s' }, { timeout: false }]);
  assert.deepEqual([none.timeoutMs, none.streamTimeoutMs], [Infinity, Infinity]);
});

test('cors is taken whole, and a route can switch it off', () => {
  const top: SettingsConfig = {
    cors: {
      origins: ['https://a.example'],
      headers: ['X-A'],
      expose: ['X-B'],
      credentials: true,
      maxAge: '1h',
    },
  };
  assert.deepEqual(resolveSettings([top]).cors, {
    origins: ['https://a.example'],
    headers: ['x-a'],
    expose: ['X-B'],
    credentials: true,
    maxAgeMs: 3_600_000,
  });
  assert.deepEqual(resolveSettings([top, { cors: { origins: '*' } }]).cors, {
    origins: '*',
    headers: null,
    expose: [],
    credentials: false,
    maxAgeMs: 600_000,
  });
  assert.equal(resolveSettings([top, { cors: false }]).cors, null);
});

test('paths are absolute, protos as written', () => {
  const config: GatewayConfig = {
    admin: false,
    upstreams: {
      a: {
        protocol: 'grpc',
        endpoints: [{ address: '[::1]:1' }],
        schema: { protos: ['x/a.proto'], importPaths: ['protos', '/abs'] },
        rules: '../rules.yaml',
        tls: { ca: 'ca.pem', serverName: 'a.example' },
      },
      b: { protocol: 'grpc', endpoints: ['h:2'], schema: { descriptorSet: 'x.binpb' }, tls: true },
    },
    routes: [{ services: ['a.B', 'a.C'], upstream: 'b' }],
  };
  const { admin, upstreams, routes } = makePlan(config, '/etc/gateway');
  const [a, b] = upstreams;
  assert.equal(admin, null);
  assert.deepEqual(a?.schema, {
    kind: 'protos',
    protos: ['x/a.proto'],
    importPaths: ['/etc/gateway/protos', '/abs'],
  });
  assert.deepEqual(a?.endpoints, [{ address: '[::1]:1', host: '::1', port: 1 }]);
  assert.equal(a?.rules, '/etc/rules.yaml');
  assert.deepEqual(a?.tls, {
    ca: '/etc/gateway/ca.pem',
    cert: null,
    key: null,
    serverName: 'a.example',
  });
  assert.deepEqual(b?.schema, { kind: 'descriptorSet', file: '/etc/gateway/x.binpb' });
  assert.deepEqual(b?.tls, { ca: null, cert: null, key: null, serverName: null });
  assert.deepEqual(routes[0]?.services, ['a.B', 'a.C']);
});

test('every bound of the listener is what its key says', () => {
  const { listen } = makePlan(
    {
      ...SMALLEST,
      limits: { headers: '8kb' },
      listen: {
        limits: {
          connections: 1,
          connectionsPerAddress: 2,
          calls: 3,
          firstByte: '4s',
          head: '5s',
          body: '6s',
          idle: '7s',
          write: '8s',
          headerCount: 9,
          target: '10b',
          pipelined: '16b',
          streams: 11,
          resets: 12,
          controlFrames: 13,
          headerBlock: '14b',
          headerTable: '15b',
        },
      },
    },
    '/',
  );
  assert.equal(listen.maxCalls, 3);
  assert.deepEqual(listen.limits, {
    connections: 1,
    connectionsPerAddress: 2,
    firstByteMs: 4_000,
    headMs: 5_000,
    bodyMs: 6_000,
    idleMs: 7_000,
    writeMs: 8_000,
    headerBytes: 8_192,
    headers: 9,
    targetBytes: 10,
    pipelinedBytes: 16,
    streams: 11,
    resetsPerSecond: 12,
    controlFramesPerSecond: 13,
    headerBlockBytes: 14,
    headerTableBytes: 15,
  });
});

test('the certificates of the listener, the first one of its own keys', () => {
  const { listen } = makePlan(
    {
      ...SMALLEST,
      listen: {
        tls: {
          cert: 'a.pem',
          key: 'a.key',
          certificates: [{ cert: 'b.pem', key: '/b.key' }],
          clientCa: 'ca.pem',
        },
      },
    },
    '/etc',
  );
  assert.deepEqual(listen.tls, {
    certificates: [
      { path: 'listen.tls', cert: '/etc/a.pem', key: '/etc/a.key' },
      { path: 'listen.tls.certificates[0]', cert: '/etc/b.pem', key: '/b.key' },
    ],
    clientCa: '/etc/ca.pem',
    plain: false,
  });
});
