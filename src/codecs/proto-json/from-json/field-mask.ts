/** google.protobuf.FieldMask: paths in lowerCamelCase, parted by commas. */
import { fault, type Scan } from './scan.ts';
import { readText } from './text.ts';
import { writeTag, writeVarint } from './wire.ts';

const PATHS = (1 << 3) | 2;
const COMMA = 0x2c;
const UNDERSCORE = 0x5f;

/** The body of a FieldMask from `user.displayName,photo`. A path with an underscore would not come back as it was. */
export function putFieldMask(s: Scan): void {
  readText(s);
  if (s.lone) fault(s);
  const { src, to } = s;
  let start = s.from;
  if (start === to) return;
  let capitals = 0;
  for (let at = start; at <= to; at++) {
    const c = at === to ? COMMA : (src[at] ?? 0);
    if (c === COMMA) {
      putPath(s, start, at, at - start + capitals);
      start = at + 1;
      capitals = 0;
    } else if (c === UNDERSCORE) {
      fault(s);
    } else if (isCapital(c)) {
      capitals++;
    }
  }
}

function putPath(s: Scan, from: number, to: number, length: number): void {
  const { src, out } = s;
  writeTag(out, PATHS);
  out.ensure(length + 5);
  writeVarint(out, length);
  const { buf } = out;
  let { pos } = out;
  for (let at = from; at < to; at++) {
    const c = src[at] ?? 0;
    if (isCapital(c)) {
      buf[pos++] = UNDERSCORE;
      buf[pos++] = c + 0x20;
    } else {
      buf[pos++] = c;
    }
  }
  out.pos = pos;
}

function isCapital(c: number): boolean {
  return c >= 0x41 && c <= 0x5a;
}
