import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { systemClock } from '../../../src/lib/clock.ts';

/** Timers of the system by hand; `nowMs` runs behind them, as the real clock does behind libuv's whole milliseconds. */
function setUp(context: TestContext) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const time = { nowMs: 100.9 };
  context.mock.method(performance, 'now', () => time.nowMs);
  let fired = 0;
  const fire = (): void => {
    fired++;
  };
  const tick = (ms: number, nowMs: number): number => {
    time.nowMs = nowMs;
    context.mock.timers.tick(ms);
    return fired;
  };
  return { fire, tick };
}

describe('system clock', () => {
  test('a timer that the system fires early waits for the rest', (context) => {
    const { fire, tick } = setUp(context);
    systemClock.after(10, fire);
    assert.equal(tick(10, 110.2), 0);
    assert.equal(tick(1, 110.95), 1);
    assert.equal(tick(1000, 2000), 1);
  });

  test('a cancelled timer never fires, before and after its first wait', (context) => {
    const { fire, tick } = setUp(context);
    systemClock.after(10, fire).cancel();
    const second = systemClock.after(10, fire);
    assert.equal(tick(10, 110.2), 0);
    second.cancel();
    second.cancel();
    assert.equal(tick(1000, 2000), 0);
  });

  test('the monotonic and the epoch clock have the scales that they say', () => {
    assert.ok(systemClock.epochMs() > Date.UTC(2025, 0, 1));
    assert.ok(systemClock.nowMs() <= systemClock.nowMs());
  });
});
