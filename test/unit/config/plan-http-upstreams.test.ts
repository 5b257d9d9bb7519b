/** The plan of upstreams that speak plain HTTP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UpstreamConfig } from '../../../src/config/define.ts';
import { makePlan, type Plan } from '../../../src/config/plan.ts';

function upstreamsWith(changes: Partial<UpstreamConfig>): Plan['upstreams'] {
  const schema = { protos: ['a.proto'] };
  const a: UpstreamConfig = { protocol: 'http', endpoints: ['http://h'], schema, ...changes };
  return makePlan({ upstreams: { a }, routes: [{ services: '*', upstream: 'a' }] }, '/').upstreams;
}

test('an HTTP upstream: its URLs taken apart, and connections that carry one call each', () => {
  const endpoints = [
    'http://127.0.0.1:9001',
    'https://API.example.com/base/v2/',
    { address: 'HTTP://[::1]/x%20y' },
  ];
  const [planned] = upstreamsWith({ endpoints, connections: { max: 5 } });
  assert.ok(planned?.protocol === 'http');
  assert.deepEqual(planned.endpoints, [
    {
      address: 'http://127.0.0.1:9001',
      scheme: 'http',
      host: '127.0.0.1',
      port: 9001,
      authority: '127.0.0.1:9001',
      basePath: '',
    },
    {
      address: 'https://API.example.com/base/v2/',
      scheme: 'https',
      host: 'API.example.com',
      port: 443,
      authority: 'API.example.com:443',
      basePath: '/base/v2',
    },
    {
      address: 'HTTP://[::1]/x%20y',
      scheme: 'http',
      host: '::1',
      port: 80,
      authority: '[::1]:80',
      basePath: '/x%20y',
    },
  ]);
  assert.deepEqual(planned.connections, {
    max: 5,
    maxPending: 10_000,
    connectTimeoutMs: 10_000,
    idleTimeoutMs: 4_000,
  });
  assert.equal(planned.http, '1.1');
});

test('an HTTP upstream of HTTP/2: connections that calls share', () => {
  const connections = { http: '2', warm: 1, keepalive: false } as const;
  const endpoints = ['http://127.0.0.1:9001'];
  const [planned] = upstreamsWith({ endpoints, connections });
  assert.ok(planned?.protocol === 'http');
  assert.equal(planned.http, '2');
  assert.deepEqual(planned.connections, {
    max: 32,
    maxPending: 10_000,
    warm: 1,
    connectTimeoutMs: 10_000,
    idleTimeoutMs: 300_000,
    maxAgeMs: 1_800_000,
    keepalive: null,
  });
});
