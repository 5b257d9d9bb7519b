/** How long to wait before a try is repeated: exponential with jitter, so that many waiters never return as one crowd. */
import type { Random } from './random.ts';

export interface BackoffBounds {
  /** The upper bound of the wait after the first failed try. */
  readonly baseMs: number;
  /** No wait is longer. */
  readonly maxMs: number;
}

/** The wait after failed try number `attempt` (from 1): uniform between half and all of `baseMs * 2^(attempt - 1)`, capped by `maxMs`. */
export function backoffMs(attempt: number, bounds: BackoffBounds, random: Random): number {
  // 2^30 ms is twelve days: a larger exponent says nothing and would reach Infinity.
  const exponent = Math.min(Math.max(attempt, 1) - 1, 30);
  const ceilingMs = Math.min(bounds.baseMs * 2 ** exponent, bounds.maxMs);
  return ceilingMs / 2 + (random.next() * ceilingMs) / 2;
}
