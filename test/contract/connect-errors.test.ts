/** Details of errors for clients of Connect: bytes for programs, and `debug` for people (the Connect protocol reference, "Error and EndStreamResponse"). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFaultGateway } from '../support/fault-gateway.ts';
import { encodeItem, envelope, respondOnly } from '../support/scripted-grpc.ts';

const text = (tag: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(tag, bytes.length), bytes]);

/** A google.protobuf.Any within google.rpc.Status. */
function any(type: string, value: Uint8Array): Buffer {
  const url = text(0x0a, Buffer.from(`type.googleapis.com/${type}`));
  return text(0x1a, Buffer.concat([url, text(0x12, value)]));
}

/** google.rpc.RetryInfo of 30 s, a message of the service's own, one that nobody knows, and bytes that are not what they say. */
const RETRY = Buffer.from([0x0a, 0x02, 0x08, 30]);
const ITEM = Buffer.from(encodeItem({ name: 'a' }));
const STATUS = Buffer.concat([
  Buffer.from([0x08, 14]),
  any('google.rpc.RetryInfo', RETRY),
  any('fault.v1.Item', ITEM),
  any('no.such.Type', ITEM),
  any('google.rpc.RetryInfo', Buffer.of(0x0a, 0x7f)),
]);
const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('base64').replace(/=+$/, '');
const DETAILS = [
  { type: 'google.rpc.RetryInfo', value: base64(RETRY), debug: { retryDelay: '30s' } },
  { type: 'fault.v1.Item', value: base64(ITEM), debug: { name: 'a' } },
  { type: 'no.such.Type', value: base64(ITEM) },
  { type: 'google.rpc.RetryInfo', value: base64(Buffer.of(0x0a, 0x7f)) },
];

for (const [name, type, method, body, at] of [
  ['unary', 'application/proto', 'Get', encodeItem({}), 0],
  ['a stream', 'application/connect+proto', 'Watch', envelope({}), 5],
] as const) {
  test(`${name}: a detail whose type is known is readable, and none is lost`, async (t) => {
    const harness = await startFaultGateway(t);
    harness.peer.script = ({ stream }) => {
      stream.resume();
      respondOnly(stream, {
        'grpc-status': '14',
        'grpc-message': 'overloaded',
        'grpc-status-details-bin': base64(STATUS),
      });
    };
    const answer = await harness.send('POST', `/fault.v1.Fault/${method}`, {
      headers: { 'content-type': type },
      body,
    });
    const json = JSON.parse(answer.body.slice(at)) as Record<string, unknown>;
    const expected = { code: 'unavailable', message: 'overloaded', details: DETAILS };
    assert.deepEqual(at === 0 ? json : json['error'], expected);
  });
}

test('an error of the gateway says in text what it says in bytes', async (t) => {
  const harness = await startFaultGateway(t);
  const answer = await harness.send('POST', '/fault.v1.Fault/Nothing', {
    headers: { 'content-type': 'application/proto' },
    body: '',
  });
  const { details } = JSON.parse(answer.body) as { details: { type: string; debug: unknown }[] };
  assert.deepEqual(
    details.map(({ type, debug }) => [type, debug]),
    [
      ['google.rpc.ErrorInfo', { reason: 'PG_METHOD_NOT_FOUND', domain: 'polygate' }],
      ['google.rpc.RequestInfo', { requestId: answer.headers['x-request-id'] }],
    ],
  );
});
