/** The keys of maps: strings in JSON whatever their type. */
import type { ScalarType } from '../../../schema/model.ts';
import { addMet, type Met, newMet } from './names.ts';
import { splitInteger, toInt64, toUint64 } from './number.ts';
import { fault, type Scan } from './scan.ts';
import { putText, readText } from './text.ts';
import { writeFixed32, writeFixed64, writeTag, writeVarint, writeVarint64 } from './wire.ts';

/** The keys of one map so far. */
export interface MapKeys {
  readonly names: Met;
  /** By value, since 1 and 01 are one key. */
  values: Set<string> | null;
}

/** Reads a key up to its closing quote and writes it with its tag; refuses one that was there. */
export type PutKey = (s: Scan, met: MapKeys) => void;

const FIELD = 1 << 3;
const SIGNED = /^-?[0-9]+$/;
const UNSIGNED = /^[0-9]+$/;
const LEADING_ZEROS = /^(-?)0+(?=[0-9])/;

const WRITE: Readonly<Partial<Record<ScalarType, (s: Scan, lo: number, hi: number) => void>>> = {
  int32: varint,
  int64: varint,
  uint32: varint,
  uint64: varint,
  sint32: zigzag,
  sint64: zigzag,
  fixed32: fixed32,
  sfixed32: fixed32,
  fixed64: fixed64,
  sfixed64: fixed64,
};

/** How keys of a type are read. */
export function putKey(type: ScalarType): PutKey {
  if (type === 'string') return putStringKey;
  if (type === 'bool') return putBoolKey;
  const write = WRITE[type];
  // No compiler lets such a map through.
  if (write === undefined) return fault;
  return (s, met) => {
    readIntegerKey(s, type);
    const { lo, hi } = s;
    const value = `:${hi}:${lo}`;
    met.values ??= new Set();
    if (met.values.has(value)) fault(s);
    met.values.add(value);
    write(s, lo, hi);
  };
}

export function newMapKeys(): MapKeys {
  return { names: newMet(), values: null };
}

export function putStringKey(s: Scan, met: MapKeys): void {
  readText(s);
  addMet(s, met.names);
  putText(s, FIELD | 2);
}

export function putBoolKey(s: Scan, met: MapKeys): void {
  readText(s);
  addMet(s, met.names);
  const text = s.src.toString('latin1', s.from, s.to);
  if (text !== 'true' && text !== 'false') fault(s);
  writeTag(s.out, FIELD);
  writeVarint(s.out, text === 'true' ? 1 : 0);
}

/** Two's complement of 64 bits in `hi` and `lo`, in the range of the type. */
function readIntegerKey(s: Scan, type: ScalarType): void {
  readText(s);
  const unsigned = type.startsWith('u') || type.startsWith('fixed');
  const text = s.src.toString('latin1', s.from, s.to);
  if (!(unsigned ? UNSIGNED : SIGNED).test(text)) fault(s);
  const value = splitInteger(s, text.replace(LEADING_ZEROS, '$1'));
  if (unsigned) toUint64(s, value);
  else toInt64(s, value);
  if (type.endsWith('64')) return;
  const fits = unsigned ? value <= 0xffffffff : value >= -0x80000000 && value <= 0x7fffffff;
  if (!fits) fault(s);
}

function varint({ out }: Scan, lo: number, hi: number): void {
  writeTag(out, FIELD);
  writeVarint64(out, lo, hi);
}

/** The same for 32 bits: sign extension makes the high half of a small number its sign. */
function zigzag({ out }: Scan, lo: number, hi: number): void {
  const sign = hi >> 31;
  writeTag(out, FIELD);
  writeVarint64(out, ((lo << 1) ^ sign) >>> 0, (((hi << 1) | (lo >>> 31)) ^ sign) >>> 0);
}

function fixed32({ out }: Scan, lo: number): void {
  writeTag(out, FIELD | 5);
  writeFixed32(out, lo);
}

function fixed64({ out }: Scan, lo: number, hi: number): void {
  writeTag(out, FIELD | 1);
  writeFixed64(out, lo, hi);
}
