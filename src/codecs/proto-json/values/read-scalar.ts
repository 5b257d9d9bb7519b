/** Scalars from the wire as values. */
import { isUtf8 } from 'node:buffer';
import { CodecError } from '../error.ts';
import type { Kind } from '../layout.ts';
import { cursor, double, fixed32, float, lengthEnd, varint } from '../wire.ts';
import type { Scalar } from './value.ts';

/** A scalar or enum at `p`; the position behind it is left in {@link cursor}. Strings are read by {@link readString}. */
export function readScalar(kind: Kind, b: Buffer, p: number, end: number): Scalar {
  switch (kind) {
    case 'double':
      return behind(p + 8, double(b, p, end));
    case 'float':
      return behind(p + 4, float(b, p, end));
    case 'fixed32':
      return behind(p + 4, fixed32(b, p, end));
    case 'sfixed32':
      return behind(p + 4, fixed32(b, p, end) | 0);
    case 'fixed64':
      return behind(p + 8, uint64(fixed32(b, p, end), fixed32(b, p + 4, end)));
    case 'sfixed64':
      return behind(p + 8, BigInt.asIntN(64, uint64(fixed32(b, p, end), fixed32(b, p + 4, end))));
    case 'bytes':
      return readBytes(b, p, end);
    default:
      return readVarint(kind, b, p, end);
  }
}

function readVarint(kind: Kind, b: Buffer, p: number, end: number): Scalar {
  const lo = varint(b, p, end);
  const { hi } = cursor;
  switch (kind) {
    case 'int32':
    case 'enum':
      return lo | 0;
    case 'uint32':
      return lo;
    case 'sint32':
      return (lo >>> 1) ^ -(lo & 1);
    case 'bool':
      return lo !== 0 || hi !== 0;
    case 'int64':
      return BigInt.asIntN(64, uint64(lo, hi));
    case 'uint64':
      return uint64(lo, hi);
    case 'sint64': {
      const zigzag = uint64(lo, hi);
      return (zigzag >> 1n) ^ -(zigzag & 1n);
    }
    default:
      throw new CodecError(`${kind} is no scalar of the wire`);
  }
}

/** A string; its bytes where they are not UTF-8 and `utf8` does not ask for it. */
export function readString(b: Buffer, p: number, end: number, utf8: boolean): string | Uint8Array {
  const stop = lengthEnd(b, p, end);
  const start = cursor.pos;
  cursor.pos = stop;
  if (isUtf8(b.subarray(start, stop))) return b.toString('utf8', start, stop);
  if (utf8) throw new CodecError('a string is not UTF-8');
  return copy(b, start, stop);
}

function readBytes(b: Buffer, p: number, end: number): Uint8Array {
  const stop = lengthEnd(b, p, end);
  const start = cursor.pos;
  cursor.pos = stop;
  return copy(b, start, stop);
}

/** The buffer may be a part of a connection's, which is used again. */
export function copy(b: Buffer, start: number, end: number): Uint8Array {
  return new Uint8Array(b.subarray(start, end));
}

function uint64(lo: number, hi: number): bigint {
  return hi === 0 ? BigInt(lo) : (BigInt(hi) << 32n) | BigInt(lo);
}

function behind<Value>(p: number, value: Value): Value {
  cursor.pos = p;
  return value;
}
