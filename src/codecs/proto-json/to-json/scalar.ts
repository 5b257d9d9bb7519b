/** Scalars as JSON, by their type in descriptor.proto. */
import type { Kind, ValueLayout } from '../layout.ts';
import type { Output } from '../output.ts';
import type { ScalarType } from '../../../schema/model.ts';
import { cursor, double, fixed32, float, varint } from '../wire.ts';
import * as text from './text.ts';

/** Writes the value at `start`, without its length where it has one. `quoted` is for 64 bits alone. */
export type WriteScalar = (
  out: Output,
  b: Uint8Array,
  start: number,
  end: number,
  quoted: boolean,
) => void;

export const SCALARS: Readonly<Record<ScalarType, WriteScalar>> = {
  string: (out, b, start, end) => text.writeString(out, b, start, end),
  bytes: (out, b, start, end) => text.writeBase64(out, b, start, end),
  bool: (out, b, start, end) => text.writeBool(out, varint(b, start, end) !== 0 || cursor.hi !== 0),
  int32: (out, b, start, end) => text.writeInt32(out, varint(b, start, end) | 0),
  uint32: (out, b, start, end) => text.writeUint32(out, varint(b, start, end)),
  sint32: (out, b, start, end) => {
    const zigzag = varint(b, start, end);
    text.writeInt32(out, (zigzag >>> 1) ^ -(zigzag & 1));
  },
  fixed32: (out, b, start, end) => text.writeUint32(out, fixed32(b, start, end)),
  sfixed32: (out, b, start, end) => text.writeInt32(out, fixed32(b, start, end) | 0),
  double: (out, b, start, end) => text.writeDouble(out, double(b, start, end)),
  float: (out, b, start, end) => text.writeFloat(out, float(b, start, end)),
  int64: (out, b, start, end, quoted) => {
    const low = varint(b, start, end);
    text.writeInt64(out, low, cursor.hi, { signed: true, quoted });
  },
  uint64: (out, b, start, end, quoted) => {
    const low = varint(b, start, end);
    text.writeInt64(out, low, cursor.hi, { signed: false, quoted });
  },
  sint64: (out, b, start, end, quoted) => {
    const low = varint(b, start, end);
    const sign = -(low & 1);
    const lo = (((low >>> 1) | (cursor.hi << 31)) ^ sign) >>> 0;
    text.writeInt64(out, lo, ((cursor.hi >>> 1) ^ sign) >>> 0, { signed: true, quoted });
  },
  fixed64: (out, b, start, end, quoted) => {
    const high = fixed32(b, start + 4, end);
    text.writeInt64(out, fixed32(b, start, end), high, { signed: false, quoted });
  },
  sfixed64: (out, b, start, end, quoted) => {
    const high = fixed32(b, start + 4, end);
    text.writeInt64(out, fixed32(b, start, end), high, { signed: true, quoted });
  },
};

/** Whether a value without presence is as good as none; a negative zero is not. */
export function isDefault(
  { kind }: ValueLayout,
  b: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  if (kind === 'string' || kind === 'bytes') return start === end;
  for (let p = start; p < end; p++)
    if (((b[p] ?? 0) & (is8(kind) ? 0xff : 0x7f)) !== 0) return false;
  return true;
}

/** Whether all bits of a byte are the value's: varints keep one for themselves. */
function is8(kind: Kind): boolean {
  return kind === 'double' || kind === 'float' || kind.includes('fixed');
}

/** Whether it is a string in JSON unless the options want numbers. */
export function is64(kind: Kind): boolean {
  return kind.endsWith('64');
}
