/** Time and memory of several functions that take turns, so that a change of the machine's speed hits all of them. */
import { performance } from 'node:perf_hooks';

export interface Measured {
  readonly minNs: number;
  readonly medianNs: number;
  readonly maxNs: number;
  /** Allocated per call, on the heap and in buffers. */
  readonly bytes: number;
}

const ROUNDS = 31;
const WARM_UP_MS = 300;
const BATCH_MS = 8;
/** Less than the young generation, so that nothing is collected while it is counted. */
const COUNTED_BYTES = 2 ** 20;

/** One result per function, in their order. */
export function measure(runs: readonly (() => void)[]): Measured[] {
  const calls = runs.map((run) => warmUp(run));
  const times: number[][] = runs.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, run] of runs.entries()) times[at]?.push(timeNs(run, calls[at] ?? 1));
  }
  return runs.map((run, at) => {
    const sorted = (times[at] ?? []).toSorted((left, right) => left - right);
    const [minNs = Number.NaN] = sorted;
    const medianNs = sorted[sorted.length >> 1] ?? Number.NaN;
    return { minNs, medianNs, maxNs: sorted.at(-1) ?? Number.NaN, bytes: allocated(run) };
  });
}

/** Until the compilers are done; returns how many calls a batch needs. */
function warmUp(run: () => void): number {
  const startMs = performance.now();
  let calls = 0;
  do {
    run();
    calls++;
  } while (performance.now() - startMs < WARM_UP_MS);
  return Math.max(1, Math.round((calls * BATCH_MS) / WARM_UP_MS));
}

function timeNs(run: () => void, calls: number): number {
  const startMs = performance.now();
  for (let call = 0; call < calls; call++) run();
  return ((performance.now() - startMs) * 1e6) / calls;
}

function allocated(run: () => void): number {
  const once = deltaOf(run, 8) / 8;
  const calls = Math.max(1, Math.min(20_000, Math.floor(COUNTED_BYTES / Math.max(once, 1))));
  const deltas = Array.from({ length: 9 }, () => deltaOf(run, calls) / calls);
  return Math.max(0, deltas.sort((left, right) => left - right)[4] ?? 0);
}

function deltaOf(run: () => void, calls: number): number {
  globalThis.gc?.();
  const before = process.memoryUsage();
  for (let call = 0; call < calls; call++) run();
  const after = process.memoryUsage();
  return after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
}
