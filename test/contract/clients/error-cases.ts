/** Calls that fail: what the service or the gateway says of it reaches the client, with its details. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { envelope, type Item, respond, respondOnly } from '../../support/scripted-grpc.ts';
import type { Case } from './cases.ts';
import { BYTES_HEX, DETAIL } from './service.ts';
import { MAX_BYTES } from './world.ts';
import { type ErrorInfo, of, type Received } from './types.ts';

/** Also where it is compressed. */
const TOO_LARGE = randomBytes(Math.ceil(1.1 * MAX_BYTES)).toString('base64');

export const errorCases: readonly Case[] = [
  {
    name: 'an error of the service with its details',
    async run({ client }) {
      const received = await client.call({ method: 'Get', requests: of({ name: 'missing' }) });
      assertFailed(received, 5, 'no such ü item');
      assert.deepEqual(received.items, []);
      assertDetail(received, DETAIL);
      assert.deepEqual([received.tail('x-why'), received.tail('x-why-bin')], ['gone', BYTES_HEX]);
    },
  },
  {
    name: 'an error of a service that has sent the message',
    async run({ client }) {
      const received = await client.call({ method: 'Create', requests: of({ name: 'late' }) });
      assertFailed(received, 8, 'enough');
      assertDetail(received, DETAIL);
    },
  },
  {
    name: 'a server stream that fails at once',
    needs: ['server streams'],
    async run({ client }) {
      const received = await client.call({ method: 'Watch', requests: of({ name: 'missing' }) });
      assertFailed(received, 5, 'no such ü item');
      assert.deepEqual(received.items, []);
      assertDetail(received, DETAIL);
    },
  },
  {
    name: 'a server stream that fails behind its messages',
    needs: ['server streams'],
    async run({ client }) {
      const received = await client.call({ method: 'Watch', requests: of({ name: 'late' }) });
      assertFailed(received, 8, 'enough');
      assert.deepEqual(
        received.items.map(({ count }) => count),
        [1, 2, 3],
      );
      assertDetail(received, DETAIL);
    },
  },
  {
    name: 'a client stream that the service refuses before its end',
    needs: ['client streams'],
    async run({ client, peer }) {
      const refused = Promise.withResolvers<void>();
      peer.script = ({ stream }) => {
        stream.once('data', () => {
          respondOnly(stream, { 'grpc-status': '9', 'grpc-message': 'too many' });
          refused.resolve();
        });
      };
      async function* send(): AsyncGenerator<Item> {
        yield { name: 'a' };
        await refused.promise;
        yield { name: 'b' };
      }
      const received = await client.call({ method: 'Upload', requests: send() });
      assertFailed(received, 9, 'too many');
    },
  },
  {
    name: 'a message larger than the gateway takes',
    async run(world) {
      const { client, peer } = world;
      const { calls } = peer;
      world.refused++;
      const received = await client.call({ method: 'Create', requests: of({ name: TOO_LARGE }) });
      assert.equal(received.failure?.code, 8);
      assertDetail(received, { reason: 'PG_BODY_TOO_LARGE', domain: 'polygate', metadata: {} });
      assert.equal(peer.calls, calls);
    },
  },
  {
    name: 'an answer larger than the gateway takes',
    async run({ client, peer }) {
      peer.script = ({ stream }) => {
        stream.resume();
        respond(stream, { 'grpc-status': '0' });
        stream.end(envelope({ name: TOO_LARGE }));
      };
      const received = await client.call({ method: 'Create', requests: of({ name: 'a' }) });
      assert.equal(received.failure?.code, 8);
      assertDetail(received, { reason: 'PG_RESPONSE_TOO_LARGE', domain: 'polygate', metadata: {} });
    },
  },
  {
    name: 'an error of the gateway has its reason in the details',
    async run({ client, peer }) {
      peer.script = ({ stream }) => stream.session?.destroy();
      const received = await client.call({ method: 'Create', requests: of({ name: 'a' }) });
      assert.equal(received.failure?.code, 14);
      assertDetail(received, { reason: 'PG_UPSTREAM_RESET', domain: 'polygate', metadata: {} });
    },
  },
];

function assertFailed({ failure }: Received, code: number, message: string): void {
  assert.deepEqual([failure?.code, failure?.message], [code, message]);
}

function assertDetail({ failure }: Received, expected: ErrorInfo): void {
  const [info] = failure?.details ?? [];
  assert.ok(info !== undefined, 'it has no details');
  const { reason, domain, metadata } = info;
  assert.deepEqual({ reason, domain, metadata }, expected);
}
