/** The time of the demo, and its translation into protobuf's well-known types. */
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { Duration, Timestamp } from './types.ts';

/** When the seeded data ends and the first change happens. */
const DEMO_START_MS = Date.UTC(2026, 0, 1);

/**
 * The demo's own date: 2026-01-01 and one second more each time it is read, so that the same calls give the same answers on every
 * machine and day. Timers run in real time.
 */
export function demoClock(): Clock {
  let nowMs = DEMO_START_MS;
  return { ...systemClock, epochMs: () => (nowMs += 1000) };
}

export function timestamp(epochMs: number): Timestamp {
  const seconds = Math.floor(epochMs / 1000);
  return { seconds: String(seconds), nanos: (epochMs - seconds * 1000) * 1e6 };
}

/** An RFC 3339 date as a Timestamp. */
export function at(date: string): Timestamp {
  return timestamp(Date.parse(date));
}

/** Milliseconds of a Timestamp (since the epoch) or a Duration; 0 for none. */
export function toMs(value: Timestamp | Duration | null): number {
  return value === null ? 0 : Number(value.seconds) * 1000 + value.nanos / 1e6;
}
