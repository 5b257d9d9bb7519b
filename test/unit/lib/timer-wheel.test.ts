import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Timed, TimerWheel } from '../../../src/lib/timer-wheel.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const SLOT_MS = 10;
/** One turn of the wheel. */
const TURN_MS = 4096 * SLOT_MS;

interface Probe extends Timed {
  readonly firedMs: number[];
}

/** Records when it fires; `then` runs inside `onDue`. */
function probe(then: (self: Probe, nowMs: number) => void = () => {}): Probe {
  const self: Probe = {
    dueMs: Infinity,
    wheelNext: null,
    wheelPrevious: null,
    wheelSlot: -1,
    firedMs: [],
    onDue(nowMs) {
      self.firedMs.push(nowMs);
      then(self, nowMs);
    },
  };
  return self;
}

function setUp(startMs = 0) {
  const clock = new ManualClock(startMs);
  return { clock, wheel: new TimerWheel(clock) };
}

describe('timer wheel', () => {
  test('fires once, never early and at most a slot late, whatever the phase', () => {
    for (let startMs = 0; startMs < 25; startMs++) {
      for (let delayMs = 1; delayMs < 45; delayMs++) {
        const { clock, wheel } = setUp(startMs);
        const timed = probe();
        wheel.arm(timed, startMs + delayMs);
        clock.advance(1000);
        const [firedMs = NaN, again] = timed.firedMs;
        assert.ok(firedMs >= startMs + delayMs, `${startMs}+${delayMs} fired at ${firedMs}`);
        assert.ok(firedMs <= startMs + delayMs + SLOT_MS, `${startMs}+${delayMs} at ${firedMs}`);
        assert.equal(again, undefined);
      }
    }
  });

  test('a due time that has passed fires at the next slot, not inside arm', () => {
    const { clock, wheel } = setUp(1000);
    const timed = probe();
    wheel.arm(timed, 3);
    assert.deepEqual(timed.firedMs, []);
    clock.advance(SLOT_MS);
    assert.equal(timed.firedMs.length, 1);
  });

  test('an infinite due time disarms', () => {
    const { clock, wheel } = setUp();
    const timed = probe();
    wheel.arm(timed, 50);
    wheel.arm(timed, Infinity);
    assert.equal(wheel.size, 0);
    clock.advance(2 * TURN_MS);
    assert.deepEqual(timed.firedMs, []);
  });

  test('arming again moves a timer, in both directions', () => {
    const { clock, wheel } = setUp();
    const timed = probe();
    wheel.arm(timed, 50);
    wheel.arm(timed, 500);
    assert.equal(wheel.size, 1);
    clock.advance(400);
    assert.deepEqual(timed.firedMs, []);
    wheel.arm(timed, 420);
    clock.advance(1000);
    assert.deepEqual(timed.firedMs, [420]);
  });

  test('disarm is safe in any state and keeps the others of a slot', () => {
    const { clock, wheel } = setUp();
    const probes = [probe(), probe(), probe()];
    for (const timed of probes) wheel.arm(timed, 50);
    const [first, middle, last] = probes;
    assert.ok(first && middle && last);
    wheel.disarm(middle);
    wheel.disarm(middle);
    wheel.disarm(probe());
    assert.equal(wheel.size, 2);
    clock.advance(100);
    assert.deepEqual(
      [first, middle, last].map((timed) => timed.firedMs),
      [[50], [], [50]],
    );
    assert.equal(wheel.size, 0);
  });

  test('a timer more than a turn away fires on its own turn', () => {
    const { clock, wheel } = setUp();
    const far = probe();
    const near = probe();
    wheel.arm(far, 3 * TURN_MS + 50);
    wheel.arm(near, 50);
    clock.advance(3 * TURN_MS);
    assert.deepEqual([near.firedMs, far.firedMs], [[50], []]);
    clock.advance(100);
    assert.deepEqual(far.firedMs, [3 * TURN_MS + 50]);
  });

  test('after a pause longer than a turn everything that is due fires once', () => {
    const { clock, wheel } = setUp();
    const probes = Array.from({ length: 200 }, () => probe());
    for (const [index, timed] of probes.entries()) wheel.arm(timed, 1 + index * 997);
    const pauseMs = 2 * TURN_MS + 7;
    clock.jump(pauseMs);
    for (const timed of probes) {
      // The due time stays readable on a timer that has fired.
      assert.equal(timed.firedMs.length, timed.dueMs <= pauseMs ? 1 : 0, `due ${timed.dueMs}`);
    }
    clock.advance(200 * 997);
    for (const timed of probes) assert.equal(timed.firedMs.length, 1, `due ${timed.dueMs}`);
  });

  test('a timer may arm itself again while it fires', () => {
    const { clock, wheel } = setUp();
    const heartbeat = probe((self, nowMs) => {
      if (self.firedMs.length < 5) wheel.arm(self, nowMs + 100);
    });
    wheel.arm(heartbeat, 100);
    clock.advance(1000);
    assert.deepEqual(heartbeat.firedMs, [100, 200, 300, 400, 500]);
  });

  test('arming for the past while firing does not spin, and is not forgotten for a turn', () => {
    const { clock, wheel } = setUp();
    const insistent = probe((self) => {
      if (self.firedMs.length < 3) wheel.arm(self, 0);
    });
    wheel.arm(insistent, 20);
    clock.advance(50);
    assert.deepEqual(insistent.firedMs, [20, 30, 40]);
  });

  test('one that is disarmed by another of its slot does not fire', () => {
    for (const order of ['before', 'behind']) {
      const { clock, wheel } = setUp();
      const victim = probe();
      const killer = probe(() => wheel.disarm(victim));
      // The slot fires the last armed first.
      for (const timed of order === 'before' ? [killer, victim] : [victim, killer]) {
        wheel.arm(timed, 50);
      }
      clock.advance(100);
      const fired = killer.firedMs.length + victim.firedMs.length;
      assert.equal(fired, order === 'before' ? 2 : 1, order);
      assert.equal(wheel.size, 0);
    }
  });

  test('one that is moved by another of its slot fires at its new time only', () => {
    const { clock, wheel } = setUp();
    const moved = probe();
    const mover = probe(() => wheel.arm(moved, TURN_MS + 50));
    wheel.arm(moved, 50);
    wheel.arm(mover, 50);
    clock.advance(TURN_MS + 200);
    assert.deepEqual([mover.firedMs, moved.firedMs], [[50], [TURN_MS + 50]]);
  });

  test('an empty wheel leaves no timer of the system behind', () => {
    const { clock, wheel } = setUp();
    wheel.arm(probe(), 50);
    clock.advance(200);
    assert.deepEqual([wheel.size, clock.pending], [0, 0]);
  });
});

/** What a test does with one of a few timers. */
type Step =
  | { readonly kind: 'arm'; readonly index: number; readonly delayMs: number }
  | { readonly kind: 'disarm'; readonly index: number }
  | { readonly kind: 'move'; readonly ms: number; readonly paused: boolean };

const TIMERS = 5;
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('arm' as const),
    index: fc.nat(TIMERS - 1),
    delayMs: fc.oneof(fc.integer({ min: -20, max: 60 }), fc.integer({ min: 0, max: 2 * TURN_MS })),
  }),
  fc.record({ kind: fc.constant('disarm' as const), index: fc.nat(TIMERS - 1) }),
  fc.record({
    kind: fc.constant('move' as const),
    ms: fc.oneof(fc.nat(40), fc.nat(3 * TURN_MS)),
    paused: fc.boolean(),
  }),
);

describe('timer wheel against a naive model', () => {
  test('every timer fires exactly when the model allows it', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.array(stepArbitrary, { maxLength: 40 }), (startMs, steps) => {
        const { clock, wheel } = setUp(startMs);
        // The model: a due time per timer, and nothing else.
        const due = Array.from({ length: TIMERS }, () => Infinity);
        const probes = due.map((_, index) =>
          probe((_self, nowMs) => {
            const dueMs = due[index] ?? Infinity;
            assert.ok(nowMs >= dueMs, 'fired early, or twice, or though disarmed');
            assert.ok(paused || nowMs <= dueMs + SLOT_MS, 'fired more than a slot late');
            due[index] = Infinity;
          }),
        );
        let paused = false;
        for (const step of steps) {
          paused = step.kind === 'move' && step.paused;
          if (step.kind === 'move') {
            if (step.paused) clock.jump(step.ms);
            else clock.advance(step.ms);
          } else {
            const timed = probes[step.index];
            assert.ok(timed);
            const dueMs = step.kind === 'arm' ? clock.nowMs() + step.delayMs : Infinity;
            due[step.index] = step.kind === 'arm' ? Math.max(dueMs, clock.nowMs()) : Infinity;
            if (step.kind === 'arm') wheel.arm(timed, dueMs);
            else wheel.disarm(timed);
          }
          assert.equal(wheel.size, due.filter((dueMs) => dueMs !== Infinity).length);
          for (const dueMs of due)
            assert.ok(dueMs > clock.nowMs() - SLOT_MS, 'more than a slot late');
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});
