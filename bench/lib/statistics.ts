/** What a row of the table is made of. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** In the order of the rounds. */
  readonly values: readonly number[];
}

export function spread(values: readonly number[]): Spread {
  const sorted = ascending(values);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new Error('no round was measured');
  return { min, median: median(sorted), max, values };
}

/** The smallest value that at least `share` (0 to 1) of all values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = ascending(values);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error('no value was measured');
  return value;
}

/**
 * A client that waits for an answer before it sends its next request sends none while the server stalls, so one stall is one slow request
 * where it should be many. Each latency above the interval at which the client should have sent stands for those that were late too
 * (HdrHistogram's correction of coordinated omission). h2load sends those afterwards, in a burst that finds the server awake: as many of
 * the fastest are left out.
 */
export function withOmitted(latenciesMs: readonly number[], intervalMs: number): number[] {
  const late: number[] = [];
  for (const latencyMs of latenciesMs) {
    for (let ms = latencyMs - intervalMs; ms >= intervalMs; ms -= intervalMs) late.push(ms);
  }
  return [...ascending(latenciesMs).slice(late.length), ...late];
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
}

function ascending(values: readonly number[]): number[] {
  if (values.some((value) => !Number.isFinite(value))) throw new Error('a value is no number');
  return values.toSorted((left, right) => left - right);
}
