import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { listenForSignals } from '../../../src/cli/signals.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function listening() {
  const source = new EventEmitter();
  const clock = new ManualClock();
  const seconds: string[] = [];
  const stop = listenForSignals({ source, clock, onSecond: (name) => seconds.push(name) });
  return { source, clock, seconds, stop };
}

test('the first signal is a request', async () => {
  const { source, seconds, stop } = listening();
  assert.equal(stop.signal.aborted, false);
  source.emit('SIGTERM', 'SIGTERM');
  assert.equal(await stop.first, 'SIGTERM');
  assert.equal(stop.signal.reason, 'SIGTERM');
  assert.deepEqual(seconds, []);
});

test('the same signal again within a moment is the same key press, handed on by npm', () => {
  const { source, clock, seconds } = listening();
  source.emit('SIGINT', 'SIGINT');
  clock.advance(299);
  source.emit('SIGINT', 'SIGINT');
  assert.deepEqual(seconds, []);
  clock.advance(1);
  source.emit('SIGINT', 'SIGINT');
  assert.deepEqual(seconds, ['SIGINT']);
});

test('another signal is never the same key press', () => {
  const { source, seconds } = listening();
  source.emit('SIGINT', 'SIGINT');
  source.emit('SIGTERM', 'SIGTERM');
  assert.deepEqual(seconds, ['SIGTERM']);
});
