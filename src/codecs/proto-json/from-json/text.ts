/**
 * Strings of JSON. The body has been found to be UTF-8 as a whole, so what has no escape goes to the wire byte by byte.
 */
import { fault, QUOTE, type Scan } from './scan.ts';
import { varintSize, writeBytes, writeTag, writeVarint } from './wire.ts';

const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
/** By the byte behind the backslash; 0 where there is no such escape. */
const ESCAPES = new Uint8Array(256);
for (const [escape, byte] of [
  ['"', 0x22],
  ['\\', 0x5c],
  ['/', 0x2f],
  ['b', 0x08],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
] as const) {
  ESCAPES[escape.charCodeAt(0)] = byte;
}

/** Past a string, which `src`, `from` and `to` then are. */
export function readText(s: Scan): void {
  if (s.json[s.at] !== QUOTE) fault(s);
  const from = s.at + 1;
  const end = plainEnd(s, from);
  s.lone = false;
  if (s.json[end] === QUOTE) {
    s.src = s.json;
    s.from = from;
    s.to = end;
    s.at = end + 1;
    return;
  }
  const to = escapedEnd(s, end);
  const src = Buffer.allocUnsafe(to - from);
  s.to = unescape(s, from, to, { buf: src, pos: 0 });
  s.src = src;
  s.from = 0;
  s.at = to + 1;
}

/** The last string as a JavaScript string. */
export function textOf(s: Scan): string {
  return s.src.toString('utf8', s.from, s.to);
}

/** A string field; the empty string only with `keep`. Tag 0 writes no tag. */
export function putString(s: Scan, tag: number, keep: boolean): boolean {
  const { json, out } = s;
  if (json[s.at] !== QUOTE) fault(s);
  const from = s.at + 1;
  const end = plainEnd(s, from);
  if (json[end] !== QUOTE) {
    putEscaped(s, tag, from, escapedEnd(s, end));
    return true;
  }
  s.at = end + 1;
  if (end === from && !keep) return true;
  writeTag(out, tag);
  writeBytes(out, json, from, end);
  return true;
}

/** The last string as a field. */
export function putText(s: Scan, tag: number): void {
  if (s.lone) fault(s);
  writeTag(s.out, tag);
  writeBytes(s.out, s.src, s.from, s.to);
}

/** Straight into the output: no escape is shorter than what it stands for. */
function putEscaped(s: Scan, tag: number, from: number, to: number): void {
  const { out } = s;
  writeTag(out, tag);
  out.ensure(to - from + 5);
  const start = out.pos;
  const reserved = varintSize(to - from);
  s.lone = false;
  const end = unescape(s, from, to, { buf: out.buf, pos: start + reserved });
  if (s.lone) fault(s);
  const length = end - start - reserved;
  const needed = varintSize(length);
  if (needed !== reserved) out.buf.copyWithin(start + needed, start + reserved, end);
  writeVarint(out, length);
  out.pos += length;
  s.at = to + 1;
}

/** Of the closing quote, or of the first backslash. */
function plainEnd(s: Scan, from: number): number {
  const { json } = s;
  let at = from;
  for (;;) {
    const c = json[at] ?? 0;
    if (c <= BACKSLASH) {
      if (c === QUOTE || c === BACKSLASH) return at;
      if (c < 0x20) {
        s.at = at;
        fault(s);
      }
    }
    at++;
  }
}

/** Of the closing quote of a string with escapes, from the first of them on. */
function escapedEnd(s: Scan, from: number): number {
  const { json } = s;
  let at = from;
  for (;;) {
    const c = json[at] ?? 0;
    if (c === QUOTE) return at;
    if (c < 0x20) {
      s.at = at;
      fault(s);
    }
    at += c === BACKSLASH ? 2 : 1;
  }
}

interface Target {
  readonly buf: Buffer;
  pos: number;
}

/** What stands between the quotes; returns where it ends in the target. */
function unescape(s: Scan, from: number, to: number, target: Target): number {
  const { json } = s;
  const { buf } = target;
  let at = from;
  while (at < to) {
    const c = json[at] ?? 0;
    if (c !== BACKSLASH) {
      buf[target.pos++] = c;
      at++;
    } else if (json[at + 1] === LOWER_U) {
      at = unescapeUnit(s, at, target);
    } else {
      const byte = ESCAPES[json[at + 1] ?? 0] ?? 0;
      if (byte === 0) refuse(s, at);
      buf[target.pos++] = byte;
      at += 2;
    }
  }
  return target.pos;
}

/** `\uXXXX`, or two of them that are one character; returns where the text goes on. */
function unescapeUnit(s: Scan, at: number, target: Target): number {
  const unit = hex4(s, at + 2);
  if (unit < 0xd800 || unit > 0xdfff) {
    writeCharacter(target, unit);
    return at + 6;
  }
  if (unit < 0xdc00 && s.json[at + 6] === BACKSLASH && s.json[at + 7] === LOWER_U) {
    const low = hex4(s, at + 8);
    if (low >= 0xdc00 && low <= 0xdfff) {
      writeCharacter(target, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
      return at + 12;
    }
  }
  s.lone = true;
  writeCharacter(target, unit);
  return at + 6;
}

function hex4(s: Scan, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const c = s.json[i] ?? 0;
    if (c >= 0x30 && c <= 0x39) value = value * 16 + c - 0x30;
    else if ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x66) value = value * 16 + (c | 0x20) - 0x57;
    else refuse(s, i);
  }
  return value;
}

/** RFC 3629 section 3. */
function writeCharacter(target: Target, code: number): void {
  const { buf } = target;
  if (code < 0x80) {
    buf[target.pos++] = code;
    return;
  }
  if (code < 0x800) {
    buf[target.pos++] = 0xc0 | (code >> 6);
  } else {
    if (code < 0x10000) {
      buf[target.pos++] = 0xe0 | (code >> 12);
    } else {
      buf[target.pos++] = 0xf0 | (code >> 18);
      buf[target.pos++] = 0x80 | ((code >> 12) & 0x3f);
    }
    buf[target.pos++] = 0x80 | ((code >> 6) & 0x3f);
  }
  buf[target.pos++] = 0x80 | (code & 0x3f);
}

function refuse(s: Scan, at: number): never {
  s.at = at;
  return fault(s);
}
