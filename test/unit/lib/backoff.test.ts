import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backoffMs } from '../../../src/lib/backoff.ts';
import { systemRandom } from '../../../src/lib/random.ts';

test('a wait is between half and all of its ceiling, and the ceiling never passes the bound', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -5, max: 1_000_000 }),
      fc.double({ min: 0.001, max: 1e6, noNaN: true }),
      fc.double({ min: 0.001, max: 1e9, noNaN: true }),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      (attempt, baseMs, maxMs, random) => {
        const waitMs = backoffMs(attempt, { baseMs, maxMs }, { next: () => random });
        const ceilingMs = Math.min(baseMs * 2 ** Math.min(Math.max(attempt - 1, 0), 30), maxMs);
        assert.ok(waitMs >= ceilingMs / 2 && waitMs <= ceilingMs, `${waitMs} of ${ceilingMs}`);
      },
    ),
    { seed: 1 },
  );
});

test('the random source of the system is uniform enough to spread a crowd', () => {
  const drawn = Array.from({ length: 1000 }, () => systemRandom.next());
  for (const value of drawn) assert.ok(value >= 0 && value < 1);
  assert.ok(new Set(drawn).size > 990);
});
