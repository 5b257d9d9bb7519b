/** Protobuf into an {@link Output}. Source: protobuf.dev/programming-guides/encoding. */
import type { Output } from '../output.ts';

/** The longest tag and the longest number behind it. */
const TAG_AND_NUMBER = 16;
const TWO_32 = 4294967296;

/** A tag, or nothing for 0 as inside packed lists; room for a number behind it is there afterwards. */
export function writeTag(out: Output, tag: number): void {
  out.ensure(TAG_AND_NUMBER);
  if (tag === 0) return;
  const { buf } = out;
  let rest = tag;
  for (; rest > 0x7f; rest >>>= 7) buf[out.pos++] = (rest & 0x7f) | 0x80;
  buf[out.pos++] = rest;
}

/** An unsigned number of 32 bits. Like everything here that has no tag: room must be there already. */
export function writeVarint(out: Output, value: number): void {
  const { buf } = out;
  let { pos } = out;
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) buf[pos++] = (rest & 0x7f) | 0x80;
  buf[pos++] = rest;
  out.pos = pos;
}

/** 64 bits in two unsigned halves. */
export function writeVarint64(out: Output, lo: number, hi: number): void {
  const { buf } = out;
  let { pos } = out;
  let low = lo;
  let high = hi;
  while (high !== 0) {
    buf[pos++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  for (; low > 0x7f; low >>>= 7) buf[pos++] = (low & 0x7f) | 0x80;
  buf[pos++] = low;
  out.pos = pos;
}

/** A signed integer of up to 53 bits in two's complement of 64. */
export function writeInteger(out: Output, value: number): void {
  if (value >= 0 && value < TWO_32) writeVarint(out, value);
  else writeVarint64(out, value >>> 0, Math.floor(value / TWO_32) >>> 0);
}

export function writeFixed32(out: Output, value: number): void {
  const { buf, pos } = out;
  buf[pos] = value;
  buf[pos + 1] = value >>> 8;
  buf[pos + 2] = value >>> 16;
  buf[pos + 3] = value >>> 24;
  out.pos = pos + 4;
}

export function writeFixed64(out: Output, lo: number, hi: number): void {
  writeFixed32(out, lo);
  writeFixed32(out, hi);
}

const FLOAT = new Float32Array(1);
const FLOAT_BITS = new Uint32Array(FLOAT.buffer);
const DOUBLE = new Float64Array(1);
const DOUBLE_BITS = new Uint32Array(DOUBLE.buffer);
/** Which of the two words of a double holds the low half on this machine. */
const [LOW, HIGH] = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0];

export function writeFloat(out: Output, value: number): void {
  FLOAT[0] = value;
  writeFixed32(out, FLOAT_BITS[0] ?? 0);
}

export function writeDouble(out: Output, value: number): void {
  DOUBLE[0] = value;
  writeFixed64(out, DOUBLE_BITS[LOW] ?? 0, DOUBLE_BITS[HIGH] ?? 0);
}

/** Bytes of another buffer with their length in front. */
export function writeBytes(out: Output, src: Buffer, from: number, to: number): void {
  const length = to - from;
  out.ensure(length + 5);
  writeVarint(out, length);
  const { buf, pos } = out;
  if (length < SHORT_COPY) for (let i = 0; i < length; i++) buf[pos + i] = src[from + i] ?? 0;
  else src.copy(buf, pos, from, to);
  out.pos = pos + length;
}

/** Well-formed text with its length in front. */
export function writeText(out: Output, text: string): void {
  const { length } = text;
  // Three bytes for each unit at most: two of them make a character of four.
  out.ensure(3 * length + 5);
  const { buf, pos } = out;
  if (length < SHORT_COPY) {
    let at = 0;
    for (; at < length; at++) {
      const unit = text.charCodeAt(at);
      if (unit > 0x7f) break;
      buf[pos + 1 + at] = unit;
    }
    if (at === length) {
      buf[pos] = length;
      out.pos = pos + 1 + length;
      return;
    }
  }
  const bytes = Buffer.byteLength(text);
  writeVarint(out, bytes);
  out.pos += buf.write(text, out.pos);
}

/** Up to here a loop is faster than a call. */
const SHORT_COPY = 48;

/** Reserves the one byte that most lengths need; returns where what is measured starts. */
export function beginLength(out: Output): number {
  out.ensure(1);
  return ++out.pos;
}

/** Puts the length of all since `start` in front of it, which moves what is longer than 127 bytes. */
export function endLength(out: Output, start: number): void {
  const length = out.pos - start;
  if (length <= 0x7f) {
    out.buf[start - 1] = length;
    return;
  }
  const extra = varintSize(length) - 1;
  out.ensure(extra);
  const end = out.pos;
  out.buf.copyWithin(start + extra, start, end);
  out.pos = start - 1;
  writeVarint(out, length);
  out.pos = end + extra;
}

/** How many bytes a number below 2^32 takes as a varint. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}
