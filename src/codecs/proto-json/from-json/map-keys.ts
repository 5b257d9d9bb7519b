/** The keys of maps: strings in JSON whatever their type. */
import type { ScalarType } from '../../../schema/model.ts';
import { addMet, type Met, newMet } from './names.ts';
import { integerOf, toInt64, toUint64 } from './number.ts';
import { fault, type Scan } from './scan.ts';
import { putText, readText } from './text.ts';
import { writeFixed32, writeFixed64, writeTag, writeVarint, writeVarint64 } from './wire.ts';

/** The keys of one map so far. */
export interface MapKeys {
  readonly names: Met;
  /** Integers by value, since 1 and 01 are one key. */
  values: Set<string> | null;
  /** The last integer, by value and as it was written. */
  value: string;
  text: string;
  /** Integers as written that stand in the JSON, but not in the map. */
  dropped: Set<string> | null;
}

/** Reads a key up to its closing quote and writes it with its tag; refuses one that was there. */
export type PutKey = (s: Scan, met: MapKeys) => void;

const FIELD = 1 << 3;
const SIGNED = /^-?[0-9]+$/;
const UNSIGNED = /^[0-9]+$/;

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
    met.text = readIntegerKey(s, type);
    const { lo, hi } = s;
    met.value = `:${hi}:${lo}`;
    met.values ??= new Set();
    if (met.values.has(met.value) || met.dropped?.has(met.text) === true) fault(s);
    met.values.add(met.value);
    write(s, lo, hi);
  };
}

/** The last key turned out to have no value: another spelling of it may still come, the same may not. */
export function dropKey(met: MapKeys): void {
  if (met.values === null) return;
  met.values.delete(met.value);
  met.dropped ??= new Set();
  met.dropped.add(met.text);
}

export function newMapKeys(): MapKeys {
  return { names: newMet(), values: null, value: '', text: '', dropped: null };
}

function putStringKey(s: Scan, met: MapKeys): void {
  readText(s);
  addMet(s, met.names);
  putText(s, FIELD | 2);
}

function putBoolKey(s: Scan, met: MapKeys): void {
  readText(s);
  addMet(s, met.names);
  const text = s.src.toString('latin1', s.from, s.to);
  if (text !== 'true' && text !== 'false') fault(s);
  writeTag(s.out, FIELD);
  writeVarint(s.out, text === 'true' ? 1 : 0);
}

/** Leaves the two's complement of 64 bits in `hi` and `lo`, in the range of the type; returns the text. */
function readIntegerKey(s: Scan, type: ScalarType): string {
  readText(s);
  const unsigned = type.startsWith('u') || type.startsWith('fixed');
  const text = s.src.toString('latin1', s.from, s.to);
  if (!(unsigned ? UNSIGNED : SIGNED).test(text)) fault(s);
  const value = integerOf(s, text);
  if (unsigned) toUint64(s, value);
  else toInt64(s, value);
  const fits = unsigned ? value <= 0xffffffff : value >= -0x80000000 && value <= 0x7fffffff;
  if (!fits && !type.endsWith('64')) fault(s);
  return `"${text}`;
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
