/** Messages both ways, and who waits for whom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../src/call/error.ts';
import { untilStill } from '../../support/raw-connection.ts';
import {
  allItems,
  assertFailed,
  assertRejects,
  bodyOf,
  FedBody,
  message,
  nextItem,
} from '../outbound/harness.ts';
import { type Adapter, startHarness } from './peer.ts';

export function messageCases(adapter: Adapter): void {
  test('unary: a message and its answer; the status is there when the reply is', async (t) => {
    const { send } = await startHarness(t, adapter);
    const reply = await send({ body: bodyOf({ name: 'q "ü"', count: -2 }) }).reply;
    assert.deepEqual(await allItems(reply), [{ name: 'q "ü"', count: -2 }]);
    assert.equal(reply.end instanceof Promise, false);
    assert.equal((await reply.end).code, 'OK');
  });

  test('a server stream is there at its head, before any message', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    const answered = Promise.withResolvers<void>();
    peer.script = async (call) => {
      call.head(true);
      await answered.promise;
      call.send({ count: 1 });
      call.send({ name: 'two' });
      call.end();
    };
    const reply = await send({ kind: 'server_stream' }).reply;
    answered.resolve();
    assert.deepEqual(await allItems(reply), [{ count: 1 }, { name: 'two' }]);
    assert.equal((await reply.end).code, 'OK');
  });

  test('a server stream without a message is one', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    peer.script = (call) => {
      call.head(true);
      call.end();
    };
    const reply = await send({ kind: 'server_stream' }).reply;
    assert.deepEqual([await allItems(reply), (await reply.end).code], [[], 'OK']);
  });

  test('a client stream sends each message as it comes and is answered with one', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    const first = Promise.withResolvers<void>();
    peer.script = async (call) => {
      await call.started;
      first.resolve();
      const all = await call.items;
      call.head(false);
      call.send({ name: all.map(({ name }) => name).join('') });
      call.end();
    };
    const body = new FedBody();
    const { reply } = send({ kind: 'client_stream', body });
    body.give({ name: 'a' });
    await first.promise;
    body.give({ name: 'b' });
    body.give({ name: 'c' });
    body.end();
    assert.deepEqual(await allItems(await reply), [{ name: 'abc' }]);
  });

  test('a client stream without a message is none for the service either', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    peer.script = async (call) => {
      const { length } = await call.items;
      call.head(false);
      call.send({ count: length + 1 });
      call.end();
    };
    const { reply } = send({ kind: 'client_stream', body: bodyOf() });
    assert.deepEqual(await allItems(await reply), [{ count: 1 }]);
  });

  test('bidi: the answer to a complete upload', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    peer.script = async (call) => {
      const all = await call.items;
      call.head(true);
      for (const item of all) call.send(item);
      call.end();
    };
    const items = [{ name: 'a' }, { count: 2 }];
    const reply = await send({ kind: 'bidi', body: bodyOf(...items) }).reply;
    assert.deepEqual([await allItems(reply), (await reply.end).code], [items, 'OK']);
  });

  test('bidi: messages of both sides in turn', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    const turns = [1, 2, 3].map(() => Promise.withResolvers<void>());
    peer.script = async (call) => {
      call.head(true);
      for (const [index, turn] of turns.entries()) {
        await turn.promise;
        call.send({ count: index + 1 });
      }
      await call.items;
      call.end();
    };
    const body = new FedBody();
    const { reply } = send({ kind: 'bidi', body });
    body.give({ name: 'ping' });
    const got = await reply;
    for (const [index, turn] of turns.entries()) {
      body.give({ name: 'ping' });
      turn.resolve();
      assert.deepEqual(await nextItem(got), { count: index + 1 });
    }
    body.end();
    assert.equal(await nextItem(got), undefined);
    assert.equal((await got.end).code, 'OK');
  });

  test('bidi: the service is called before the first message of the client', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    peer.script = (call) => {
      call.head(true);
      call.send({ name: 'welcome' });
    };
    const body = new FedBody();
    const { call, reply } = send({ kind: 'bidi', body });
    // What a protocol declares that it can't do, it must not do.
    const opened = await Promise.race([
      reply.then(() => true),
      untilStill(() => peer.calls).then((calls) => calls > 0),
    ]);
    assert.equal(opened, adapter.capabilities.opensEarly);
    call.cancel(new GatewayError('PG_CLIENT_GONE', 'enough'));
  });

  test('a service that writes 10,000 messages to somebody who reads one is stopped', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    let written = 0;
    peer.script = async (call) => {
      call.head(true);
      const peerState = { open: true };
      void call.closed.then(() => (peerState.open = false));
      for (; written < 10_000 && peerState.open; written++) {
        if (!call.send({ name: 'x'.repeat(10_000) })) await call.drained();
      }
      call.end();
    };
    const reply = await send({ kind: 'server_stream' }).reply;
    assert.notEqual(await nextItem(reply), undefined);
    const stopped = await untilStill(() => written);
    assert.ok(stopped < 2_000, `${stopped} messages of 10 KB went out`);
    let got = 1;
    while ((await nextItem(reply)) !== undefined) got++;
    assert.deepEqual([got, (await reply.end).code], [10_000, 'OK']);
  });

  test('a service that does not read stops the request body', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    const go = Promise.withResolvers<void>();
    peer.script = async (call) => {
      await go.promise;
      const { length } = await call.items;
      call.head(false);
      call.send({ count: length });
      call.end();
    };
    let given = 0;
    const body = new FedBody((self) => {
      if (given++ < 5_000) self.give({ name: 'x'.repeat(10_000) });
      else self.end();
    });
    const { reply } = send({ kind: 'client_stream', body });
    const stopped = await untilStill(() => given);
    assert.ok(stopped > 0 && stopped < 2_500, `${stopped} messages were pulled`);
    go.resolve();
    assert.deepEqual(await allItems(await reply), [{ count: 5_000 }]);
  });

  test('a missing request message is a fault of the client, and the service is not called', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    await assertRejects(send({ body: bodyOf() }).reply, 'PG_MESSAGE_COUNT');
    await allItems(await send().reply);
    assert.equal(peer.calls, 1);
  });

  test('an answer beyond the limit is refused', async (t) => {
    const { peer, send } = await startHarness(t, adapter, { maxMessageBytes: 1_000 });
    const small = { name: 'x'.repeat(900) };
    const large = { name: 'x'.repeat(1_001) };
    assert.ok(message(small).bytes.length < 1_000);
    assert.deepEqual(await allItems(await send({ body: bodyOf(small) }).reply), [small]);
    const error = await assertRejects(send({ body: bodyOf(large) }).reply, 'PG_RESPONSE_TOO_LARGE');
    assert.equal(error.reached, 'yes');
    peer.script = (call) => {
      call.head(true);
      call.send(small);
      call.send(large);
      call.end();
    };
    const reply = await send({ kind: 'server_stream' }).reply;
    assert.deepEqual(await nextItem(reply), small);
    await assertRejects(nextItem(reply), 'PG_RESPONSE_TOO_LARGE');
    assertFailed(await reply.end, 'PG_RESPONSE_TOO_LARGE');
  });

  test('300 calls at a time, each with its own answer', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    const names = Array.from({ length: 300 }, (_, i) => `call ${i}`);
    const answers = await Promise.all(
      names.map(async (name) => allItems(await send({ body: bodyOf({ name }) }).reply)),
    );
    assert.deepEqual(
      answers.map(([item]) => item?.name),
      names,
    );
    assert.deepEqual([peer.calls, await untilStill(() => peer.open)], [300, 0]);
  });
}
