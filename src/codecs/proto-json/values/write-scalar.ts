/** Scalars as values to the wire. */
import { isUtf8 } from 'node:buffer';
import { CodecError } from '../error.ts';
import {
  writeBytes,
  writeDouble,
  writeFixed32,
  writeFixed64,
  writeFloat,
  writeInteger,
  writeText,
  writeVarint,
  writeVarint64,
} from '../from-json/wire.ts';
import type { Kind } from '../layout.ts';
import type { Output } from '../output.ts';
import type { FieldValue } from './value.ts';
import { wrongValue } from './value.ts';

/** The longest number on the wire. */
const MAX_NUMBER = 10;

/** A scalar or enum without its tag. Throws a CodecError where the value is not of the kind, or out of its range. */
export function writeScalar(out: Output, kind: Kind, value: FieldValue, utf8: boolean): void {
  out.ensure(MAX_NUMBER);
  if (kind === 'string' || kind === 'bytes') writeDelimited(out, kind, value, utf8);
  else if (typeof value === 'bigint') writeBig(out, kind, value);
  else if (typeof value === 'number') writeNumber(out, kind, value);
  else if (kind === 'bool' && typeof value === 'boolean') writeVarint(out, value ? 1 : 0);
  else wrongValue(kind, value);
}

function writeDelimited(out: Output, kind: Kind, value: FieldValue, utf8: boolean): void {
  if (value instanceof Uint8Array && (kind === 'bytes' || !utf8 || isUtf8(value))) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
    writeBytes(out, bytes, 0, bytes.length);
  } else if (typeof value === 'string' && kind === 'string') {
    // A lone surrogate has no UTF-8: it would become U+FFFD without a word.
    if (!value.isWellFormed()) throw new CodecError('a string has half of a surrogate pair');
    writeText(out, value);
  } else wrongValue(kind, value);
}

function writeNumber(out: Output, kind: Kind, value: number): void {
  if (kind === 'double') return writeDouble(out, value);
  if (kind === 'float') return writeFloat(out, value);
  const signed = kind !== 'uint32' && kind !== 'fixed32';
  if (value !== (signed ? value | 0 : value >>> 0)) {
    throw new CodecError(`${value} is out of the range of ${kind}`);
  }
  switch (kind) {
    case 'int32':
    case 'uint32':
    case 'enum':
      return writeInteger(out, value);
    case 'sint32':
      return writeVarint(out, ((value << 1) ^ (value >> 31)) >>> 0);
    case 'fixed32':
    case 'sfixed32':
      return writeFixed32(out, value);
    default:
      return wrongValue(kind, value);
  }
}

function writeBig(out: Output, kind: Kind, value: bigint): void {
  if (!kind.endsWith('64')) wrongValue(kind, value);
  const signed = kind !== 'uint64' && kind !== 'fixed64';
  if (value !== (signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value))) {
    throw new CodecError(`${value} is out of the range of ${kind}`);
  }
  const bits = kind === 'sint64' ? (value << 1n) ^ (value >> 63n) : value;
  const lo = Number(BigInt.asUintN(32, bits));
  const hi = Number(BigInt.asUintN(32, bits >> 32n));
  if (kind.includes('fixed')) writeFixed64(out, lo, hi);
  else writeVarint64(out, lo, hi);
}
