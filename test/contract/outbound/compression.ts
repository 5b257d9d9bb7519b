/** Compressed messages both ways, and what is no compressed message. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { compressionOf } from '../../../src/compression/content-coding.ts';
import { encodeItem, type Item, respond, type ScriptedCall } from '../../support/scripted-grpc.ts';
import {
  allItems,
  assertFailed,
  assertRejects,
  bodyOf,
  type MakeOutbound,
  nextItem,
  startHarness,
} from './harness.ts';

const LARGE: Item = { name: 'x'.repeat(1 << 20) };
const GZIP = compressionOf('gzip');

export function compressionCases(make: MakeOutbound): void {
  test('the service is told what is understood, and that nothing is compressed', async (t) => {
    const { peer, send } = await startHarness(t, make);
    const seen: unknown[] = [];
    peer.script = (call) => {
      seen.push(call.headers['grpc-accept-encoding'], call.headers['grpc-encoding']);
      answer(call, [packed({ count: 1 }, gzipSync)], 'gzip');
    };
    assert.deepEqual(await allItems(await send().reply), [{ count: 1 }]);
    assert.deepEqual(seen, ['identity,gzip,deflate', undefined]);
  });

  for (const [encoding, pack] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ] as const) {
    test(`${encoding}: a unary answer of a megabyte`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      peer.script = (call) => answer(call, [packed(LARGE, pack)], encoding);
      assert.deepEqual(await allItems(await send().reply), [LARGE]);
    });

    test(`${encoding}: small and large, compressed and plain messages stay in order`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      const items = Array.from(
        { length: 40 },
        (_, count): Item => ({
          ...(count % 3 === 0 && { name: noise(20_000 + count) }),
          count: count + 1,
        }),
      );
      peer.script = (call) => {
        const messages = items.map((item, i) => (i % 4 === 1 ? plain(item) : packed(item, pack)));
        answer(call, messages, encoding);
      };
      const reply = await send({ kind: 'server_stream' }).reply;
      assert.deepEqual(await allItems(reply), items);
      assert.equal((await reply.end).code, 'OK');
    });
  }

  test('requests are compressed where the upstream says so, but for small messages', async (t) => {
    const { peer, send } = await startHarness(t, make, { ...(GZIP && { compression: GZIP }) });
    const seen: unknown[] = [];
    peer.script = async (call) => {
      const bytes = await bodyBytes(call);
      seen.push(call.headers['grpc-encoding']);
      for (let at = 0; at < bytes.length; ) {
        const end = at + 5 + bytes.readUInt32BE(at + 1);
        const message = bytes.subarray(at + 5, end);
        seen.push([bytes[at], bytes[at] === 1 ? gunzipSync(message).length : message.length]);
        at = end;
      }
      answer(call, [plain({})]);
    };
    await send({ kind: 'client_stream', body: bodyOf(LARGE, { count: 1 }, LARGE) }).reply;
    await send({ body: bodyOf(LARGE) }).reply;
    const large = encodeItem(LARGE).length;
    assert.deepEqual(seen, ['gzip', [1, large], [0, 2], [1, large], 'gzip', [1, large]]);
  });

  for (const [name, encoding, message] of [
    ['the flag without an encoding', undefined, packed({ count: 1 }, gzipSync)],
    ['the flag with identity', 'identity', packed({ count: 1 }, gzipSync)],
    ['an encoding that was not offered', 'snappy', plain({ count: 1 })],
    ['bytes that are not compressed', 'gzip', enveloped(1, encodeItem({ count: 1 }))],
    ['compressed bytes that are cut off', 'gzip', enveloped(1, gzipSync('abc').subarray(0, 15))],
    ['a flag that gRPC does not have', 'gzip', enveloped(3, encodeItem({}))],
  ] as const) {
    test(`${name} is a fault of the service, unary and streamed`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      peer.script = (call) => answer(call, [message], encoding);
      await assertRejects(
        send().reply.then(async (reply) => nextItem(reply)),
        'PG_UPSTREAM_PROTOCOL',
      );
      const { reply } = send({ kind: 'server_stream' });
      await assertRejects(
        reply.then(async (reply) => {
          await assertRejects(nextItem(reply), 'PG_UPSTREAM_PROTOCOL');
          assertFailed(await reply.end, 'PG_UPSTREAM_PROTOCOL');
          throw (await reply.end).error as Error;
        }),
        'PG_UPSTREAM_PROTOCOL',
      );
      assert.equal(peer.calls, 2);
    });
  }

  test('a bomb is refused at the limit, small and large, unary and streamed', async (t) => {
    const { peer, send } = await startHarness(t, make, { maxMessageBytes: 100_000 });
    for (const size of [1 << 20, 64 << 20]) {
      const bomb = enveloped(1, gzipSync(Buffer.alloc(size)));
      peer.script = (call) => answer(call, [bomb], 'gzip');
      await assertRejects(
        send().reply.then(async (reply) => nextItem(reply)),
        'PG_RESPONSE_TOO_LARGE',
      );
      const reply = await send({ kind: 'server_stream' }).reply;
      await assertRejects(nextItem(reply), 'PG_RESPONSE_TOO_LARGE');
    }
  });

  test('a message that a thread cannot inflate ends the call at the service', async (t) => {
    const { peer, send } = await startHarness(t, make);
    const closed = Promise.withResolvers<void>();
    peer.script = ({ stream }) => {
      stream.on('close', closed.resolve);
      stream.respond({
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-encoding': 'gzip',
      });
      stream.write(enveloped(1, Buffer.alloc(100_000, 1)));
    };
    const reply = await send({ kind: 'server_stream' }).reply;
    await assertRejects(nextItem(reply), 'PG_UPSTREAM_PROTOCOL');
    assertFailed(await reply.end, 'PG_UPSTREAM_PROTOCOL');
    await closed.promise;
    assert.equal(peer.open, 0);
  });
}

function answer({ stream }: ScriptedCall, messages: readonly Buffer[], encoding?: string): void {
  respond(
    stream,
    { 'grpc-status': '0' },
    encoding === undefined ? {} : { 'grpc-encoding': encoding },
  );
  for (const message of messages) stream.write(message);
  stream.end();
}

async function bodyBytes({ stream }: ScriptedCall): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function plain(item: Item): Buffer {
  return enveloped(0, encodeItem(item));
}

function packed(item: Item, pack: (bytes: Uint8Array) => Buffer): Buffer {
  return enveloped(1, pack(encodeItem(item)));
}

function enveloped(flag: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** Text that gzip cannot make small. */
function noise(length: number): string {
  let state = 7;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    text += String.fromCharCode(33 + ((state >>> 16) % 90));
  }
  return text;
}
