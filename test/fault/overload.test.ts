/** More calls than `listen.limits.calls`: new ones are told when to come back, those that run finish, and then there is room again. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  assertRecovers,
  type FaultGateway,
  reasonOf,
  startFaultGateway,
  stoppedBy,
} from '../support/fault-gateway.ts';
import { rawGrpcClient } from '../support/raw-grpc-client.ts';
import { openConnection } from '../support/raw-connection.ts';
import { request } from '../support/raw-http.ts';
import { echo, envelope, type ScriptedCall } from '../support/scripted-grpc.ts';

const UNAVAILABLE = '14';
const good = envelope({ name: 'good' });

interface Full extends FaultGateway {
  /** Lets the service answer what it holds. */
  release(): void;
  /** Resolves when the service holds so many calls. */
  holds(count: number): Promise<void>;
}

/** The service answers nothing until it is told to. */
async function startFull(t: TestContext, calls: number): Promise<Full> {
  const harness = await startFaultGateway(t, { admin: { port: 0 }, listen: { limits: { calls } } });
  const held: ScriptedCall[] = [];
  let look = (): void => {};
  harness.peer.script = (call) => {
    held.push(call);
    look();
  };
  return {
    ...harness,
    release: () => {
      harness.peer.script = echo;
      for (const call of held.splice(0)) void echo(call);
    },
    holds: (count) =>
      new Promise((resolve) => {
        look = () => {
          if (held.length >= count) resolve();
        };
        look();
      }),
  };
}

function detailsOf(end: Readonly<Record<string, unknown>>): string {
  return Buffer.from(String(end['grpc-status-details-bin']), 'base64').toString('latin1');
}

test('REST and gRPC calls above the bound are refused at once, each in the way of its protocol', async (t) => {
  const full = await startFull(t, 2);
  const client = rawGrpcClient(t, full.gateway.port);
  const runningRest = full.send('GET', '/v1/items/rest');
  const runningGrpc = client.send('Get', envelope({ name: 'grpc' }));
  await full.holds(2);

  const rest = await full.send('GET', '/v1/items/more');
  assert.deepEqual([rest.status, reasonOf(rest)], [503, 'PG_OVERLOADED']);
  assert.equal(rest.headers['retry-after'], '1');
  assert.match(rest.body, /google\.rpc\.RetryInfo","retryDelay":"1s"/);
  const grpc = await client.send('Get', good);
  assert.deepEqual([grpc.httpStatus, grpc.end['grpc-status']], [200, UNAVAILABLE]);
  assert.match(detailsOf(grpc.end), /PG_OVERLOADED/);
  // RetryInfo of google/rpc/error_details.proto: retry_delay (1) is a Duration whose seconds (1) are 1.
  assert.ok(detailsOf(grpc.end).includes('google.rpc.RetryInfo\x12\x04\x0a\x02\x08\x01'));
  assert.deepEqual(await stoppedBy(full), { calls: 2 });
  assert.equal(full.peer.calls, 2, 'the service is not asked');

  full.release();
  assert.deepEqual(JSON.parse((await runningRest).body), { name: 'rest' });
  assert.equal((await runningGrpc).end['grpc-status'], '0');
  await assertRecovers(full);
  assert.equal((await client.send('Get', good)).end['grpc-status'], '0');
  assert.deepEqual(await stoppedBy(full), { calls: 2 });
});

for (const method of ['Watch', 'Upload', 'Talk']) {
  test(`${method}: a stream takes a place as long as it runs, and one too many is refused`, async (t) => {
    const full = await startFull(t, 1);
    const client = rawGrpcClient(t, full.gateway.port);
    const running = client.open(method);
    if (method === 'Watch') running.stream.end(good);
    else running.stream.write(good);
    await full.holds(1);
    const { end } = await client.send(method, good);
    assert.equal(end['grpc-status'], UNAVAILABLE);
    assert.match(detailsOf(end), /PG_OVERLOADED/);
    running.stream.end();
    full.release();
    assert.equal((await running.answer).end['grpc-status'], '0');
    await assertRecovers(full);
  });
}

test('a client that leaves makes room', async (t) => {
  const full = await startFull(t, 1);
  const client = rawGrpcClient(t, full.gateway.port);
  const leaving = client.open('Get');
  leaving.stream.end(good);
  await full.holds(1);
  leaving.stream.close(8);
  await leaving.answer;
  // Answered behind the reset, on the same connection.
  const next = client.send('Get', good);
  await full.holds(2);
  full.release();
  assert.equal((await next).end['grpc-status'], '0');
  assert.deepEqual(await stoppedBy(full), {});
});

test('a refused request leaves its connection as it was, also one with a body', async (t) => {
  const full = await startFull(t, 1);
  const running = full.send('GET', '/v1/items/rest');
  await full.holds(1);
  const connection = openConnection(t, full.gateway.port);
  const json = { 'content-type': 'application/json' };
  const post = request('POST', '/fault.v1.Fault/Get', { headers: json, body: '{"name":"posted"}' });
  for (let i = 0; i < 3; i++) {
    await connection.write(post);
    assert.equal((await connection.answer()).status, 503);
  }
  full.release();
  await running;
  await connection.write(post);
  const { status, body } = await connection.answer();
  assert.deepEqual([status, JSON.parse(body)], [200, { name: 'posted' }]);
  assert.deepEqual(await stoppedBy(full), { calls: 3 });
});
