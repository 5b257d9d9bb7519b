/** What travels beside messages, both ways. */
import assert from 'node:assert/strict';
import { Metadata } from '../../../src/call/metadata.ts';
import { inboundCase, kindsOf, readEnd, type Setting } from './front.ts';
import { allItems, metadataOf, replyWith } from './service.ts';

const ITEM = { name: 'one', count: 1 };
const BYTES = Uint8Array.of(0, 1, 250, 251, 252);
const BASE64 = 'AAH6+/w=';
/** Of a connection, of HTTP or of a wire: never metadata, in either direction. */
const OWNED: readonly (readonly [string, string])[] = [
  ['content-type', 'text/x-evil'],
  ['content-length', '5'],
  ['connection', 'x-many'],
  ['transfer-encoding', 'x-evil'],
  ['grpc-status', '7'],
  ['grpc-timeout', '1n'],
];

export function metadataCases(setting: Setting): void {
  const kinds = kindsOf(setting);
  for (const kind of kinds) {
    inboundCase(setting, `${kind}: metadata of the client arrives`, async (front) => {
      let metadata = new Metadata();
      front.script = async (call) => {
        ({ metadata } = call);
        await allItems(call.body);
        return replyWith(call, [ITEM]);
      };
      const sent = { 'x-one': 'a, b', 'x-many': ['1', '2'], 'x-bytes-bin': BASE64 };
      await readEnd(front.send(kind, [ITEM], { metadata: sent }), [ITEM]);
      assert.equal(metadata.text('x-one'), 'a, b');
      assert.equal(metadata.getAll('x-many').join(', '), '1, 2');
      assert.deepEqual(metadata.getAll('x-bytes-bin').map(numbers), [[...BYTES]]);
      assert.equal(metadata.text('x-forwarded-for'), '127.0.0.1');
    });

    inboundCase(setting, `${kind}: what the wire says is no metadata`, async (front) => {
      const names = new Set<string>();
      front.script = async (call) => {
        call.metadata.each((name) => names.add(name));
        await allItems(call.body);
        return replyWith(call, [ITEM]);
      };
      await readEnd(front.send(kind, [ITEM], { metadata: { 'x-one': 'a' } }), [ITEM]);
      assert.ok(names.delete('x-one'));
      const owned = [...front.wire.asked, ...OWNED.map(([name]) => name), 'host', 'te'];
      assert.deepEqual(
        owned.filter((name) => names.has(name)),
        [],
      );
    });

    inboundCase(setting, `${kind}: metadata of the service arrives`, async (front) => {
      front.script = async (call) => {
        await allItems(call.body);
        const metadata = metadataOf(
          ['x-one', 'a, b'],
          ['x-many', '1'],
          ['x-many', '2'],
          ['x-bytes-bin', BYTES],
        );
        return replyWith(call, [ITEM], { metadata });
      };
      const call = front.send(kind, [ITEM]);
      assert.equal((await readEnd(call, [ITEM])).code, 'OK');
      const head = await call.head;
      assert.deepEqual([head['x-one'], head['x-many']], ['a, b', '1, 2']);
      assert.equal(head['x-bytes-bin']?.replace(/=+$/, ''), BASE64.replace(/=+$/, ''));
    });

    inboundCase(
      setting,
      `${kind}: what the wire says is not the service's, nor what would break it`,
      async (front) => {
        front.script = async (call) => {
          await allItems(call.body);
          const metadata = metadataOf(
            ...OWNED,
            ['x-broken', 'a\r\nx-smuggled: 1'],
            ['x-not-ascii', 'ü'],
            ['x bad', 'name'],
          );
          return replyWith(call, [ITEM], { metadata, trailers: metadata.fork() });
        };
        const { code, trailers } = await readEnd(front.send(kind, [ITEM]), [ITEM]);
        assert.equal(code, 'OK');
        const answer = await front.wire.answer;
        for (const [name, value] of OWNED) assert.notEqual(answer?.headers[name], value, name);
        for (const name of ['x-broken', 'x-smuggled', 'x-not-ascii', 'x bad']) {
          assert.deepEqual([answer?.headers[name], trailers[name]], [undefined, undefined], name);
        }
      },
    );

    inboundCase(setting, `${kind}: trailers of a good end arrive`, async (front) => {
      front.script = async (call) => {
        await allItems(call.body);
        const trailers = metadataOf(['x-late', 'z'], ['x-late-bin', BYTES]);
        return replyWith(call, [ITEM], { trailers });
      };
      const { code, trailers } = await readEnd(front.send(kind, [ITEM]), [ITEM]);
      assert.deepEqual([code, trailers['x-late']], ['OK', 'z']);
      assert.equal(trailers['x-late-bin']?.replace(/=+$/, ''), BASE64.replace(/=+$/, ''));
    });
  }
}

function numbers(value: string | Uint8Array): unknown {
  return typeof value === 'string' ? value : [...value];
}
