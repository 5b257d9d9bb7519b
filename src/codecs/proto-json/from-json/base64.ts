/** Base64 of either alphabet, padded or not (RFC 4648 sections 4 and 5; ProtoJSON takes both). */
import { fault, type Scan } from './scan.ts';
import { readText } from './text.ts';
import { writeTag, writeVarint } from './wire.ts';

const PAD = 0x3d;
const NONE = 255;
const VALUES = new Uint8Array(256).fill(NONE);
for (const alphabet of ['+/', '-_']) {
  const digits = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${alphabet}`;
  for (let value = 0; value < 64; value++) VALUES[digits.charCodeAt(value)] = value;
}

/** A bytes field; empty only with `keep`. Tag 0 writes no tag. */
export function putBytes(s: Scan, tag: number, keep: boolean): boolean {
  readText(s);
  const { src, from, out } = s;
  let { to } = s;
  if (to > from && src[to - 1] === PAD) to--;
  if (to > from && src[to - 1] === PAD) to--;
  const rest = (to - from) % 4;
  // Padding may be short or missing, but not stand where there is nothing to fill.
  if (rest === 1 || (rest === 0 && to < s.to)) fault(s);
  if (to === from && !keep) return true;
  const length = Math.floor((to - from) / 4) * 3 + (rest === 0 ? 0 : rest - 1);
  writeTag(out, tag);
  out.ensure(length + 5);
  writeVarint(out, length);
  decode(s, to);
  return true;
}

/** From `from` of the last string up to `to`. */
function decode(s: Scan, to: number): void {
  const { src, out } = s;
  const { buf } = out;
  let { pos } = out;
  let at = s.from;
  let seen = 0;
  for (; at + 4 <= to; at += 4) {
    const a = valueAt(src, at);
    const b = valueAt(src, at + 1);
    const c = valueAt(src, at + 2);
    const d = valueAt(src, at + 3);
    seen |= a | b | c | d;
    buf[pos] = (a << 2) | (b >> 4);
    buf[pos + 1] = (b << 4) | (c >> 2);
    buf[pos + 2] = (c << 6) | d;
    pos += 3;
  }
  if (at < to) {
    const a = valueAt(src, at);
    const b = valueAt(src, at + 1);
    const c = at + 2 < to ? valueAt(src, at + 2) : 0;
    seen |= a | b | c;
    buf[pos++] = (a << 2) | (b >> 4);
    if (at + 2 < to) buf[pos++] = (b << 4) | (c >> 2);
  }
  // No digit reaches 64, and what is no digit is 255.
  if (seen > 63) fault(s);
  out.pos = pos;
}

function valueAt(src: Buffer, at: number): number {
  return VALUES[src[at] ?? 0] ?? NONE;
}
