import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sink } from '../../../../src/call/types.ts';
import { TimerWheel } from '../../../../src/lib/timer-wheel.ts';
import { Heartbeat } from '../../../../src/protocols/rest/heartbeat.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

function setUp() {
  const clock = new ManualClock();
  const wheel = new TimerWheel(clock);
  const written: string[] = [];
  let opened = 0;
  const sink: Sink = {
    onDrain: null,
    write: (chunk) => written.push(Buffer.from(chunk).toString()) > 0,
    end: () => {},
    fail: () => {},
  };
  const heartbeat = new Heartbeat(wheel, 1_000, () => {
    opened++;
    return sink;
  });
  return { clock, wheel, written, heartbeat, opened: () => opened };
}

test('a comment goes out where nothing has for so long, again and again', () => {
  const { clock, written, opened } = setUp();
  clock.advance(990);
  assert.deepEqual([written, opened()], [[], 0]);
  clock.advance(20);
  assert.deepEqual([written, opened()], [[':\n\n'], 1]);
  clock.advance(1_020);
  assert.equal(written.length, 2);
});

test('what goes out counts from when it went', () => {
  const { clock, written, heartbeat } = setUp();
  clock.advance(900);
  heartbeat.touch(false);
  clock.advance(990);
  assert.deepEqual(written, []);
  clock.advance(30);
  assert.equal(written.length, 1);
});

test('nothing is put behind what the client does not take', () => {
  const { clock, written, heartbeat } = setUp();
  heartbeat.touch(true);
  clock.advance(5_000);
  assert.deepEqual(written, []);
  heartbeat.touch(false);
  clock.advance(1_020);
  assert.equal(written.length, 1);
});

test('nothing fires behind the end', () => {
  const { clock, wheel, written, heartbeat } = setUp();
  heartbeat.stop();
  assert.equal(wheel.size, 0);
  clock.advance(5_000);
  assert.deepEqual(written, []);
});
