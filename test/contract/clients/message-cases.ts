/** The four kinds of calls that go well. */
import assert from 'node:assert/strict';
import { respond, envelope, type Item } from '../../support/scripted-grpc.ts';
import type { Case } from './cases.ts';
import { BYTES, BYTES_HEX } from './service.ts';
import { of } from './types.ts';

/** Larger than the windows of 64 KB that HTTP/2 begins with; each word differs, so that nothing lost or moved goes unseen. */
const LARGE = Array.from({ length: 15_000 }, (_, i) => `w${i}`.padStart(9, '.')).join(' ');

export const messageCases: readonly Case[] = [
  {
    name: 'unary, with metadata both ways',
    async run({ subject, client, peer, serve }) {
      // What the service takes as it is; JSON has to be read.
      const kept = subject.compression === 'gzip' && subject.json !== true;
      for (const method of ['Get', 'Create'] as const) {
        let arrived: Record<string, unknown> = {};
        peer.script = (call) => {
          arrived = call.headers;
          return serve(call);
        };
        const { items, head, tail, failure } = await client.call({
          method,
          requests: of({ name: 'ünï' }),
          metadata: { 'x-tenant': 't1', 'x-tenant-bin': BYTES },
        });
        assert.deepEqual([failure, items], [null, [{ name: 'ünï!', count: 7 }]]);
        assert.equal(arrived['x-tenant'], 't1');
        assert.equal(bytesOf(arrived['x-tenant-bin']), BYTES_HEX);
        assert.equal(arrived['x-forwarded-proto'], subject.tls ? 'https' : 'http');
        assert.equal(arrived['grpc-encoding'], kept ? 'gzip' : undefined);
        assert.deepEqual([head('x-first'), head('x-first-bin')], ['t1', BYTES_HEX]);
        assert.deepEqual([tail('x-last'), tail('x-last-bin')], ['z', BYTES_HEX]);
      }
    },
  },
  {
    name: 'large messages both ways',
    async run({ client }) {
      const { items, failure } = await client.call({
        method: 'Create',
        requests: of({ name: LARGE }),
      });
      assert.equal(failure, null);
      assert.deepEqual(items, [{ name: `${LARGE}!`, count: 7 }]);
    },
  },
  {
    name: 'a server stream, with metadata both ways',
    needs: ['server streams'],
    async run({ client }) {
      const { items, head, tail, failure } = await client.call({
        method: 'Watch',
        requests: of({ name: LARGE }),
        metadata: { 'x-tenant': 't2', 'x-tenant-bin': BYTES },
      });
      assert.equal(failure, null);
      assert.deepEqual(
        items,
        [1, 2, 3].map((count) => ({ name: LARGE, count })),
      );
      assert.deepEqual([head('x-first'), head('x-first-bin')], ['t2', BYTES_HEX]);
      assert.deepEqual([tail('x-last'), tail('x-last-bin')], ['z', BYTES_HEX]);
    },
  },
  {
    name: 'a server stream, each message read before the service knows the next',
    needs: ['server streams', 'messages as they come'],
    async run({ client, peer }) {
      let read = Promise.withResolvers<void>();
      peer.script = async ({ stream }) => {
        stream.resume();
        respond(stream, { 'grpc-status': '0' });
        for (const count of [1, 2, 3]) {
          stream.write(envelope({ count }));
          await read.promise;
          read = Promise.withResolvers();
        }
        stream.end();
      };
      const { items, failure } = await client.call({
        method: 'Watch',
        requests: of({}),
        onItem: () => read.resolve(),
      });
      assert.deepEqual([failure, items.map(({ count }) => count)], [null, [1, 2, 3]]);
    },
  },
  {
    name: 'a server stream without a message',
    needs: ['server streams'],
    async run({ client }) {
      const { items, tail, failure } = await client.call({
        method: 'Watch',
        requests: of({ name: 'none' }),
      });
      assert.deepEqual([failure, items, tail('x-last')], [null, [], 'z']);
    },
  },
  {
    name: 'a trailer of two values',
    needs: ['repeated trailers'],
    async run({ client }) {
      const { tail } = await client.call({ method: 'Get', requests: of({ name: 'a' }) });
      assert.equal(tail('x-each'), 'y, z');
    },
  },
  {
    name: 'twenty calls at the same time',
    async run({ client }) {
      const names = Array.from({ length: 20 }, (_, i) => `n${i}`);
      const answers = await Promise.all(
        names.map((name) => client.call({ method: 'Get', requests: of({ name }) })),
      );
      assert.deepEqual(
        answers.map(({ items }) => items[0]?.name),
        names.map((name) => `${name}!`),
      );
    },
  },
  {
    name: 'streams of a client that sends no message',
    needs: ['client streams'],
    async run({ client }) {
      const upload = await client.call({ method: 'Upload', requests: of() });
      assert.deepEqual([upload.failure, upload.items], [null, [{ name: '', count: 0 }]]);
      const talk = await client.call({ method: 'Talk', requests: of() });
      assert.deepEqual([talk.failure, talk.items, talk.tail('x-last')], [null, [], 'z']);
    },
  },
  {
    name: 'a client stream',
    needs: ['client streams'],
    async run({ client }) {
      const { items, failure } = await client.call({
        method: 'Upload',
        requests: of({ name: 'a' }, { name: LARGE }, { name: 'c' }),
      });
      assert.deepEqual([failure, items], [null, [{ name: `a+${LARGE}+c`, count: 3 }]]);
    },
  },
  {
    name: 'half-duplex bidi',
    needs: ['client streams'],
    async run({ client }) {
      const { items, failure } = await client.call({
        method: 'Talk',
        requests: of({ name: 'x' }, { name: 'y' }),
      });
      assert.deepEqual([failure, items.map(({ name }) => name)], [null, ['x!', 'y!']]);
    },
  },
  {
    name: 'full-duplex bidi, each question behind the answer to the one before',
    needs: ['client streams', 'full duplex'],
    async run({ client, peer }) {
      peer.script = ({ stream, headers }) => {
        const encoding = String(headers['grpc-encoding'] ?? 'identity');
        respond(stream, { 'grpc-status': '0' }, { 'grpc-encoding': encoding });
        stream.pipe(stream);
      };
      let answered = Promise.withResolvers<void>();
      async function* ask(): AsyncGenerator<Item> {
        for (const name of ['one', 'two', 'three']) {
          yield { name };
          await answered.promise;
          answered = Promise.withResolvers();
        }
      }
      const { items, failure } = await client.call({
        method: 'Talk',
        requests: ask(),
        onItem: () => answered.resolve(),
      });
      assert.deepEqual([failure, items.map(({ name }) => name)], [null, ['one', 'two', 'three']]);
    },
  },
];

function bytesOf(header: unknown): string {
  return Buffer.from(String(header), 'base64').toString('hex');
}
