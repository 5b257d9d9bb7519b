/** Numbers, as JSON numbers and in strings. Nothing that is an integer goes through a rounded double. */
import { exactInteger } from '../../json-number.ts';
import { byteAt, fault, QUOTE, type Scan } from './scan.ts';
import { readText } from './text.ts';

const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const LOWER_E = 0x65;
const UPPER_E = 0x45;
const ZERO = 0x30;
const NINE = 0x39;
/** Any integer of so many digits is exact as a double, and so is a quotient by a power of ten up to 10^22 (Clinger's fast path). */
const EXACT_DIGITS = 15;
/** The most of any 64-bit integer. */
const MAX_DIGITS = 20;
const TWO_32 = 4294967296;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);
/** What the official implementations read as a number in a string: JSON's and some more, but no white space, hexadecimal or `inf`. */
const NUMERIC = /^[+-]?(?:[0-9]*\.[0-9]+|[0-9]+\.?)(?:[eE][+-]?[0-9]+)?$/;

/** Past a JSON number. Infinite where a double is too small for it. */
export function readNumber(s: Scan): number {
  const { json } = s;
  const start = s.at;
  if (json[start] === MINUS) s.at++;
  const first = s.at;
  const whole = json[first] === ZERO ? passZero(s) : passDigits(s, 0);
  let digits = s.at - first;
  if (digits === 0) fault(s);
  let size = whole;
  if (json[s.at] === POINT) {
    const point = s.at++;
    const all = passDigits(s, whole);
    const places = s.at - point - 1;
    if (places === 0) fault(s);
    digits += places;
    if (digits <= EXACT_DIGITS) size = all / (POWERS[places] ?? 1);
  }
  const c = byteAt(json, s.at);
  if (c === LOWER_E || c === UPPER_E) {
    passExponent(s);
    return Number(json.toString('latin1', start, s.at));
  }
  if (digits > EXACT_DIGITS) return Number(json.toString('latin1', start, s.at));
  return first === start ? size : -size;
}

function passZero(s: Scan): number {
  s.at++;
  return 0;
}

/** Past digits, which go behind those of `value`. */
function passDigits(s: Scan, value: number): number {
  const { json } = s;
  let { at } = s;
  let all = value;
  let c = byteAt(json, at);
  while (c >= ZERO && c <= NINE) {
    all = all * 10 + c - ZERO;
    c = byteAt(json, ++at);
  }
  s.at = at;
  return all;
}

function passExponent(s: Scan): void {
  const c = s.json[++s.at];
  if (c === PLUS || c === MINUS) s.at++;
  const first = s.at;
  passDigits(s, 0);
  if (s.at === first) fault(s);
}

/** A double from a number or a string; refused where it is out of range. */
export function readDouble(s: Scan): number {
  let value: number;
  if (s.json[s.at] === QUOTE) {
    readText(s);
    const text = s.src.toString('latin1', s.from, s.to);
    if (text === 'NaN') return NaN;
    if (text === 'Infinity') return Infinity;
    if (text === '-Infinity') return -Infinity;
    if (!NUMERIC.test(text)) fault(s);
    value = Number(text);
  } else {
    value = readNumber(s);
  }
  if (!Number.isFinite(value)) fault(s);
  return value;
}

/**
 * An integer from a number or a string, with a fraction of zeros or an exponent where it is integral all the same.
 * Of more than 15 digits it is NaN and `negative`, `hi` and `lo` hold it.
 */
export function readInteger(s: Scan): number {
  const { json } = s;
  let { at } = s;
  let c = byteAt(json, at);
  const quoted = c === QUOTE;
  if (quoted) c = byteAt(json, ++at);
  const negative = c === MINUS;
  if (negative) c = byteAt(json, ++at);
  const first = at;
  let value = 0;
  while (c >= ZERO && c <= NINE) {
    value = value * 10 + c - ZERO;
    c = byteAt(json, ++at);
  }
  const digits = at - first;
  if (digits === 0) return readSpelled(s);
  if (quoted ? c !== QUOTE : goesOn(c) || (json[first] === ZERO && digits > 1))
    return readSpelled(s);
  s.at = quoted ? at + 1 : at;
  if (digits > EXACT_DIGITS) {
    s.negative = negative;
    return splitDigits(s, json, first, at);
  }
  return negative && value !== 0 ? -value : value;
}

/** Whether a number has a fraction or an exponent here. */
function goesOn(c: number): boolean {
  return c === POINT || c === LOWER_E || c === UPPER_E;
}

/** With a sign, a fraction or an exponent. */
function readSpelled(s: Scan): number {
  let text: string;
  if (s.json[s.at] === QUOTE) {
    readText(s);
    text = s.src.toString('latin1', s.from, s.to);
  } else {
    const start = s.at;
    readNumber(s);
    text = s.json.toString('latin1', start, s.at);
  }
  const exact = exactInteger(text);
  if (exact === undefined) return fault(s);
  return integerOf(s, exact);
}

/** Decimal digits with an optional minus, in the way of {@link readInteger}. */
export function integerOf(s: Scan, text: string): number {
  s.negative = text.startsWith('-');
  const bytes = Buffer.from(text, 'latin1');
  return splitDigits(s, bytes, s.negative ? 1 : 0, bytes.length);
}

/** Digits of which there is at least one; their sign is in the scan. */
function splitDigits(s: Scan, bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to - 1 && bytes[at] === ZERO) at++;
  if (to - at > MAX_DIGITS) fault(s);
  const exact = Math.min(at + EXACT_DIGITS, to);
  let value = 0;
  for (; at < exact; at++) value = value * 10 + byteAt(bytes, at) - ZERO;
  if (at === to) return s.negative && value !== 0 ? -value : value;
  let lo = value >>> 0;
  let hi = Math.floor(value / TWO_32);
  for (; at < to; at++) {
    lo = lo * 10 + byteAt(bytes, at) - ZERO;
    const carry = Math.floor(lo / TWO_32);
    lo -= carry * TWO_32;
    hi = hi * 10 + carry;
  }
  if (hi >= TWO_32) fault(s);
  s.lo = lo;
  s.hi = hi;
  return NaN;
}

/** Makes `lo` and `hi` the two's complement of the last integer, whose value is not NaN where it is short; refuses what is no int64. */
export function toInt64(s: Scan, value: number): void {
  if (value === value) {
    setHalves(s, value);
    return;
  }
  const { lo, hi } = s;
  if (!s.negative) {
    if (hi > 0x7fffffff) fault(s);
    return;
  }
  if (hi > 0x80000000 || (hi === 0x80000000 && lo !== 0)) fault(s);
  s.lo = -lo >>> 0;
  s.hi = (~hi + (lo === 0 ? 1 : 0)) >>> 0;
}

/** The same for uint64. */
export function toUint64(s: Scan, value: number): void {
  if (value < 0 || (value !== value && s.negative)) fault(s);
  if (value === value) setHalves(s, value);
}

function setHalves(s: Scan, value: number): void {
  s.lo = value >>> 0;
  s.hi = Math.floor(value / TWO_32) >>> 0;
}
