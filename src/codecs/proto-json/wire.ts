/** Reading the wire format. Source: protobuf.dev/programming-guides/encoding. */
import { CodecError } from './error.ts';

/** How deep messages may nest: what the protobuf libraries take by default. */
export const MAX_DEPTH = 100;

/**
 * What the last {@link varint} read beside its result. One object for all, since nothing here is asynchronous: returning a pair would
 * allocate for every field.
 */
export const cursor: { pos: number; hi: number } = { pos: 0, hi: 0 };

const TRUNCATED = 'a message is cut off';

/** The low 32 bits, unsigned, of the varint at `p`; the high ones and the position behind it are left in {@link cursor}. */
export function varint(b: Uint8Array, p: number, end: number): number {
  let lo = 0;
  let hi = 0;
  let at = p;
  for (let shift = 0; shift < 70; shift += 7) {
    if (at >= end) throw new CodecError(TRUNCATED);
    const byte = b[at++] ?? 0;
    const bits = byte & 0x7f;
    if (shift < 28) lo |= bits << shift;
    else if (shift === 28) {
      lo |= bits << 28;
      hi = bits >>> 4;
    } else if (shift < 63) hi |= bits << (shift - 32);
    else hi |= (bits & 1) << 31;
    if (byte < 0x80) {
      cursor.pos = at;
      cursor.hi = hi >>> 0;
      return lo >>> 0;
    }
  }
  throw new CodecError('a varint has more than ten bytes');
}

/** The end of the length-delimited value whose length stands at `p`; its begin is left in {@link cursor}. */
export function lengthEnd(b: Uint8Array, p: number, end: number): number {
  const length = varint(b, p, end);
  if (cursor.hi !== 0 || length > end - cursor.pos) throw new CodecError(TRUNCATED);
  return cursor.pos + length;
}

export function fixed32(b: Uint8Array, p: number, end: number): number {
  if (p + 4 > end) throw new CodecError(TRUNCATED);
  return (
    ((b[p] ?? 0) | ((b[p + 1] ?? 0) << 8) | ((b[p + 2] ?? 0) << 16) | ((b[p + 3] ?? 0) << 24)) >>> 0
  );
}

const scratch = new DataView(new ArrayBuffer(8));

export function double(b: Uint8Array, p: number, end: number): number {
  scratch.setUint32(0, fixed32(b, p, end), true);
  scratch.setUint32(4, fixed32(b, p + 4, end), true);
  return scratch.getFloat64(0, true);
}

export function float(b: Uint8Array, p: number, end: number): number {
  scratch.setUint32(0, fixed32(b, p, end), true);
  return scratch.getFloat32(0, true);
}

/** The position behind the value of a field with `tag` at `p`, groups with all that is in them. Throws on wire types that don't exist. */
export function skip(tag: number, b: Uint8Array, p: number, end: number): number {
  switch (tag & 7) {
    case 0:
      varint(b, p, end);
      return cursor.pos;
    case 1:
      fixed32(b, p + 4, end);
      return p + 8;
    case 2:
      return lengthEnd(b, p, end);
    case 3:
      return groupEnd(tag, b, p, end).after;
    case 5:
      fixed32(b, p, end);
      return p + 4;
    default:
      throw new CodecError(`wire type ${tag & 7} does not exist here`);
  }
}

/** Where the group opened by `tag` ends: `end` is that of its content, `after` behind its end tag. */
export function groupEnd(
  tag: number,
  b: Uint8Array,
  p: number,
  end: number,
): { readonly end: number; readonly after: number } {
  // Groups nest: a list instead of recursion, bounded like messages.
  const open = [tag >>> 3];
  let at = p;
  for (;;) {
    const start = at;
    const inner = readTag(b, at, end);
    at = cursor.pos;
    if ((inner & 7) === 4) {
      if (open.pop() !== inner >>> 3) throw new CodecError('a group ends that was not opened');
      if (open.length === 0) return { end: start, after: at };
    } else if ((inner & 7) === 3) {
      if (open.push(inner >>> 3) > MAX_DEPTH) throw new CodecError('messages nest too deep');
    } else {
      at = skip(inner, b, at, end);
    }
  }
}

/** A tag whose field number is legal; the position behind it is left in {@link cursor}. */
export function readTag(b: Uint8Array, p: number, end: number): number {
  const tag = varint(b, p, end);
  if (cursor.hi !== 0 || tag >>> 3 === 0) throw new CodecError('a field number is out of range');
  return tag;
}

/** What {@link holdsField} must know of a type. */
interface Fields {
  readonly byNumber: ReadonlyMap<number, { readonly value: { readonly message: Fields | null } }>;
}

/** Whether a well-formed message holds the field that `numbers` lead to through messages, last number last. */
export function holdsField(
  fields: Fields,
  b: Uint8Array,
  numbers: readonly number[],
  span: { readonly start: number; readonly end: number } = { start: 0, end: b.length },
): boolean {
  const [number = 0, ...inner] = numbers;
  const nested = fields.byNumber.get(number)?.value.message ?? null;
  for (let p = span.start; p < span.end; ) {
    const tag = readTag(b, p, span.end);
    const at = cursor.pos;
    p = skip(tag, b, at, span.end);
    if (tag >>> 3 !== number) continue;
    if (inner.length === 0 || nested === null || (tag & 7) !== 2) return true;
    const end = lengthEnd(b, at, span.end);
    if (holdsField(nested, b, inner, { start: cursor.pos, end })) return true;
  }
  return false;
}
