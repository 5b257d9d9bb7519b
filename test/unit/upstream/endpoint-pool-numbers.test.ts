/** Jitter of pauses and ages, and what an endpoint counts of each way in which a stream or a connection ends. */
import assert from 'node:assert/strict';
import { constants } from 'node:http2';
import { describe, test } from 'node:test';
import { rawFrame, startRawPeer } from '../../support/http2-frames.ts';
import { answer, poolTo, startHoldingService } from '../../support/pool.ts';

const MINUTE = 60_000;

describe('a service that stays away', () => {
  // Half to all of 100 ms, doubled with each failure and never more than 5 s.
  for (const [random, pauses] of [
    [0, [50, 100, 200, 400, 800, 1_600, 2_500, 2_500]],
    [1, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]],
  ] as const) {
    test(`is asked after pauses that grow to a bound, at the random number ${random}`, async (t) => {
      const service = await startHoldingService(t);
      const { port } = service;
      service.listener.close();
      const pooled = poolTo(t, port, { warm: 1 });
      const { pool, clock } = pooled;
      pooled.random.value = random;
      pool.warm();
      for (const [before, pauseMs] of pauses.entries()) {
        while (pool.connectionsFailed === before) await turn();
        assert.equal(pool.connectionsFailed, before + 1);
        clock.advance(pauseMs - 1);
        assert.equal(clock.pending, 1, `a try before ${pauseMs} ms`);
        clock.advance(1);
      }
    });
  }

  test('and is back: the next failure counts as the first', async (t) => {
    const service = await startHoldingService(t);
    const { port } = service;
    service.listener.close();
    const { pool, clock } = poolTo(t, port, { warm: 1 });
    pool.warm();
    for (const [before, pauseMs] of [75, 150].entries()) {
      while (pool.connectionsFailed === before) await turn();
      if (before === 0) clock.advance(pauseMs);
    }
    const back = await startHoldingService(t, {}, port);
    clock.advance(150);
    while (pool.connections === 0) await turn();
    back.listener.close();
    back.sessions[0]?.destroy();
    while (pool.connectionsFailed === 2) await turn();
    const again = await startHoldingService(t, {}, port);
    clock.advance(74);
    await turn();
    assert.equal(again.sessions.length, 0);
    clock.advance(1);
    await again.opened(1);
  });
});

describe('the age of a connection', () => {
  for (const [random, ageMs] of [
    [0, 27 * MINUTE],
    [1, 33 * MINUTE],
  ] as const) {
    test(`is up to a tenth off: ${ageMs / MINUTE} of 30 minutes at the random number ${random}`, async (t) => {
      const service = await startHoldingService(t);
      const pooled = poolTo(t, service.port, { maxAgeMs: 30 * MINUTE, warm: 1 });
      const { pool, clock } = pooled;
      pooled.random.value = random;
      pool.warm();
      while (pool.connections === 0) await turn();
      clock.advance(ageMs - 1);
      for (let i = 0; i < 10; i++) await turn();
      assert.equal(service.sessions.length, 1);
      // The product of the fractions may lie a rounding above the whole millisecond.
      clock.advance(2);
      await service.opened(2);
    });
  }
});

describe('what is counted', () => {
  test('a stream that the service resets', async (t) => {
    const service = await startHoldingService(t);
    const { pool, call } = poolTo(t, service.port);
    const { ended } = call();
    await service.holds(1);
    service.held[0]?.close(constants.NGHTTP2_INTERNAL_ERROR);
    assert.equal((await ended)?.pg, 'PG_UPSTREAM_RESET');
    assert.deepEqual([pool.resets, pool.lost, pool.violations, pool.streams], [1, 0, 0, 0]);
  });

  test('streams that are lost with their connection', async (t) => {
    const service = await startHoldingService(t);
    const { pool, call } = poolTo(t, service.port);
    const calls = [call(), call()];
    await service.holds(2);
    service.sessions[0]?.destroy();
    for (const { ended } of calls) assert.equal((await ended)?.pg, 'PG_UPSTREAM_RESET');
    assert.deepEqual([pool.resets, pool.lost, pool.violations, pool.streams], [0, 2, 0, 0]);
  });

  test('a stream on which the service breaks the protocol', async (t) => {
    const peer = await startRawPeer();
    t.after(() => peer.close());
    peer.answer = rawFrame(0, 0, 1, '00');
    const { pool, call } = poolTo(t, peer.port);
    assert.equal((await call().ended)?.pg, 'PG_UPSTREAM_PROTOCOL');
    assert.deepEqual([pool.resets, pool.lost, pool.violations, pool.streams], [0, 0, 1, 0]);
  });

  test('calls that got no connection', async (t) => {
    const service = await startHoldingService(t);
    service.listener.close();
    const { pool, call } = poolTo(t, service.port);
    for (const { ended } of [call(), call()]) {
      assert.equal((await ended)?.pg, 'PG_UPSTREAM_UNAVAILABLE');
    }
    assert.deepEqual(
      [pool.refused, pool.connectionsFailed, pool.connectionsMade, pool.streamsOpened],
      [2, 1, 0, 0],
    );
  });

  test('a call that ends well, and its bytes', async (t) => {
    const service = await startHoldingService(t);
    const { pool, call } = poolTo(t, service.port);
    const { ended } = call();
    await service.holds(1);
    answer(service.held[0]);
    assert.equal(await ended, undefined);
    assert.deepEqual(
      [pool.resets, pool.lost, pool.violations, pool.refused, pool.streamsOpened],
      [0, 0, 0, 0, 1],
    );
    assert.ok(pool.bytesSent > 24 && pool.bytesReceived > 9);
  });
});

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
