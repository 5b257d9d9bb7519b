/** The numbers of one route: typed arrays that the hot path increments and that nobody reads before a scrape. */
import type { CallCounters } from '../call/call.ts';
import { STATUS_CODES, statusNumber, type StatusCode } from '../call/status.ts';

/** Upper bounds in seconds, inclusive: from an answer of a service next door to the default deadline of 30 s. */
export const DURATION_BUCKETS_S: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

const BOUNDS_MS = Float64Array.from(DURATION_BUCKETS_S, (seconds) => seconds * 1000);

/** One route under one client protocol. Doubles count exactly to 2^53 where Uint32 would wrap within days. */
export interface Series {
  readonly protocol: string;
  /** Finished calls, by the number of their code. */
  readonly codes: Float64Array;
  /** Not cumulative; the last one holds what exceeds every bound. */
  readonly buckets: Float64Array;
  /** One element: the sum of all durations. */
  readonly sumMs: Float64Array;
}

export class RouteCounters implements CallCounters {
  /** The label; empty for calls that found no route. */
  readonly name: string;
  inFlight = 0;
  unknownFields = 0;
  /** One for each client protocol that was used. Null before the first call, since most of ten thousand methods never have one. */
  #series: Series[] | null = null;

  constructor(name: string) {
    this.name = name;
  }

  get series(): Iterable<Series> {
    return this.#series ?? [];
  }

  /** Whether it ever had a call; before that a scrape leaves it out, since most of ten thousand methods are never called. */
  get used(): boolean {
    return this.inFlight > 0 || this.#series !== null;
  }

  finished(protocol: string, code: StatusCode, durationMs: number): void {
    const series = this.#of(protocol);
    increment(series.codes, statusNumber(code), 1);
    increment(series.buckets, bucketOf(durationMs), 1);
    increment(series.sumMs, 0, durationMs);
  }

  /** Counts a request that was answered before it became a call, so that it has no duration. */
  refused(protocol: string, code: StatusCode): void {
    increment(this.#of(protocol).codes, statusNumber(code), 1);
  }

  #of(protocol: string): Series {
    const all = (this.#series ??= []);
    for (const series of all) if (series.protocol === protocol) return series;
    const series = newSeries(protocol);
    all.push(series);
    return series;
  }
}

function newSeries(protocol: string): Series {
  return {
    protocol,
    codes: new Float64Array(STATUS_CODES.length),
    buckets: new Float64Array(BOUNDS_MS.length + 1),
    sumMs: new Float64Array(1),
  };
}

function bucketOf(durationMs: number): number {
  let index = 0;
  while (index < BOUNDS_MS.length && durationMs > (BOUNDS_MS[index] ?? Infinity)) index++;
  return index;
}

function increment(array: Float64Array, index: number, by: number): void {
  array[index] = (array[index] ?? 0) + by;
}
