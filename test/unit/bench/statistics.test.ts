import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { percentile, spread, withOmitted } from '../../../bench/lib/statistics.ts';

describe('spread', () => {
  test('an odd and an even number of rounds', () => {
    assert.deepEqual(spread([3, 1, 10]), { min: 1, median: 3, max: 10, values: [3, 1, 10] });
    assert.deepEqual(spread([4, 1, 2, 10]), { min: 1, median: 3, max: 10, values: [4, 1, 2, 10] });
    assert.equal(spread([7]).median, 7);
  });

  test('no round, and a round that measured nothing, are errors', () => {
    assert.throws(() => spread([]), /no round/);
    assert.throws(() => spread([1, Number.NaN]), /no number/);
    assert.throws(() => spread([1, Infinity]), /no number/);
  });
});

test('percentile is the nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
  assert.equal(percentile(hundred, 0.5), 50);
  assert.equal(percentile(hundred, 0.99), 99);
  assert.equal(percentile(hundred, 1), 100);
  assert.equal(percentile([5], 0.01), 5);
  assert.throws(() => percentile([], 0.5), /no value/);
});

describe('withOmitted', () => {
  test('requests in time stay as they are', () => {
    assert.deepEqual(withOmitted([1, 9, 10, 3], 10), [1, 3, 9, 10]);
  });

  test('a stall counts for each request that should have been sent meanwhile', () => {
    // One client, a request each 10 ms, a stall of 45 ms: those due after 10, 20, 30 and 40 ms waited 35, 25, 15 and 5.
    assert.deepEqual(withOmitted([1, 1, 45, 1, 1, 1, 1, 1], 10), [1, 1, 1, 1, 45, 35, 25, 15]);
  });

  test('a server that stands still for 300 ms of each second, at 1,600 requests/s', () => {
    // As h2load has logged it: each of 16 clients waited once, and its other 99 requests found the server awake.
    const logged = [
      ...Array.from({ length: 16 * 99 }, () => 0.2),
      ...Array.from({ length: 16 }, () => 300),
    ];
    const corrected = withOmitted(logged, 10);
    assert.equal(corrected.length, logged.length);
    assert.deepEqual(
      [0.5, 0.8, 0.9, 0.99].map((share) => percentile(corrected, share)),
      [0.2, 100, 200, 290],
    );
  });
});
