/** Timestamp and Duration as text. Sources: google/protobuf/timestamp.proto and duration.proto ("JSON Mapping"); RFC 3339. */
import { CodecError } from '../error.ts';
import type { Output } from '../output.ts';
import { cursor, readTag, skip, varint } from '../wire.ts';

const MIN_SECONDS = -62_135_596_800;
const MAX_SECONDS = 253_402_300_799;
const MAX_DURATION_SECONDS = 315_576_000_000;
const DAY_SECONDS = 86_400;
/** `"-315576000000.000000000s"`, and more than a timestamp. */
const MAX_BYTES = 32;

/** What both messages hold: `int64 seconds = 1; int32 nanos = 2;`. One object for all, since nothing here is asynchronous. */
const time = { seconds: 0, nanos: 0 };

/** `"1972-01-01T10:00:20.021Z"`, from year 1 to 9999, with 0, 3, 6 or 9 digits of a second. */
export function writeTimestamp(out: Output, b: Uint8Array, start: number, end: number): void {
  readTime(b, start, end);
  const { seconds, nanos } = time;
  if (!(seconds >= MIN_SECONDS && seconds <= MAX_SECONDS && nanos >= 0 && nanos <= 999_999_999)) {
    throw new CodecError(`a Timestamp of ${seconds} s and ${nanos} ns is out of range`);
  }
  out.ensure(MAX_BYTES);
  const days = Math.floor(seconds / DAY_SECONDS);
  const rest = seconds - days * DAY_SECONDS;
  const hours = Math.floor(rest / 3600);
  const minutes = Math.floor((rest - hours * 3600) / 60);
  put(out, 0x22);
  writeDate(out, days);
  put(out, 0x54);
  two(out, hours);
  put(out, 0x3a);
  two(out, minutes);
  put(out, 0x3a);
  two(out, rest - hours * 3600 - minutes * 60);
  writeFraction(out, nanos);
  put(out, 0x5a);
  put(out, 0x22);
}

/** `"-1.500s"`: at most 10,000 years, seconds and nanos of one sign. */
export function writeDuration(out: Output, b: Uint8Array, start: number, end: number): void {
  readTime(b, start, end);
  const { seconds, nanos } = time;
  const mixed = (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0);
  if (Math.abs(seconds) > MAX_DURATION_SECONDS || Math.abs(nanos) > 999_999_999 || mixed) {
    throw new CodecError(`a Duration of ${seconds} s and ${nanos} ns is out of range`);
  }
  out.ensure(MAX_BYTES);
  put(out, 0x22);
  if (seconds < 0 || nanos < 0) put(out, 0x2d);
  out.ascii(String(Math.abs(seconds)));
  writeFraction(out, Math.abs(nanos));
  put(out, 0x73);
  put(out, 0x22);
}

/** Beyond 2^53 seconds are not exact, and out of range. */
function readTime(b: Uint8Array, start: number, end: number): void {
  time.seconds = 0;
  time.nanos = 0;
  for (let p = start; p < end; ) {
    const tag = readTag(b, p, end);
    p = cursor.pos;
    if (tag === 8) {
      const low = varint(b, p, end);
      time.seconds = (cursor.hi | 0) * 0x100000000 + low;
      p = cursor.pos;
    } else if (tag === 16) {
      time.nanos = varint(b, p, end) | 0;
      p = cursor.pos;
    } else {
      p = skip(tag, b, p, end);
    }
  }
}

/** The civil date of a day since 1970-01-01 in the proleptic Gregorian calendar; years begin in March, so that leap days come last. */
function writeDate(out: Output, days: number): void {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const day = shifted - era * 146_097;
  const leaps = Math.floor(day / 1460) - Math.floor(day / 36_524) + Math.floor(day / 146_096);
  const yearOfEra = Math.floor((day - leaps) / 365);
  const dayOfYear = day - 365 * yearOfEra - Math.floor(yearOfEra / 4) + Math.floor(yearOfEra / 100);
  const march = Math.floor((5 * dayOfYear + 2) / 153);
  const month = march < 10 ? march + 3 : march - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const century = Math.floor(year / 100);
  two(out, century);
  two(out, year - century * 100);
  put(out, 0x2d);
  two(out, month);
  put(out, 0x2d);
  two(out, dayOfYear - Math.floor((153 * march + 2) / 5) + 1);
}

/** Nothing, or a point and 3, 6 or 9 digits. */
function writeFraction(out: Output, nanos: number): void {
  if (nanos === 0) return;
  put(out, 0x2e);
  const digits = nanos % 1_000_000 === 0 ? 3 : nanos % 1_000 === 0 ? 6 : 9;
  let rest = nanos / 10 ** (9 - digits);
  for (let at = out.pos + digits - 1; at >= out.pos; at--) {
    out.buf[at] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  out.pos += digits;
}

function two(out: Output, value: number): void {
  const tens = Math.floor(value / 10);
  put(out, 0x30 + tens);
  put(out, 0x30 + value - tens * 10);
}

/** There is room. */
function put(out: Output, byte: number): void {
  out.buf[out.pos++] = byte;
}
