/** Values as JSON text, written byte by byte: no string is made where none is needed. Sources: RFC 8259, protobuf.dev/programming-guides/json. */
import { isUtf8 } from 'node:buffer';
import { CodecError } from '../error.ts';
import type { Output } from '../output.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const POINT = 0x2e;
const BILLION = 1e9;
/** The longest escape: `\u001f`. */
const ESCAPE_BYTES = 6;
const HEX = Buffer.from('0123456789abcdef');
/** The characters of RFC 8259's short escapes, by the byte that they stand for. */
const SHORT: ReadonlyMap<number, number> = new Map([
  [0x08, 0x62],
  [0x09, 0x74],
  [0x0a, 0x6e],
  [0x0c, 0x66],
  [0x0d, 0x72],
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
]);

/** The UTF-8 from `start` to `end` of `b` as a JSON string. */
export function writeString(o: Output, b: Uint8Array, start: number, end: number): void {
  o.ensure(end - start + 2);
  const u = o.buf;
  let q = o.pos;
  u[q++] = QUOTE;
  for (let p = start; p < end; p++) {
    const byte = b[p] ?? 0;
    if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH || byte > 0x7e) {
      o.pos = q;
      writeRest(o, b, p, end);
      return;
    }
    u[q++] = byte;
  }
  u[q++] = QUOTE;
  o.pos = q;
}

/** From the first byte on that is not printable ASCII. */
function writeRest(o: Output, b: Uint8Array, start: number, end: number): void {
  if (!isUtf8(b.subarray(start, end))) throw new CodecError('a string is not UTF-8');
  for (let p = start; p < end; p++) {
    // Room for an escape, for the rest as it is, and for the closing quote.
    o.ensure(ESCAPE_BYTES + end - p + 1);
    const byte = b[p] ?? 0;
    if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) o.buf[o.pos++] = byte;
    else writeEscape(o, byte);
  }
  o.byte(QUOTE);
}

function writeEscape(o: Output, byte: number): void {
  const u = o.buf;
  u[o.pos++] = BACKSLASH;
  const short = SHORT.get(byte);
  if (short !== undefined) {
    u[o.pos++] = short;
    return;
  }
  u[o.pos++] = 0x75;
  u[o.pos++] = 0x30;
  u[o.pos++] = 0x30;
  u[o.pos++] = HEX[byte >> 4] ?? 0;
  u[o.pos++] = HEX[byte & 15] ?? 0;
}

/** An unsigned integer up to 2^32 - 1. */
export function writeUint32(o: Output, value: number): void {
  o.ensure(10);
  const u = o.buf;
  let q = o.pos + (value < 10 ? 1 : digits(value));
  o.pos = q;
  let rest = value;
  do {
    const next = Math.floor(rest / 10);
    u[--q] = 0x30 + rest - next * 10;
    rest = next;
  } while (rest > 0);
}

function digits(value: number): number {
  let count = 1;
  for (let bound = 10; bound <= value; bound *= 10) count++;
  return count;
}

export function writeInt32(o: Output, value: number): void {
  if (value >= 0) {
    writeUint32(o, value);
    return;
  }
  o.byte(0x2d);
  writeUint32(o, -value);
}

/** 64 bits as a decimal, `quoted` as ProtoJSON has it or bare. Lossless. */
export function writeInt64(o: Output, lo: number, hi: number, form: Int64Form): void {
  if (form.quoted) o.byte(QUOTE);
  if (hi === 0) writeUint32(o, lo);
  else if (form.signed && hi >= 0x80000000) {
    o.byte(0x2d);
    const low = (~lo + 1) >>> 0;
    writeBig(o, low, (~hi + (low === 0 ? 1 : 0)) >>> 0);
  } else writeBig(o, lo, hi);
  if (form.quoted) o.byte(QUOTE);
}

export interface Int64Form {
  readonly signed: boolean;
  readonly quoted: boolean;
}

function writeBig(o: Output, lo: number, hi: number): void {
  if (hi === 0) {
    writeUint32(o, lo);
    return;
  }
  // Long division by 10^9, 16 bits at a time, so that every step is exact as a double.
  const first = Math.floor(hi / BILLION);
  let rest = (hi - first * BILLION) * 0x10000 + (lo >>> 16);
  const second = Math.floor(rest / BILLION);
  rest = (rest - second * BILLION) * 0x10000 + (lo & 0xffff);
  const third = Math.floor(rest / BILLION);
  const high = first * 0x100000000 + second * 0x10000 + third;
  if (high < BILLION) writeUint32(o, high);
  else {
    const top = Math.floor(high / BILLION);
    writeUint32(o, top);
    writeNine(o, high - top * BILLION);
  }
  writeNine(o, rest - third * BILLION);
}

/** Nine digits, with leading zeros. */
function writeNine(o: Output, value: number): void {
  o.ensure(9);
  o.pos += 9;
  let rest = value;
  for (let q = o.pos - 1; q >= o.pos - 9; q--) {
    const next = Math.floor(rest / 10);
    o.buf[q] = 0x30 + rest - next * 10;
    rest = next;
  }
}

/** Not finite numbers are strings; `-0` stays. */
export function writeDouble(o: Output, value: number): void {
  if (writeShortDecimal(o, value)) return;
  if (Number.isFinite(value)) o.ascii(Object.is(value, -0) ? '-0' : String(value));
  else o.ascii(`"${value}"`);
}

/** Prices, ratios and coordinates have no more. */
const MAX_PLACES = 6;
/** With six places below it that is 15 digits: no two decimals of so many are the same double. */
const MAX_SHORT = 1e9;

/**
 * A number that is a decimal with few places, without the search for its shortest form: that is the one whose quotient by a power of ten is
 * the number, since both are exact and division rounds correctly. False where it is none, and nothing is written.
 */
function writeShortDecimal(o: Output, value: number): boolean {
  const size = Math.abs(value);
  // Not for zero, whose sign counts, nor NaN.
  if (!(size > 0 && size < MAX_SHORT)) return false;
  let scale = 1;
  let places = 0;
  let whole = Math.round(size);
  while (whole / scale !== size) {
    if (++places > MAX_PLACES) return false;
    scale *= 10;
    whole = Math.round(size * scale);
  }
  if (value < 0) o.byte(MINUS);
  const integer = Math.trunc(size);
  writeUint32(o, integer);
  if (places === 0) return true;
  o.ensure(places + 1);
  o.buf[o.pos] = POINT;
  o.pos += places + 1;
  let rest = whole - integer * scale;
  for (let q = o.pos - 1; places > 0; places--) {
    const next = Math.floor(rest / 10);
    o.buf[q--] = 0x30 + rest - next * 10;
    rest = next;
  }
  return true;
}

/** Up to here every integer is a float. */
const MAX_EXACT_FLOAT = 2 ** 24;

/** The shortest decimal that reads back as the same float; of six digits at least where it is that small that fewer would do. */
export function writeFloat(o: Output, value: number): void {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) <= MAX_EXACT_FLOAT)) {
    writeDouble(o, value);
    return;
  }
  for (let precision = 6; precision < 9; precision++) {
    const short = Number(value.toPrecision(precision));
    if (Math.fround(short) === value) {
      o.ascii(String(short));
      return;
    }
  }
  o.ascii(String(Number(value.toPrecision(9))));
}

export function writeBool(o: Output, value: boolean): void {
  o.ascii(value ? 'true' : 'false');
}

/** Standard base64 with padding. */
export function writeBase64(o: Output, b: Uint8Array, start: number, end: number): void {
  o.byte(QUOTE);
  const bytes = Buffer.from(b.buffer, b.byteOffset + start, end - start);
  o.ensure(Math.ceil(bytes.length / 3) * 4 + 1);
  o.pos += o.buf.write(bytes.toString('base64'), o.pos, 'latin1');
  o.byte(QUOTE);
}
