import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { startBookstore } from '../../../examples/bookstore/server.ts';
import { connect, startPeer } from './peer.ts';

const HEALTH = ['grpc/health/v1/health.proto', 'grpc.health.v1.Health'] as const;

describe('health', () => {
  test('the server and its service are serving, others unknown', async (t) => {
    const peer = await startPeer(t, {}, HEALTH);
    for (const service of ['', 'bookstore.v1.Bookstore']) {
      assert.deepEqual(await peer.call('Check', { service }), { status: 'SERVING' });
    }
    await assert.rejects(peer.call('Check', { service: 'x' }), { code: status.NOT_FOUND });
    const { statuses } = await peer.call('List', {});
    assert.deepEqual(Object.keys(statuses), ['', 'bookstore.v1.Bookstore']);
  });

  test('a watch of an unknown service says so and stays open', async (t) => {
    const peer = await startPeer(t, {}, HEALTH);
    const watch = peer.open('Watch', { service: 'x' });
    for await (const answer of watch) {
      assert.deepEqual(answer, { status: 'SERVICE_UNKNOWN' });
      break;
    }
    watch.cancel();
  });

  test('a watch hears when the server stops', async (t) => {
    const bookstore = await startBookstore();
    const peer = connect(t, bookstore.port, HEALTH);
    const heard: string[] = [];
    let closed: Promise<void> | undefined;
    for await (const answer of peer.open('Watch', { service: '' })) {
      heard.push(answer.status);
      closed ??= bookstore.close();
    }
    await closed;
    assert.deepEqual(heard, ['SERVING', 'NOT_SERVING']);
  });
});
