/**
 * Valid requests, changed at random and cut anywhere, against a live gateway: each gets a well-formed answer or a closed connection, no
 * answer is a fault of the gateway's own, and the gateway goes on. Seeded and bounded: a failure names its case and fails again.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertRecovers, type FaultGateway, startFaultGateway } from '../support/fault-gateway.ts';
import { request } from '../support/raw-http.ts';
import { type ConnectionAnswer, takeAnswer } from '../support/raw-connection.ts';
import { echo, envelope, respond, type ScriptedCall } from '../support/scripted-grpc.ts';

const json = { 'content-type': 'application/json' };
const chunked = { ...json, 'transfer-encoding': 'chunked' };

const SEEDS: readonly Buffer[] = [
  request('GET', '/v1/items/a?count=3&child.name=b%20c&kind=KIND_SMALL'),
  request('GET', '/v1/items/a', { headers: { accept: 'application/problem+json', 'x-a': '1' } }),
  request('GET', '/v1/items:watch', { headers: { accept: 'text/event-stream' } }),
  request('HEAD', '/v1/items/a'),
  request('POST', '/v1/items', {
    headers: json,
    body: '{"name":"ä","count":2,"child":{"total":"18446744073709551615"},"kind":1}',
  }),
  request('POST', '/fault.v1.Fault/Create', { headers: json, body: '{"name":"\\u00e4"}' }),
  Buffer.concat([
    request('POST', '/v1/items', { headers: chunked }),
    Buffer.from('9\r\n{"name":"\r\n3\r\na"}\r\n0\r\n\r\n'),
  ]),
  request('POST', '/v1/items:upload', {
    headers: { 'content-type': 'application/x-ndjson', 'grpc-timeout': '5S' },
    body: '{"name":"a"}\n{"count":1}\n\n{}\n',
  }),
  request('POST', '/v1/items:upload', { headers: json, body: '[{"name":"a"}, {"count":1}]' }),
  request('POST', '/v1/items:talk', { headers: json, body: '[{"name":"a"},{"count":"2"}]' }),
  request('OPTIONS', '/v1/items', {
    headers: { origin: 'http://a.test', 'access-control-request-method': 'POST' },
  }),
];

interface Mutation {
  readonly at: number;
  readonly how: 'flip' | 'drop' | 'double' | 'insert';
  readonly value: number;
}

const mutations = fc.array(
  fc.record<Mutation>({
    at: fc.nat(2_000),
    how: fc.constantFrom('flip', 'drop', 'double', 'insert'),
    // Bytes that mean something more often than those that do not.
    value: fc.oneof(
      fc.constantFrom(...Buffer.from('\r\n :/?%&{}[]",\\0123456789-+.*')),
      fc.nat(255),
    ),
  }),
  { maxLength: 5 },
);

test('requests that were changed at random never make the gateway fail', async (t) => {
  const harness = await startFaultGateway(t, { limits: { body: '64kb' } });
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.nat(SEEDS.length - 1),
      mutations,
      fc.array(fc.nat(500), { maxLength: 3 }),
      async (seed, changes, cuts) => {
        harness.peer.script = anyKind;
        const bytes = mutate(SEEDS[seed] ?? Buffer.alloc(0), changes);
        for (const answer of await sendInPieces(harness, bytes, cuts)) {
          check(answer);
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        }
      },
    ),
    { seed: 20_261_122, numRuns: 1_500, interruptAfterTimeLimit: 10_000 },
  );
  assert.ok((statuses.get(200) ?? 0) > 50, 'many are still good');
  assert.ok((statuses.get(400) ?? 0) > 50, 'many are bad');
  await assertRecovers(harness);
  assert.equal(harness.peer.open, 0, 'no call is left at the service');
  const own = harness.log.lines.filter(({ fields }) =>
    JSON.stringify(fields).includes('PG_INTERNAL'),
  );
  assert.deepEqual(own, []);
});

/** A healthy service for every method of the schema. */
function anyKind(call: ScriptedCall): void | Promise<void> {
  if (!/Watch|Talk/.test(call.path)) return echo(call);
  const { stream, messages } = call;
  return messages.then(() => {
    if (stream.destroyed) return;
    respond(stream, { 'grpc-status': '0' });
    stream.write(envelope({ name: 'a' }));
    stream.end(envelope({ count: 1 }));
  });
}

/** A complete answer; one that says that something is wrong says it as google.rpc.Status, or as problem details where those were asked for. */
function check({ status, headers, body }: ConnectionAnswer): void {
  const names = new Map(headers);
  assert.ok(status >= 100 && status < 600, String(status));
  if (status < 400) return;
  assert.ok(
    [400, 404, 405, 408, 413, 415, 431, 501, 502, 504].includes(status),
    `${status} ${body}`,
  );
  assert.match(names.get('content-type') ?? '', /^application\/(problem\+)?json$/);
  if (body === '') return;
  const { code, message, detail, details } = JSON.parse(body) as Record<string, unknown>;
  assert.equal(typeof code, 'number', body);
  assert.equal(typeof (message ?? detail), 'string', body);
  assert.equal(Array.isArray(details), true, body);
  assert.doesNotMatch(body, /PG_INTERNAL/);
}

function mutate(bytes: Buffer, changes: readonly Mutation[]): Buffer {
  const list = [...bytes];
  for (const { at, how, value } of changes) {
    const i = at % (list.length + 1);
    if (how === 'flip') list[Math.min(i, list.length - 1)] = value;
    else if (how === 'drop') list.splice(i, 1 + (value % 4));
    else if (how === 'insert') list.splice(i, 0, value);
    else list.splice(i, 0, ...list.slice(i, i + (value % 40)));
  }
  return Buffer.from(list);
}

/** Every complete answer that comes before the connection closes; our side is closed behind the last piece. */
async function sendInPieces(
  { gateway }: FaultGateway,
  bytes: Buffer,
  cuts: readonly number[],
): Promise<ConnectionAnswer[]> {
  const socket = connect({ port: gateway.port, host: '127.0.0.1', noDelay: true });
  const toHead = bytes.subarray(0, 5).toString('latin1') === 'HEAD ';
  let received = '';
  const answers: ConnectionAnswer[] = [];
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      socket.destroy();
      resolve(answers);
    };
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      for (;;) {
        const taken = takeAnswer(received, toHead);
        if (taken === undefined) break;
        answers.push(taken.answer);
        received = received.slice(taken.length);
      }
      if (answers.some(({ status }) => status >= 200)) finish();
    });
    socket.on('error', finish);
    socket.on('close', finish);
    const positions = [0, ...cuts.map((at) => at % (bytes.length + 1)), bytes.length];
    const sorted = positions.toSorted((a, b) => a - b);
    const send = async (): Promise<void> => {
      for (let i = 1; i < sorted.length; i++) {
        await new Promise((written) =>
          socket.write(bytes.subarray(sorted[i - 1], sorted[i]), written),
        );
        await new Promise((later) => setImmediate(later));
      }
      // What is still missing of a changed request will not come; a good one is answered in fewer turns.
      for (let turns = 0; turns < 200 && !socket.destroyed; turns++) {
        await new Promise((later) => setImmediate(later));
      }
      socket.end();
    };
    send().catch(reject);
  });
}
