/** How many connections there are, when they are made and when they end. The service is node:http2, the time the test's. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { answer, poolTo, startHoldingService } from '../../support/pool.ts';

const MINUTE = 60_000;

describe('ahead of calls', () => {
  test('nothing is connected without a wish', async (t) => {
    const service = await startHoldingService(t);
    const { pool, clock } = poolTo(t, service.port);
    pool.warm();
    assert.deepEqual([pool.connections, clock.pending], [0, 0]);
  });

  test('warm connections stand before the first call', async (t) => {
    const service = await startHoldingService(t);
    const { pool, call } = poolTo(t, service.port, { warm: 2 });
    pool.warm();
    while (pool.connections < 2) await turn();
    call();
    await service.holds(1);
    assert.deepEqual([pool.connections, pool.connectionsMade, service.sessions.length], [2, 2, 2]);
  });

  test('one that breaks is made again; a service that is away is asked after a pause', async (t) => {
    const service = await startHoldingService(t);
    const { port } = service;
    const { pool, clock } = poolTo(t, port, { warm: 1 });
    pool.warm();
    await service.opened(1);
    service.listener.close();
    service.sessions[0]?.destroy();
    while (pool.connectionsFailed === 0) await turn();
    assert.deepEqual([pool.connections, clock.pending], [0, 1]);
    const back = await startHoldingService(t, {}, port);
    // 75 ms behind the first failure: three quarters of 100.
    clock.advance(74);
    await turn();
    assert.equal(back.sessions.length, 0);
    clock.advance(1);
    await back.opened(1);
    while (pool.connections === 0) await turn();
    assert.deepEqual([pool.connectionsMade, pool.connectionsFailed], [2, 1]);
  });
});

describe('idle connections', () => {
  test('one without streams is closed behind the limit, not before', async (t) => {
    const service = await startHoldingService(t);
    const { pool, clock, call } = poolTo(t, service.port, { idleTimeoutMs: 5 * MINUTE });
    const { ended } = call();
    await service.holds(1);
    clock.advance(7 * MINUTE);
    answer(service.held[0]);
    await ended;
    clock.advance(5 * MINUTE - 1);
    assert.equal(pool.connections, 1);
    const goaway = once(service.sessions[0] ?? service.server, 'goaway');
    clock.advance(1);
    assert.deepEqual([pool.connections, clock.pending], [0, 0]);
    assert.equal((await goaway)[0], 0, 'NO_ERROR');
  });

  test('a call in the meantime begins the time anew, and the next one connects again', async (t) => {
    const service = await startHoldingService(t);
    const { pool, clock, call } = poolTo(t, service.port, { idleTimeoutMs: 5 * MINUTE });
    for (const count of [1, 2]) {
      const { ended } = call();
      await service.holds(count);
      answer(service.held[count - 1]);
      await ended;
      clock.advance(4 * MINUTE);
    }
    assert.equal(service.sessions.length, 1);
    clock.advance(MINUTE);
    assert.equal(pool.connections, 0);
    call();
    await service.holds(3);
    assert.equal(service.sessions.length, 2);
  });

  test('a warm one stays', async (t) => {
    const service = await startHoldingService(t);
    const { pool, clock } = poolTo(t, service.port, { idleTimeoutMs: MINUTE, warm: 1 });
    pool.warm();
    while (pool.connections === 0) await turn();
    clock.advance(60 * MINUTE);
    assert.deepEqual([pool.connections, pool.connectionsMade], [1, 1]);
  });
});

describe('old connections', () => {
  test('another takes over first; the streams of the old one end on it', async (t) => {
    const service = await startHoldingService(t);
    const { pool, clock, call } = poolTo(t, service.port, { maxAgeMs: 30 * MINUTE });
    const old = call();
    await service.holds(1);
    clock.advance(30 * MINUTE);
    assert.equal(pool.connections, 1, 'it serves until the other one is there');
    await service.opened(2);
    while (pool.connections < 2) await turn();
    const next = call();
    await service.holds(2);
    assert.equal(service.held[1]?.session, service.sessions[1]);
    answer(service.held[0]);
    assert.equal(await old.ended, undefined);
    assert.deepEqual([pool.connections, pool.streams], [1, 1]);
    answer(service.held[1]);
    assert.equal(await next.ended, undefined);
  });

  test('one that cannot be replaced stays, and is replaced later', async (t) => {
    const service = await startHoldingService(t);
    const { pool, clock, call } = poolTo(t, service.port, { maxAgeMs: 30 * MINUTE });
    call();
    await service.holds(1);
    service.listener.close();
    clock.advance(30 * MINUTE);
    while (pool.connectionsFailed === 0) await turn();
    assert.deepEqual([pool.connections, pool.streams], [1, 1]);
    call();
    await service.holds(2);
    const back = await startHoldingService(t, {}, service.port);
    clock.advance(75);
    await back.opened(1);
    while (pool.connections < 2) await turn();
    call();
    await back.holds(1);
    assert.equal(pool.streams, 3);
  });

  test('without calls nobody takes over', async (t) => {
    const service = await startHoldingService(t);
    const { pool, clock, call } = poolTo(t, service.port, { maxAgeMs: 30 * MINUTE });
    const { ended } = call();
    await service.holds(1);
    answer(service.held[0]);
    await ended;
    clock.advance(30 * MINUTE);
    assert.deepEqual([pool.connections, pool.connectionsMade, clock.pending], [0, 1, 0]);
  });

  test('a warm one is replaced', async (t) => {
    const service = await startHoldingService(t);
    const { pool, clock } = poolTo(t, service.port, { maxAgeMs: 30 * MINUTE, warm: 1 });
    pool.warm();
    while (pool.connections === 0) await turn();
    clock.advance(30 * MINUTE);
    while (pool.connectionsMade < 2) await turn();
    assert.equal(pool.connections, 1);
  });
});

describe('the queue', () => {
  test('calls wait for a stream in their order; what exceeds the bound is refused', async (t) => {
    const service = await startHoldingService(t, { maxConcurrentStreams: 1 });
    const { pool, call } = poolTo(t, service.port, { max: 1, maxPending: 2 });
    const first = call();
    await service.holds(1);
    const [second, third, fourth] = [call(), call(), call()];
    const refusal = await fourth.ended;
    assert.deepEqual([refusal?.pg, refusal?.reached], ['PG_UPSTREAM_UNAVAILABLE', 'no']);
    assert.deepEqual([pool.queued, pool.refused, pool.streams], [2, 1, 1]);
    for (const [index, { ended }] of [first, second, third].entries()) {
      await service.holds(index + 1);
      answer(service.held[index]);
      assert.equal(await ended, undefined);
    }
    assert.deepEqual([pool.queued, pool.streams, pool.streamsOpened], [0, 0, 3]);
  });

  test('who is cancelled leaves it, and the service hears nothing of it', async (t) => {
    const service = await startHoldingService(t, { maxConcurrentStreams: 1 });
    const { pool, call } = poolTo(t, service.port, { max: 1 });
    call();
    await service.holds(1);
    call().stream.cancel();
    assert.equal(pool.queued, 0);
    const last = call();
    answer(service.held[0]);
    await service.holds(2);
    answer(service.held[1]);
    assert.equal(await last.ended, undefined);
    assert.equal(service.held.length, 2);
  });

  test('closing fails calls, waiting and open, and leaves no timer', async (t) => {
    const service = await startHoldingService(t, { maxConcurrentStreams: 1 });
    const { pool, clock, call } = poolTo(t, service.port, {
      max: 1,
      idleTimeoutMs: MINUTE,
      maxAgeMs: MINUTE,
      keepalive: { intervalMs: MINUTE, timeoutMs: 1_000, withoutStreams: true },
    });
    const calls = [call(), call()];
    await service.holds(1);
    const { GatewayError } = await import('../../../src/call/error.ts');
    pool.close(new GatewayError('PG_DRAIN', 'over'));
    for (const { ended } of calls) assert.equal((await ended)?.pg, 'PG_DRAIN');
    assert.deepEqual([pool.connections, pool.streams, pool.queued, clock.pending], [0, 0, 0, 0]);
    assert.equal((await call().ended)?.pg, 'PG_DRAIN');
  });
});

describe('draining', () => {
  test('idle connections end at once, others behind their streams; calls still get through', async (t) => {
    const service = await startHoldingService(t, { maxConcurrentStreams: 1 });
    const { pool, clock, call } = poolTo(t, service.port, { warm: 2, idleTimeoutMs: MINUTE });
    pool.warm();
    while (pool.connections < 2) await turn();
    const first = call();
    await service.holds(1);
    pool.drain();
    assert.equal(pool.connections, 1);
    const second = call();
    await service.holds(2);
    assert.equal(pool.connections, 2);
    for (const [index, { ended }] of [first, second].entries()) {
      answer(service.held[index]);
      assert.equal(await ended, undefined);
      assert.equal(pool.connections, 1 - index);
    }
    assert.equal(clock.pending, 0);
  });
});

test('a service that accepts and says nothing is given up in time', async (t) => {
  const silent = createServer((socket) => socket.on('error', () => socket.destroy()));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { pool, clock, call } = poolTo(t, port, { connectTimeoutMs: 2_000 });
  const { ended } = call();
  await once(silent, 'connection');
  clock.advance(2_000);
  const error = await ended;
  assert.deepEqual([error?.pg, error?.reached], ['PG_UPSTREAM_UNAVAILABLE', 'no']);
  assert.match(String(error?.cause), /no answer within 2000 ms/);
  assert.deepEqual([pool.connections, pool.connectionsFailed, clock.pending], [0, 1, 0]);
});

test('a call whose head has not been handed to the socket yet was not reached', async (t) => {
  const service = await startHoldingService(t);
  const sockets: Socket[] = [];
  const remember = (message: unknown): void => {
    sockets.push((message as { socket: Socket }).socket);
  };
  subscribe('net.client.socket', remember);
  t.after(() => unsubscribe('net.client.socket', remember));
  const { pool, call } = poolTo(t, service.port, { warm: 1 });
  pool.warm();
  while (pool.connections === 0) await turn();
  const early = call();
  await service.holds(1);
  const { ended } = call();
  for (const socket of sockets) socket.destroy(new Error('cut'));
  const errors = await Promise.all([early.ended, ended]);
  assert.deepEqual(
    errors.map((error) => [error?.pg, error?.reached]),
    [
      ['PG_UPSTREAM_RESET', 'maybe'],
      ['PG_UPSTREAM_RESET', 'no'],
    ],
  );
});

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
