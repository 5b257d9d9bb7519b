/** How a call ends when the service does not end it: cancellations, failures of the request body, lost connections. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { GatewayError } from '../../../src/call/error.ts';
import type { CallKind } from '../../../src/call/types.ts';
import { untilStill } from '../../support/raw-connection.ts';
import {
  allItems,
  assertFailed,
  assertRejects,
  bodyOf,
  FedBody,
  nextItem,
  targetOn,
} from '../outbound/harness.ts';
import { type Adapter, answerLast, type Harness, type PeerCall, startHarness } from './peer.ts';

const KINDS: readonly CallKind[] = ['unary', 'server_stream', 'client_stream', 'bidi'];
const enough = new GatewayError('PG_CLIENT_GONE', 'enough');

export function endingCases(adapter: Adapter): void {
  for (const kind of KINDS) {
    test(`${kind}: a call that was cancelled before is not sent`, async (t) => {
      const harness = await startHarness(t, adapter);
      const { reply } = harness.send({ kind, body: bodyOf({}), cancelled: enough });
      assert.equal(await assertRejects(reply, 'PG_CLIENT_GONE'), enough);
      await assertGoesOn(harness);
      assert.equal(harness.peer.calls, 1);
    });

    test(`${kind}: a cancellation before the head rejects, and the service hears of it`, async (t) => {
      const harness = await startHarness(t, adapter);
      const arrived = callOf(harness);
      const body = new FedBody();
      body.give({});
      const { call, reply } = harness.send({ kind, body });
      const { closed } = await arrived;
      call.cancel(enough);
      assert.equal(await assertRejects(reply, 'PG_CLIENT_GONE'), enough);
      await closed;
      assert.equal(body.seen.cancels.length, 1);
      await assertGoesOn(harness);
    });

    test(`${kind}: a connection that breaks before the answer`, async (t) => {
      const harness = await startHarness(t, adapter);
      harness.peer.script = async (call) => {
        await call.started;
        call.cut();
      };
      const body = bodyOf({ name: 'x' });
      const error = await assertRejects(harness.send({ kind, body }).reply, 'PG_UPSTREAM_RESET');
      assert.notEqual(error.reached, 'no');
      await assertGoesOn(harness);
    });
  }

  for (const [who, viaCall] of [
    ['the call', true],
    ['the reader', false],
  ] as const) {
    test(`a cancellation by ${who} behind the head is its end, once`, async (t) => {
      const harness = await startHarness(t, adapter);
      const arrived = callOf(harness, (call) => {
        call.head(true);
        call.send({ count: 1 });
      });
      const { call, reply } = harness.send({ kind: 'server_stream' });
      const got = await reply;
      assert.deepEqual(await nextItem(got), { count: 1 });
      const waiting = nextItem(got);
      if (viaCall) call.cancel(enough);
      else got.body.cancel(enough);
      assert.equal(await assertRejects(waiting, 'PG_CLIENT_GONE'), enough);
      const status = await got.end;
      assert.equal(status.error, enough);
      await (await arrived).closed;
      assert.equal(await got.end, status);
      await assertGoesOn(harness);
    });
  }

  test('messages that nobody reads any more are no proper end', async (t) => {
    const harness = await startHarness(t, adapter);
    harness.peer.script = (call) => {
      call.head(true);
      for (let i = 0; i < 5; i++) call.send({ count: i + 1 });
      call.end();
    };
    const { call, reply } = harness.send({ kind: 'server_stream' });
    const got = await reply;
    await nextItem(got);
    await untilStill(() => harness.peer.open);
    call.cancel(enough);
    await assertRejects(
      Promise.resolve().then(() => nextItem(got)),
      'PG_CLIENT_GONE',
    );
    assert.equal((await got.end).error, enough);
  });

  test('a cancellation behind the end changes nothing', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    peer.script = async (call) => {
      await call.items;
      call.head(true);
      call.send({});
      call.end();
    };
    for (const kind of KINDS) {
      const { call, reply } = send({ kind, body: bodyOf({}) });
      const got = await reply.catch(() => null);
      // Unary methods of REST have JSON, not a stream of it.
      if (got === null) continue;
      await allItems(got);
      const status = await got.end;
      call.cancel(enough);
      got.body.cancel(enough);
      assert.equal(await got.end, status);
      assert.equal(status.code, 'OK');
    }
  });

  for (const kind of ['unary', 'server_stream', 'client_stream'] as const) {
    test(`${kind}: a request body that fails before its first message never reaches the service`, async (t) => {
      const harness = await startHarness(t, adapter);
      const body = new FedBody();
      const { reply } = harness.send({ kind, body });
      const reason = new GatewayError('PG_MALFORMED_JSON', 'no');
      body.fail(reason);
      assert.equal(await assertRejects(reply, 'PG_MALFORMED_JSON'), reason);
      await assertGoesOn(harness);
      assert.equal(harness.peer.calls, 1);
    });
  }

  for (const kind of ['client_stream', 'bidi'] as const) {
    test(`${kind}: a request body that fails later breaks the call off, and is no end for the service`, async (t) => {
      const harness = await startHarness(t, adapter);
      const arrived = callOf(harness);
      const body = new FedBody();
      const { reply } = harness.send({ kind, body });
      body.give({ name: 'a' });
      const call = await arrived;
      await call.started;
      const reason = new GatewayError('PG_MALFORMED_JSON', 'no');
      body.fail(reason);
      assert.equal(await assertRejects(reply, 'PG_MALFORMED_JSON'), reason);
      assert.deepEqual(await call.items, []);
      await call.closed;
      await assertGoesOn(harness);
    });
  }

  test('a connection that breaks within a stream: what came is read, and the end is no good one', async (t) => {
    const harness = await startHarness(t, adapter);
    const read = Promise.withResolvers<void>();
    harness.peer.script = async (call) => {
      call.head(true);
      call.send({ count: 1 });
      await read.promise;
      call.cut();
    };
    const reply = await harness.send({ kind: 'server_stream' }).reply;
    assert.deepEqual(await nextItem(reply), { count: 1 });
    const waiting = nextItem(reply);
    read.resolve();
    const error = await assertRejects(waiting, 'PG_UPSTREAM_RESET');
    assert.equal(error.reached, 'yes');
    assertFailed(await reply.end, 'PG_UPSTREAM_RESET');
    await assertGoesOn(harness);
  });

  test('a service that is not there was not reached', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const { send } = targetOn(t, adapter.make, port);
    for (const kind of KINDS) {
      const body = bodyOf({});
      const { reply } = send({ kind, body });
      const error = await assertRejects(reply, 'PG_UPSTREAM_UNAVAILABLE');
      assert.equal(error.reached, 'no');
      assert.ok((error.retryAfterMs ?? 0) > 0);
    }
  });

  test('closing fails what is open, and what comes later', async (t) => {
    const harness = await startHarness(t, adapter);
    const arrived = callOf(harness, (call) => call.head(true));
    const reply = await harness.send({ kind: 'server_stream' }).reply;
    const waiting = harness.send({ kind: 'unary' }).reply;
    await arrived;
    harness.outbound.close();
    await assertRejects(
      Promise.resolve().then(() => nextItem(reply)),
      'PG_DRAIN',
    );
    assertFailed(await reply.end, 'PG_DRAIN');
    await assertRejects(waiting, 'PG_DRAIN');
    await assertRejects(harness.send().reply, 'PG_DRAIN');
  });
}

/** The next call that the service gets. */
function callOf({ peer }: Harness, script: (call: PeerCall) => void = () => {}): Promise<PeerCall> {
  return new Promise((resolve) => {
    peer.script = (call) => {
      script(call);
      resolve(call);
    };
  });
}

/** The next good call succeeds, and nothing is left of those before. */
async function assertGoesOn({ peer, send }: Harness): Promise<void> {
  peer.script = answerLast;
  const reply = await send({ body: bodyOf({ name: 'good' }) }).reply;
  assert.deepEqual(await allItems(reply), [{ name: 'good' }]);
  assert.equal(await untilStill(() => peer.open), 0);
}
