/** One JSON value to one protobuf value, by the scalar type of its field. */
import type { ScalarType } from '../../../schema/model.ts';
import { putBytes } from './base64.ts';
import { readDouble, readInteger, toInt64, toUint64 } from './number.ts';
import { fault, readBool, type Scan } from './scan.ts';
import { putString } from './text.ts';
import {
  writeDouble,
  writeFixed32,
  writeFixed64,
  writeFloat,
  writeInteger,
  writeTag,
  writeVarint,
  writeVarint64,
} from './wire.ts';

/**
 * Reads a value and writes it with its tag, without one for tag 0 (in packed lists). The default value is written with `keep` only.
 * False where there is no value after all: an enum name that is unknown and may be.
 */
export type Put = (s: Scan, tag: number, keep: boolean) => boolean;

/** The largest float, as a double. */
const MAX_FLOAT = 3.4028234663852886e38;
const MAX_UINT32 = 0xffffffff;

export const PUT: Readonly<Record<ScalarType, Put>> = {
  double: putDouble,
  float: putFloat,
  int32: putInt32,
  int64: putInt64,
  uint32: putUint32,
  uint64: putUint64,
  sint32: putSint32,
  sint64: putSint64,
  fixed32: putFixed32,
  fixed64: putFixed64,
  sfixed32: putSfixed32,
  sfixed64: putSfixed64,
  bool: putBool,
  string: putString,
  bytes: putBytes,
};

function putDouble(s: Scan, tag: number, keep: boolean): boolean {
  const value = readDouble(s);
  // -0 is no default: its bits are not zero.
  if (!keep && Object.is(value, 0)) return true;
  writeTag(s.out, tag);
  writeDouble(s.out, value);
  return true;
}

function putFloat(s: Scan, tag: number, keep: boolean): boolean {
  const value = readDouble(s);
  if (Math.abs(value) > MAX_FLOAT && Math.abs(value) !== Infinity) fault(s);
  if (!keep && Object.is(value, 0)) return true;
  writeTag(s.out, tag);
  writeFloat(s.out, value);
  return true;
}

function putInt32(s: Scan, tag: number, keep: boolean): boolean {
  const value = readInt32(s);
  if (value === 0 && !keep) return true;
  writeTag(s.out, tag);
  writeInteger(s.out, value);
  return true;
}

function putUint32(s: Scan, tag: number, keep: boolean): boolean {
  const value = readUint32(s);
  if (value === 0 && !keep) return true;
  writeTag(s.out, tag);
  writeVarint(s.out, value);
  return true;
}

function putSint32(s: Scan, tag: number, keep: boolean): boolean {
  const value = readInt32(s);
  if (value === 0 && !keep) return true;
  writeTag(s.out, tag);
  writeVarint(s.out, ((value << 1) ^ (value >> 31)) >>> 0);
  return true;
}

function putFixed32(s: Scan, tag: number, keep: boolean): boolean {
  const value = readUint32(s);
  if (value === 0 && !keep) return true;
  writeTag(s.out, tag);
  writeFixed32(s.out, value);
  return true;
}

function putSfixed32(s: Scan, tag: number, keep: boolean): boolean {
  const value = readInt32(s);
  if (value === 0 && !keep) return true;
  writeTag(s.out, tag);
  writeFixed32(s.out, value);
  return true;
}

function putInt64(s: Scan, tag: number, keep: boolean): boolean {
  const value = readInteger(s);
  if (value === 0 && !keep) return true;
  toInt64(s, value);
  writeTag(s.out, tag);
  writeVarint64(s.out, s.lo, s.hi);
  return true;
}

function putUint64(s: Scan, tag: number, keep: boolean): boolean {
  const value = readInteger(s);
  if (value === 0 && !keep) return true;
  toUint64(s, value);
  writeTag(s.out, tag);
  writeVarint64(s.out, s.lo, s.hi);
  return true;
}

function putSint64(s: Scan, tag: number, keep: boolean): boolean {
  const value = readInteger(s);
  if (value === 0 && !keep) return true;
  toInt64(s, value);
  const { lo, hi } = s;
  const sign = hi >> 31;
  writeTag(s.out, tag);
  writeVarint64(s.out, ((lo << 1) ^ sign) >>> 0, (((hi << 1) | (lo >>> 31)) ^ sign) >>> 0);
  return true;
}

function putFixed64(s: Scan, tag: number, keep: boolean): boolean {
  const value = readInteger(s);
  if (value === 0 && !keep) return true;
  toUint64(s, value);
  writeTag(s.out, tag);
  writeFixed64(s.out, s.lo, s.hi);
  return true;
}

function putSfixed64(s: Scan, tag: number, keep: boolean): boolean {
  const value = readInteger(s);
  if (value === 0 && !keep) return true;
  toInt64(s, value);
  writeTag(s.out, tag);
  writeFixed64(s.out, s.lo, s.hi);
  return true;
}

function putBool(s: Scan, tag: number, keep: boolean): boolean {
  const value = readBool(s);
  if (!value && !keep) return true;
  writeTag(s.out, tag);
  writeVarint(s.out, value ? 1 : 0);
  return true;
}

/** Also where an enum is given by number. */
export function readInt32(s: Scan): number {
  const value = readInteger(s);
  if (!(value >= -0x80000000 && value <= 0x7fffffff)) fault(s);
  return value;
}

function readUint32(s: Scan): number {
  const value = readInteger(s);
  if (!(value >= 0 && value <= MAX_UINT32)) fault(s);
  return value;
}
