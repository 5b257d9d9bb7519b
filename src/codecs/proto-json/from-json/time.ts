/** google.protobuf.Timestamp (RFC 3339, as far as ProtoJSON goes) and Duration. */
import { fault, type Scan } from './scan.ts';
import { readText } from './text.ts';
import { writeInteger, writeTag } from './wire.ts';

const SECONDS = 1 << 3;
const NANOS = 2 << 3;
const MIN_SECONDS = -62135596800;
const MAX_SECONDS = 253402300799;
const MAX_DURATION_SECONDS = 315576000000;
const DAY_SECONDS = 86400;
const POINT = 0x2e;
const DASH = 0x2d;
const PLUS = 0x2b;
const COLON = 0x3a;
/** How long `2026-01-02T03:04:05` is. */
const DATE_TIME = 19;

/** The body of a Timestamp from `2026-01-02T03:04:05.678901234Z`. */
export function putTimestamp(s: Scan): void {
  readText(s);
  const { src, from, to } = s;
  if (to - from <= DATE_TIME) fault(s);
  const year = two(src, from) * 100 + two(src, from + 2);
  const month = two(src, from + 5);
  const day = two(src, from + 8);
  const hour = two(src, from + 11);
  const minute = two(src, from + 14);
  const second = two(src, from + 17);
  if (!punctuated(src, from)) fault(s);
  // What is no digit makes NaN, which no comparison takes.
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= monthDays(year, month)))
    fault(s);
  if (!(hour <= 23 && minute <= 59 && second <= 59)) fault(s);
  s.from = from + DATE_TIME;
  const nanos = src[s.from] === POINT ? readFraction(s) : 0;
  const time = hour * 3600 + minute * 60 + second - readOffset(s);
  const seconds = civilDays(year, month, day) * DAY_SECONDS + time;
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) fault(s);
  writeTime(s, seconds, nanos);
}

/** The body of a Duration from `-1.5s`. */
export function putDuration(s: Scan): void {
  readText(s);
  const { src, to } = s;
  const negative = src[s.from] === DASH;
  if (negative) s.from++;
  const first = s.from;
  let seconds = 0;
  while (s.from < to && isDigit(src[s.from])) seconds = seconds * 10 + (src[s.from++] ?? 0) - 0x30;
  if (s.from === first || seconds > MAX_DURATION_SECONDS) fault(s);
  const nanos = s.from < to && src[s.from] === POINT ? readFraction(s) : 0;
  if (s.from !== to - 1 || src[s.from] !== 0x73) fault(s);
  if (negative) writeTime(s, -seconds, -nanos);
  else writeTime(s, seconds, nanos);
}

function writeTime({ out }: Scan, seconds: number, nanos: number): void {
  if (seconds !== 0) {
    writeTag(out, SECONDS);
    writeInteger(out, seconds);
  }
  if (nanos !== 0) {
    writeTag(out, NANOS);
    writeInteger(out, nanos);
  }
}

/** From the point on, one to nine digits, in nanoseconds. */
function readFraction(s: Scan): number {
  const { src, to } = s;
  const first = ++s.from;
  let nanos = 0;
  while (s.from < to && isDigit(src[s.from])) nanos = nanos * 10 + (src[s.from++] ?? 0) - 0x30;
  const digits = s.from - first;
  if (digits === 0 || digits > 9) fault(s);
  return nanos * 10 ** (9 - digits);
}

/** `Z` or `+01:30` up to the end of the text, in seconds. */
function readOffset(s: Scan): number {
  const { src, from, to } = s;
  const c = src[from];
  if (to - from === 1 && c === 0x5a) return 0;
  if (to - from !== 6 || (c !== PLUS && c !== DASH) || src[from + 3] !== COLON) fault(s);
  const hours = two(src, from + 1);
  const minutes = two(src, from + 4);
  if (!(hours <= 23 && minutes <= 59)) fault(s);
  const seconds = hours * 3600 + minutes * 60;
  return c === DASH ? -seconds : seconds;
}

function punctuated(src: Buffer, from: number): boolean {
  return (
    src[from + 4] === DASH &&
    src[from + 7] === DASH &&
    src[from + 10] === 0x54 &&
    src[from + 13] === COLON &&
    src[from + 16] === COLON
  );
}

function two(src: Buffer, at: number): number {
  const a = (src[at] ?? 0) - 0x30;
  const b = (src[at + 1] ?? 0) - 0x30;
  return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? a * 10 + b : NaN;
}

function isDigit(c: number | undefined): boolean {
  return c !== undefined && c >= 0x30 && c <= 0x39;
}

function monthDays(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970-01-01 in the Gregorian calendar: years that start in March end with the leap day. */
function civilDays(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}
