/** Messages both ways, and who waits for whom. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { PushBody } from '../../../src/call/body.ts';
import { untilStill } from '../../support/raw-connection.ts';
import { envelope, respond } from '../../support/scripted-grpc.ts';
import {
  allItems,
  assertFailed,
  assertRejects,
  bodyOf,
  FedBody,
  type MakeOutbound,
  message,
  nextItem,
  startHarness,
} from './harness.ts';

export function bodyCases(make: MakeOutbound): void {
  test('unary: path, message and answer; the status is there when the reply is', async (t) => {
    const { peer, send } = await startHarness(t, make);
    const seen: unknown[] = [];
    peer.script = async ({ path, headers, stream, messages }) => {
      seen.push(path, headers[':method'], headers['content-type'], headers['te'], await messages);
      respond(stream, { 'grpc-status': '0' });
      stream.end(envelope({ name: 'answer', count: 2 }));
    };
    const reply = await send({ body: bodyOf({ name: 'question' }) }).reply;
    assert.deepEqual(seen, [
      '/fault.v1.Fault/Get',
      'POST',
      'application/grpc',
      'trailers',
      [{ name: 'question' }],
    ]);
    assert.deepEqual(await allItems(reply), [{ name: 'answer', count: 2 }]);
    assert.equal(reply.end instanceof Promise, false);
    assert.equal((await reply.end).code, 'OK');
  });

  test('a message that is cut into single bytes, and messages that come in one piece', async (t) => {
    const { peer, send } = await startHarness(t, make);
    peer.script = async ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      for (const byte of envelope({ name: 'bytes' })) stream.write(Buffer.of(byte));
      stream.end(Buffer.concat([envelope({}), envelope({ count: 1 }), envelope({ count: 2 })]));
    };
    const reply = await send({ kind: 'server_stream' }).reply;
    assert.deepEqual(await allItems(reply), [{ name: 'bytes' }, {}, { count: 1 }, { count: 2 }]);
    assert.equal((await reply.end).code, 'OK');
  });

  test('a megabyte both ways', async (t) => {
    const { send } = await startHarness(t, make);
    const name = 'x'.repeat(1 << 20);
    const [item] = await allItems(await send({ body: bodyOf({ name }) }).reply);
    assert.equal(item?.name, name);
  });

  test('a server stream is there at its head, before any message', async (t) => {
    const { peer, send } = await startHarness(t, make);
    const answered = Promise.withResolvers<void>();
    peer.script = async ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      await answered.promise;
      stream.end(envelope({ count: 1 }));
    };
    const reply = await send({ kind: 'server_stream' }).reply;
    answered.resolve();
    assert.deepEqual(await allItems(reply), [{ count: 1 }]);
    assert.equal((await reply.end).code, 'OK');
  });

  test('a client stream sends each message as it comes and is answered with one', async (t) => {
    const { peer, send } = await startHarness(t, make);
    const body = new FedBody();
    const first = Promise.withResolvers<void>();
    peer.script = async ({ stream, messages }) => {
      stream.once('data', () => first.resolve());
      const all = await messages;
      respond(stream, { 'grpc-status': '0' });
      stream.end(envelope({ name: all.map(({ name }) => name).join('') }));
    };
    const { reply } = send({ kind: 'client_stream', body });
    body.give({ name: 'a' });
    await first.promise;
    body.give({ name: 'b' });
    body.give({ name: 'c' });
    body.end();
    assert.deepEqual(await allItems(await reply), [{ name: 'abc' }]);
  });

  test('a client stream without a message is none for the service either', async (t) => {
    const { peer, send } = await startHarness(t, make);
    peer.script = async ({ stream, messages }) => {
      respond(stream, { 'grpc-status': '0' });
      stream.end(envelope({ count: (await messages).length + 1 }));
    };
    const { reply } = send({ kind: 'client_stream', body: bodyOf() });
    assert.deepEqual(await allItems(await reply), [{ count: 1 }]);
  });

  test('a dialogue: the service may speak first, each side answers the other', async (t) => {
    const { peer, send } = await startHarness(t, make);
    peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      stream.write(envelope({ name: 'welcome' }));
      stream.on('data', () => stream.write(envelope({ name: 'pong' })));
      stream.on('end', () => stream.end());
    };
    const body = new FedBody();
    const reply = await send({ kind: 'bidi', body }).reply;
    assert.deepEqual(await nextItem(reply), { name: 'welcome' });
    for (let i = 0; i < 3; i++) {
      body.give({ name: 'ping' });
      assert.deepEqual(await nextItem(reply), { name: 'pong' });
    }
    body.end();
    assert.equal(await nextItem(reply), undefined);
    assert.equal((await reply.end).code, 'OK');
  });

  test('a peer that writes 10,000 messages to somebody who reads one is stopped', async (t) => {
    const { peer, send } = await startHarness(t, make);
    let written = 0;
    const one = envelope({ name: 'x'.repeat(10_000) });
    peer.script = async ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      const closed = once(stream, 'close');
      for (; written < 10_000 && !stream.destroyed; written++) {
        if (!stream.write(one)) await Promise.race([once(stream, 'drain'), closed]);
      }
      stream.end();
    };
    const reply = await send({ kind: 'server_stream' }).reply;
    assert.notEqual(await nextItem(reply), undefined);
    const stopped = await untilStill(() => written);
    assert.ok(stopped < 2_000, `${stopped} messages of 10 KB went out`);
    const { body } = reply;
    if (body instanceof PushBody) assert.ok(body.waiting <= 2, `${body.waiting} wait unread`);
    let got = 1;
    while ((await nextItem(reply)) !== undefined) got++;
    assert.deepEqual([got, (await reply.end).code], [10_000, 'OK']);
  });

  for (const [size, count] of [
    [10_000, 5_000],
    [10, 20_000],
  ] as const) {
    test(`a service that does not read stops the request body of messages of ${size} bytes`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      const go = Promise.withResolvers<void>();
      peer.script = async (scripted) => {
        await go.promise;
        const { length } = await scripted.messages;
        respond(scripted.stream, { 'grpc-status': '0' });
        scripted.stream.end(envelope({ count: length }));
      };
      const name = 'x'.repeat(size);
      let given = 0;
      const body = new FedBody((self) => {
        if (given++ < count) self.give({ name });
        else self.end();
      });
      const { reply } = send({ kind: 'client_stream', body });
      const stopped = await untilStill(() => given);
      assert.ok(stopped > 0 && stopped < count / 2, `${stopped} messages were pulled`);
      go.resolve();
      assert.deepEqual(await allItems(await reply), [{ count }]);
    });
  }

  test('a missing request message is a fault of the client, and the service is not called', async (t) => {
    const { peer, send } = await startHarness(t, make);
    const { reply } = send({ body: bodyOf() });
    await assertRejects(reply, 'PG_MESSAGE_COUNT');
    await allItems(await send().reply);
    assert.equal(peer.calls, 1);
  });

  for (const kind of ['unary', 'client_stream'] as const) {
    test(`OK without a message is no answer of a ${kind} method`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      peer.script = ({ stream }) => {
        respond(stream, { 'grpc-status': '0' });
        stream.end();
      };
      await assertRejects(send({ kind, body: bodyOf({}) }).reply, 'PG_UPSTREAM_CARDINALITY');
    });

    test(`two messages are no answer of a ${kind} method`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      peer.script = ({ stream }) => {
        respond(stream, { 'grpc-status': '0' });
        stream.end(Buffer.concat([envelope({}), envelope({})]));
      };
      await assertRejects(send({ kind, body: bodyOf({}) }).reply, 'PG_UPSTREAM_CARDINALITY');
    });
  }

  test('a message of the largest size passes, one byte more is refused', async (t) => {
    const { peer, send } = await startHarness(t, make, { maxMessageBytes: 1_000 });
    const largest = { name: 'x'.repeat(1_000 - 3) };
    assert.equal(message(largest).bytes.length, 1_000);
    const tooLarge = { name: `x${largest.name}` };
    assert.deepEqual(await allItems(await send({ body: bodyOf(largest) }).reply), [largest]);
    await assertRejects(send({ body: bodyOf(tooLarge) }).reply, 'PG_RESPONSE_TOO_LARGE');
    peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      stream.write(envelope(largest));
      stream.end(envelope(tooLarge));
    };
    const reply = await send({ kind: 'server_stream' }).reply;
    await assertRejects(allItems(reply), 'PG_RESPONSE_TOO_LARGE');
    assertFailed(await reply.end, 'PG_RESPONSE_TOO_LARGE');
  });

  test('300 calls at a time, each with its own answer', async (t) => {
    const { peer, send } = await startHarness(t, make);
    const names = Array.from({ length: 300 }, (_, i) => `call ${i}`);
    const answers = await Promise.all(
      names.map(async (name) => allItems(await send({ body: bodyOf({ name }) }).reply)),
    );
    assert.deepEqual(
      answers.map(([item]) => item?.name),
      names,
    );
    assert.deepEqual([peer.calls, peer.open], [300, 0]);
  });
}
