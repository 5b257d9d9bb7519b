/** Durations and sizes as people write them. One place decides what `'5s'` and `'4mb'` mean. */

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
const SIZE = /^(\d+(?:\.\d+)?)(b|kb|mb|gb)$/;
const MS_PER = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
const BYTES_PER = new Map([
  ['b', 1],
  ['kb', 1024],
  ['mb', 1024 ** 2],
  ['gb', 1024 ** 3],
]);

/** A day: what is longer is a mistaken unit more often than a wish. */
const MAX_DURATION_MS = 24 * 3_600_000;
/** What one buffer of Node can be expected to hold everywhere. */
const MAX_SIZE_BYTES = 2 * 1024 ** 3;

/** Milliseconds, or undefined where `value` is no duration from 1 ms to 24 hours. */
export function parseDuration(value: unknown): number | undefined {
  return bounded(amount(value, DURATION, MS_PER), MAX_DURATION_MS);
}

/** Bytes, or undefined where `value` is no size from 1 byte to 2 gb. */
export function parseSize(value: unknown): number | undefined {
  return bounded(amount(value, SIZE, BYTES_PER), MAX_SIZE_BYTES);
}

function amount(value: unknown, pattern: RegExp, units: ReadonlyMap<string, number>): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return Number.NaN;
  const match = pattern.exec(value);
  return Number(match?.[1]) * (units.get(match?.[2] ?? '') ?? Number.NaN);
}

/** `1.5kb` is fine, half a byte is not; NaN fails every comparison. */
function bounded(value: number, max: number): number | undefined {
  return value >= 1 && value <= max && Number.isInteger(value) ? value : undefined;
}
