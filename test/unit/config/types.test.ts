/** What the public types must take, checked by the compiler (npm run check:types): every documented form stands here once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  defineConfig,
  type Duration,
  type GatewayConfig,
  type Size,
} from '../../../src/config/define.ts';
import { findProblems } from '../../../src/config/validate.ts';

const everything = {
  listen: { port: 0, host: '::1' },
  admin: { port: 0, host: '127.0.0.1' },
  log: { level: 'silent', access: true },
  drain: 500,
  strictness: 'warn',
  stream: { format: 'json-array', wrap: 'result' },
  json: {
    emitDefaults: true,
    enumsAsNumbers: true,
    protoNames: true,
    int64: 'number',
    pretty: true,
    caseInsensitiveEnums: true,
  },
  timeout: '1.5s',
  idle: '2m',
  metadata: {
    in: { allow: ['x-request-id', 'trace-bin'], rename: { 'x-user': 'user' } },
    out: { deny: ['server'] },
  },
  cors: {
    origins: ['https://app.example.com', 'http://localhost:5173'],
    headers: ['authorization'],
    expose: ['etag'],
    credentials: true,
    maxAge: '1h',
  },
  limits: { body: '1mb', message: '64kb', depth: 32, headers: '8kb' },
  upstreams: {
    files: {
      protocol: 'grpc',
      endpoints: ['127.0.0.1:50051', { address: '[::1]:50051' }],
      schema: { protos: ['a.proto'], importPaths: ['protos'] },
      rules: 'rules.yaml',
      tls: { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem', serverName: 'a.example' },
      cors: false,
    },
    set: {
      protocol: 'grpc',
      endpoints: ['h:1'],
      schema: { descriptorSet: 'x.binpb' },
      tls: true,
      timeout: 250,
    },
    asked: {
      protocol: 'grpc',
      endpoints: ['h:2'],
      schema: { reflection: true },
      limits: { body: 1024 },
    },
  },
  routes: [
    {
      services: ['pkg.v1.Service'],
      upstream: 'files',
      strictness: 'ignore',
      stream: { wrap: false },
    },
    { services: ['*'], upstream: 'set', cors: { origins: '*' } },
    { services: '*', upstream: 'asked' },
  ],
} as const satisfies GatewayConfig;

const durations = [5, '250ms', '5s', '2m', '1h', '1.5s'] as const satisfies readonly Duration[];
const sizes = [5, '512b', '64kb', '4mb', '1gb'] as const satisfies readonly Size[];

test('everything that the types document is valid, too', () => {
  assert.deepEqual(findProblems(everything), []);
  for (const timeout of [...durations, false])
    assert.deepEqual(findProblems({ ...everything, timeout }), []);
  for (const body of sizes) {
    assert.deepEqual(findProblems({ ...everything, limits: { body } }), []);
  }
});

test('defineConfig gives back what it got', () => {
  assert.equal(defineConfig(everything), everything);
});
