/** Calls that the client ends, by its deadline or because it lost interest: the service is told. */
import assert from 'node:assert/strict';
import { envelope, respond } from '../../support/scripted-grpc.ts';
import type { Case } from './cases.ts';
import { of } from './types.ts';

const CANCEL = 8;
/** Longer than any client waits here, shorter than what the gateway allows by itself. */
const LONG_MS = 20_000;

export const endCases: readonly Case[] = [
  {
    name: 'a deadline that the gateway keeps',
    needs: ['deadlines on the wire'],
    alone: true,
    async run({ client, peer, clock }) {
      const arrived = Promise.withResolvers<unknown>();
      peer.script = ({ stream, headers }) => {
        stream.resume();
        arrived.resolve(headers['grpc-timeout']);
      };
      const answer = client.call({ method: 'Create', requests: of({}), deadlineMs: LONG_MS });
      const timeout = String(await arrived.promise);
      assert.match(timeout, /^\d+m$/);
      assert.ok(parseInt(timeout, 10) <= LONG_MS, timeout);
      clock.advance(LONG_MS + 100);
      assert.equal((await answer).failure?.code, 4);
      assert.equal(peer.calls, 1);
    },
  },
  {
    name: 'a deadline that the client keeps',
    alone: true,
    async run({ client, peer }) {
      peer.script = ({ stream }) => void stream.resume();
      // The gateway's clock stands still. On a slow machine the call may not have come as far as the service.
      const { failure } = await client.call({
        method: 'Create',
        requests: of({}),
        deadlineMs: 50,
      });
      assert.equal(failure?.code, 4);
    },
  },
  {
    name: 'a call that is given up before its answer',
    async run({ client, peer }) {
      const controller = new AbortController();
      const closed = Promise.withResolvers<number | undefined>();
      peer.script = ({ stream }) => {
        stream.resume();
        stream.on('close', () => closed.resolve(stream.rstCode));
        controller.abort();
      };
      const { signal } = controller;
      const { failure } = await client.call({ method: 'Create', requests: of({}), signal });
      assert.equal(failure?.code, 1);
      assert.equal(await closed.promise, CANCEL);
    },
  },
  {
    name: 'a stream that is given up behind its first message',
    needs: ['server streams', 'messages as they come'],
    async run({ client, peer }) {
      const controller = new AbortController();
      const closed = Promise.withResolvers<number | undefined>();
      peer.script = ({ stream }) => {
        stream.resume();
        stream.on('close', () => closed.resolve(stream.rstCode));
        respond(stream, { 'grpc-status': '0' });
        stream.write(envelope({ name: 'a' }));
      };
      const { failure } = await client.call({
        method: 'Watch',
        requests: of({}),
        signal: controller.signal,
        onItem: () => controller.abort(),
      });
      assert.equal(failure?.code, 1);
      assert.equal(await closed.promise, CANCEL);
    },
  },
];
