import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionsOf } from '../../../bench/lib/options.ts';

const WORKLOADS = ['small', 'medium', 'stream'];

test('without words it is a full run of at least 5 rounds', () => {
  const options = optionsOf([], WORKLOADS);
  assert.equal(options.isFull, true);
  assert.ok(options.rounds >= 5);
  assert.deepEqual(options.workloads, WORKLOADS);
  assert.equal(options.contestants.includes('polygate'), true);
});

test('a choice keeps the order of the table and is not a full run', () => {
  const options = optionsOf(['--only', 'medium,small', '--contestants', 'envoy,floor'], WORKLOADS);
  assert.deepEqual(options.workloads, ['small', 'medium']);
  assert.deepEqual(options.contestants, ['floor', 'envoy']);
  assert.equal(options.isFull, false);
});

test('fewer rounds or less time is not a full run, more is', () => {
  assert.equal(optionsOf(['--rounds', '2'], WORKLOADS).isFull, false);
  assert.equal(optionsOf(['--seconds', '1'], WORKLOADS).isFull, false);
  assert.equal(optionsOf(['--rounds', '9', '--seconds', '10'], WORKLOADS).isFull, true);
});

test('what it does not know is refused', () => {
  assert.throws(() => optionsOf(['--only', 'tiny'], WORKLOADS), /tiny: one of small, medium/);
  assert.throws(() => optionsOf(['--contestants', 'nginx'], WORKLOADS), /nginx: one of floor/);
  assert.throws(() => optionsOf(['--rounds', '0'], WORKLOADS), /whole number/);
  assert.throws(() => optionsOf(['--seconds', '0.5'], WORKLOADS), /whole number/);
  assert.throws(() => optionsOf(['--fast'], WORKLOADS), /--fast/);
});
