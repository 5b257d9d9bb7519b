/** Whose a POST to the path of a method is that says nothing of Connect: `unaryJson`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGateway } from 'polygate';
import { type FaultGateway, startFaultGateway } from '../support/fault-gateway.ts';
import { memoryLog } from '../support/memory-log.ts';
import { type RawAnswer, rawRequest, request } from '../support/raw-http.ts';
import { startScriptedGrpc } from '../support/scripted-grpc.ts';

const connect = { unaryJson: 'connect' } as const;

function post(
  harness: FaultGateway,
  path: string,
  body: string,
  type: string | null = 'application/json',
): Promise<RawAnswer> {
  const headers: Record<string, string> = type === null ? {} : { 'content-type': type };
  return harness.send('POST', path, { headers, body });
}

const codeOf = ({ body }: RawAnswer): unknown => (JSON.parse(body) as { code: unknown }).code;

test('JSON without the version of Connect is answered as Connect does', async (t) => {
  const harness = await startFaultGateway(t, {}, connect);
  const { status, headers, body } = await post(harness, '/fault.v1.Fault/Create', '{"name":"a"}');
  assert.deepEqual(
    [status, headers['content-type'], JSON.parse(body)],
    [200, 'application/json', { name: 'a' }],
  );
  assert.equal(harness.peer.calls, 1);
});

for (const [name, path, body, type, status, code] of [
  [
    'a wrong value',
    '/fault.v1.Fault/Create',
    '{"count":"x"}',
    'application/json',
    400,
    'invalid_argument',
  ],
  ['an empty body', '/fault.v1.Fault/Create', '', 'application/json', 400, 'invalid_argument'],
  ['another content type', '/fault.v1.Fault/Create', 'a', 'text/plain', 415, 'unknown'],
  ['no content type', '/fault.v1.Fault/Create', '{}', null, 415, 'unknown'],
  // Connect, "Streaming-Request": what does not begin with application/connect+ is 415.
  ['a streaming method', '/fault.v1.Fault/Watch', '{}', 'application/json', 415, 'unknown'],
  ['an upload', '/fault.v1.Fault/Upload', '{}', 'application/json', 415, 'unknown'],
] as const) {
  test(`${name} has the error of Connect`, async (t) => {
    const harness = await startFaultGateway(t, {}, connect);
    const answer = await post(harness, path, body, type);
    assert.deepEqual([answer.status, codeOf(answer)], [status, code]);
    assert.equal(harness.peer.calls, 0);
  });
}

test('http rules, GET and other protocols go their own way', async (t) => {
  const harness = await startFaultGateway(t, {}, connect);
  const rule = await harness.send('POST', '/v1/items', {
    headers: { 'content-type': 'application/json' },
    body: '{"count":"x"}',
  });
  assert.deepEqual([rule.status, codeOf(rule)], [400, 3]);
  const message = encodeURIComponent('{"name":"a"}');
  const get = `/fault.v1.Fault/Get?connect=v1&encoding=json&message=${message}`;
  assert.deepEqual(JSON.parse((await harness.send('GET', get)).body), { name: 'a' });
  // Without the version it is none of Connect, and no rule has the path for GET.
  const plain = await harness.send('GET', get.replace('connect=v1&', ''));
  assert.deepEqual([plain.status, plain.headers['allow'], codeOf(plain)], [405, 'POST', 12]);
  const web = await post(harness, '/fault.v1.Fault/Get', '', 'application/grpc-web+proto');
  assert.equal(web.headers['grpc-status'], '12');
  const options = await harness.send('OPTIONS', '/fault.v1.Fault/Create');
  assert.equal(options.status, 204);
});

test('the nearest place wins: routes with it and without beside each other', async (t) => {
  const peer = await startScriptedGrpc();
  t.after(() => peer.close());
  const to = { protocol: 'grpc', endpoints: [`127.0.0.1:${peer.port}`] } as const;
  const fault = { protos: ['fault/v1/fault.proto'], importPaths: ['.'] };
  const bookstore = {
    protos: ['demo/bookstore/v1/bookstore.proto'],
    importPaths: ['../../../protos'],
  };
  const gateway = await createGateway(
    {
      admin: false,
      listen: { port: 0 },
      unaryJson: 'connect',
      upstreams: {
        peer: { ...to, schema: fault },
        other: { ...to, schema: bookstore, unaryJson: 'rest' },
      },
      routes: [
        { services: ['fault.v1.Fault'], upstream: 'peer' },
        { services: '*', upstream: 'other' },
      ],
    },
    { log: memoryLog(), baseDir: new URL('../support/protos', import.meta.url).pathname },
  );
  t.after(async () => void (await gateway.close(true)));
  const codes: unknown[] = [];
  // The gateway's own services have the settings of the top.
  for (const path of [
    '/fault.v1.Fault/Get',
    '/bookstore.v1.Bookstore/GetShelf',
    '/grpc.health.v1.Health/Check',
  ]) {
    const headers = { 'content-type': 'application/json' };
    codes.push(
      codeOf(await rawRequest(gateway.port, request('POST', path, { headers, body: '[' }))),
    );
  }
  assert.deepEqual(codes, ['invalid_argument', 3, 'invalid_argument']);
  assert.equal(peer.calls, 0);
});
