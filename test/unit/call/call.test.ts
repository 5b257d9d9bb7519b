import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Attempt } from '../../../src/call/attempt.ts';
import type { Call, Outcome } from '../../../src/call/call.ts';
import { GatewayError } from '../../../src/call/error.ts';
import type { Routed } from '../../../src/call/types.ts';
import { TimerWheel } from '../../../src/lib/timer-wheel.ts';
import { fakeCall, fakeRoute } from '../../support/fake-call.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const OUTCOME: Outcome = { code: 'OK', httpStatus: 200, error: null };

function setUp() {
  const clock = new ManualClock(1000);
  const wheel = new TimerWheel(clock);
  const call = fakeCall({ wheel });
  const reasons: string[] = [];
  call.onCancel = (reason) => reasons.push(`${reason.pg}: ${reason.message}`);
  return { clock, wheel, call, reasons };
}

function reason(pg: 'PG_CLIENT_GONE' | 'PG_DRAIN' = 'PG_CLIENT_GONE'): GatewayError {
  return new GatewayError(pg, 'x');
}

function routed(call: Call): Routed {
  call.route = fakeRoute();
  return call as Routed;
}

describe('call: cancellation', () => {
  test('runs the handler synchronously and once; the first reason stays', () => {
    const { call, reasons } = setUp();
    const first = reason();
    call.cancel(first);
    assert.equal(reasons.length, 1);
    call.cancel(reason('PG_DRAIN'));
    assert.equal(reasons.length, 1);
    assert.equal(call.cancelled, first);
    assert.equal(call.onCancel, null);
  });

  test('a handler that cancels again does not recurse', () => {
    const { call } = setUp();
    let runs = 0;
    call.onCancel = () => {
      runs++;
      call.cancel(reason('PG_DRAIN'));
    };
    call.cancel(reason());
    assert.equal(runs, 1);
  });

  test('wakes an inbound that waits for a slow reader, once', () => {
    const { call } = setUp();
    let woken = 0;
    call.onStalled = () => {
      woken++;
    };
    call.cancel(reason());
    call.cancel(reason());
    assert.equal(woken, 1);
  });

  test('takes the call off the wheel, and later bounds arm nothing', () => {
    const { call, wheel } = setUp();
    call.shorten(5000);
    call.cancel(reason());
    call.shorten(4000);
    call.watchIdle(100);
    assert.equal(wheel.size, 0);
  });

  test('an attempt of a call that was cancelled hears of it at once', () => {
    const { call } = setUp();
    const attempt = new Attempt(routed(call), { address: '127.0.0.1:1' }, 1);
    const first = reason();
    call.cancel(first);
    let heard: GatewayError | null = null;
    attempt.onCancel = (why) => {
      heard = why;
    };
    assert.equal(heard, first);
    assert.equal(call.onCancel, null);
  });

  test('cancelling a call cancels its attempt', () => {
    const { call } = setUp();
    const attempt = new Attempt(routed(call), { address: '127.0.0.1:1' }, 1);
    let heard = 0;
    attempt.onCancel = () => {
      heard++;
    };
    call.cancel(reason());
    assert.equal(heard, 1);
  });
});

describe('call: deadline', () => {
  test('cancels when it passes, never before, and says how long the call had', () => {
    const { call, clock, reasons } = setUp();
    call.shorten(1000 + 250);
    clock.advance(249);
    assert.deepEqual(reasons, []);
    clock.advance(11);
    assert.deepEqual(reasons, ['PG_DEADLINE_EXCEEDED: no complete answer within 250 ms']);
  });

  test('only ever shortens', () => {
    const { call, clock, reasons } = setUp();
    call.shorten(2000);
    call.shorten(9000);
    assert.equal(call.deadlineMs, 2000);
    call.shorten(1100);
    call.shorten(Infinity);
    assert.equal(call.deadlineMs, 1100);
    clock.advance(110);
    assert.equal(reasons.length, 1);
  });

  test('an attempt has the deadline that the call had when it began', () => {
    const { call } = setUp();
    call.shorten(2000);
    assert.equal(new Attempt(routed(call), { address: '127.0.0.1:1' }, 1).deadlineMs, 2000);
  });

  test('a deadline that has passed already cancels within a slot, not inside shorten', () => {
    const { call, clock, reasons } = setUp();
    call.shorten(500);
    assert.deepEqual(reasons, []);
    clock.advance(10);
    assert.equal(reasons.length, 1);
  });
});

describe('call: idle bound', () => {
  test('cancels when nothing moved, and every message starts it anew', () => {
    const { call, clock, reasons } = setUp();
    call.watchIdle(100);
    for (let n = 0; n < 20; n++) {
      clock.advance(90);
      call.touch();
    }
    assert.deepEqual(reasons, []);
    clock.advance(111);
    assert.deepEqual(reasons, ['PG_IDLE_TIMEOUT: nothing moved on this stream for 100 ms']);
  });

  test('touching without a bound does nothing', () => {
    const { call, wheel } = setUp();
    call.touch();
    assert.equal(wheel.size, 0);
  });

  test('of deadline and idle bound the earlier one cancels, with its own reason', () => {
    const idleFirst = setUp();
    idleFirst.call.shorten(9000);
    idleFirst.call.watchIdle(100);
    idleFirst.clock.advance(200);
    assert.match(idleFirst.reasons.join(), /^PG_IDLE_TIMEOUT/);

    const deadlineFirst = setUp();
    deadlineFirst.call.watchIdle(500);
    deadlineFirst.call.shorten(1200);
    deadlineFirst.clock.advance(300);
    assert.match(deadlineFirst.reasons.join(), /^PG_DEADLINE_EXCEEDED/);
  });

  test('traffic does not put off the deadline', () => {
    const { call, clock, reasons } = setUp();
    call.watchIdle(100);
    call.shorten(2000);
    for (let n = 0; n < 30; n++) {
      clock.advance(50);
      call.touch();
    }
    assert.match(reasons.join(), /^PG_DEADLINE_EXCEEDED/);
  });

  test('the bound counts from when it was set, not from the start of the call', () => {
    const { call, clock, reasons } = setUp();
    clock.advance(5000);
    call.watchIdle(100);
    clock.advance(95);
    assert.deepEqual(reasons, []);
  });
});

describe('call: end', () => {
  test('tells the observer once, the first outcome, and nothing fires afterwards', () => {
    const { call, clock, wheel, reasons } = setUp();
    const outcomes: Outcome[] = [];
    call.observer = { finished: (_call, outcome) => outcomes.push(outcome) };
    call.shorten(2000);
    call.watchIdle(100);
    call.finish(OUTCOME);
    call.finish({ ...OUTCOME, code: 'INTERNAL' });
    assert.deepEqual(outcomes, [OUTCOME]);
    assert.equal(wheel.size, 0);
    clock.advance(60_000);
    assert.deepEqual(reasons, []);
  });

  test('bounds that are set behind the end arm nothing', () => {
    const { call, wheel } = setUp();
    call.finish(OUTCOME);
    call.shorten(2000);
    call.watchIdle(100);
    assert.equal(wheel.size, 0);
  });

  test('a cancellation behind the end reaches nobody', () => {
    const { call, reasons } = setUp();
    let woken = 0;
    call.onStalled = () => {
      woken++;
    };
    call.finish(OUTCOME);
    call.cancel(reason());
    assert.deepEqual(reasons, []);
    assert.equal(woken, 0);
  });
});
