/** Health without a wire: what is told in each state, and who still watches. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PushBody, SingleBody } from '../../../src/call/body.ts';
import { GatewayError } from '../../../src/call/error.ts';
import type { Body, Reply, Routed } from '../../../src/call/types.ts';
import { createHealth } from '../../../src/services/health.ts';
import { Readiness } from '../../../src/services/readiness.ts';
import { fakeCall } from '../../support/fake-call.ts';

const GONE = new GatewayError('PG_CLIENT_GONE', 'gone');

interface Asked {
  readonly call: Routed;
  readonly reply: Promise<Reply>;
}

function ask(name: string, readiness: Readiness, body: Body = request()): Asked {
  const methods = createHealth({ services: ['a.A'], readiness });
  const method = methods.find(({ path }) => path === `/grpc.health.v1.Health/${name}`);
  assert.ok(method !== undefined);
  const call = fakeCall({ body }) as Routed;
  return { call, reply: method.handle(call) };
}

function request(bytes: Uint8Array = new Uint8Array()): Body {
  return new SingleBody({ codec: 'proto', bytes });
}

async function nextOf({ body }: Reply): Promise<number[] | undefined> {
  const message = await body.next();
  return message === undefined ? undefined : [...message.bytes];
}

const [SERVING, NOT_SERVING] = [
  [8, 1],
  [8, 2],
];

test('a gateway that starts is not serving, one that is open is, and one that drains never is again', async () => {
  const readiness = new Readiness();
  const told = async (): Promise<unknown> => nextOf(await ask('Check', readiness).reply);
  assert.deepEqual(await told(), NOT_SERVING);
  readiness.open();
  assert.deepEqual(await told(), SERVING);
  readiness.drain();
  readiness.open();
  assert.deepEqual(await told(), NOT_SERVING);
});

test('a watch sees each change, and its end', async () => {
  const readiness = new Readiness();
  const reply = await ask('Watch', readiness).reply;
  assert.deepEqual(await nextOf(reply), NOT_SERVING);
  const opened = nextOf(reply);
  readiness.open();
  assert.deepEqual(await opened, SERVING);
  const drained = nextOf(reply);
  readiness.drain();
  assert.deepEqual(await drained, NOT_SERVING);
  assert.equal(await nextOf(reply), undefined);
  assert.equal((await reply.end).code, 'OK');
  assert.equal(readiness.watchers, 0);
});

test('a change that came while nobody asked is told at once', async () => {
  const readiness = new Readiness();
  readiness.open();
  const reply = await ask('Watch', readiness).reply;
  await nextOf(reply);
  readiness.drain();
  assert.deepEqual(await nextOf(reply), NOT_SERVING);
  assert.equal(await nextOf(reply), undefined);
});

test('a watch that is cancelled leaves nobody watching', async () => {
  const readiness = new Readiness();
  const { call, reply } = ask('Watch', readiness);
  const answers = await reply;
  await nextOf(answers);
  const waiting = nextOf(answers);
  assert.equal(readiness.watchers, 1);
  call.cancel(GONE);
  await assert.rejects(waiting, GONE);
  assert.equal((await answers.end).error, GONE);
  assert.equal(readiness.watchers, 0);
});

test('cancelled while the request has not come', async () => {
  const body = new PushBody({ pull: () => {}, cancel: () => {} });
  const { call, reply } = ask('Watch', new Readiness(), body);
  call.cancel(GONE);
  await assert.rejects(reply, GONE);
});

test('bytes that are no request', async () => {
  for (const name of ['Check', 'Watch']) {
    const { reply } = ask(name, new Readiness(), request(Buffer.of(10, 5)));
    await assert.rejects(reply, { pg: 'PG_INVALID_VALUE' });
  }
});
