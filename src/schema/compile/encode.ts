/** Values in the wire format, fields by number as protoc writes them. Source: protobuf.dev/programming-guides/encoding. */
import { varint } from '../../lib/protobuf-wire.ts';
import type { FieldType, MessageType } from './types.ts';

/** A message that is put together. */
export interface Value {
  readonly type: MessageType;
  readonly fields: Map<FieldType, FieldValue>;
}

/** Integers are bigint; a message may come encoded. */
export type SingleValue = bigint | number | boolean | Uint8Array | Value;
export type FieldValue = SingleValue | SingleValue[];

export function newValue(type: MessageType): Value {
  return { type, fields: new Map() };
}

export function encode(value: Value): Uint8Array {
  const into: number[] = [];
  writeValue(value, into);
  return Uint8Array.from(into);
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;

function writeValue({ fields }: Value, into: number[]): void {
  const sorted = [...fields].sort(([left], [right]) => left.number - right.number);
  for (const [field, value] of sorted) {
    if (!Array.isArray(value)) writeField(field, value, into);
    else if (field.packed) writePacked(field, value, into);
    else for (const one of value) writeField(field, one, into);
  }
}

function writePacked(field: FieldType, values: readonly SingleValue[], into: number[]): void {
  if (values.length === 0) return;
  const packed: number[] = [];
  for (const value of values) writeScalar(field.kind, value, packed);
  writeTag(field, DELIMITED, into);
  append(varint(packed.length), into);
  append(packed, into);
}

function writeField(field: FieldType, value: SingleValue, into: number[]): void {
  const wire = wireTypeOf(field);
  writeTag(field, wire, into);
  if (field.kind !== 'message') {
    writeScalar(field.kind, value, into);
    return;
  }
  const bytes = value instanceof Uint8Array ? value : encode(value as Value);
  if (wire === DELIMITED) append(varint(bytes.length), into);
  append(bytes, into);
  if (wire === START_GROUP) writeTag(field, END_GROUP, into);
}

function wireTypeOf({ kind, delimited }: FieldType): number {
  if (kind === 'message') return delimited ? START_GROUP : DELIMITED;
  if (kind === 'string' || kind === 'bytes') return DELIMITED;
  if (kind === 'double' || kind.endsWith('fixed64')) return FIXED64;
  return kind === 'float' || kind.endsWith('fixed32') ? FIXED32 : VARINT;
}

function writeTag({ number }: FieldType, wire: number, into: number[]): void {
  append(varint(number * 8 + wire), into);
}

function writeScalar(kind: string, value: SingleValue, into: number[]): void {
  if (value instanceof Uint8Array) {
    append(varint(value.length), into);
    append(value, into);
  } else if (kind === 'bool') into.push(value === true ? 1 : 0);
  else if (kind === 'double') append(new Uint8Array(Float64Array.of(Number(value)).buffer), into);
  else if (kind === 'float') append(new Uint8Array(Float32Array.of(Number(value)).buffer), into);
  else writeInteger(kind, value as bigint, into);
}

function writeInteger(kind: string, value: bigint, into: number[]): void {
  if (kind.endsWith('fixed32') || kind.endsWith('fixed64')) {
    const bits = kind.endsWith('32') ? 32 : 64;
    const unsigned = BigInt.asUintN(bits, value);
    for (let at = 0; at < bits; at += 8) into.push(Number((unsigned >> BigInt(at)) & 0xffn));
    return;
  }
  const zigzag = kind.startsWith('sint');
  let rest = zigzag ? (value < 0n ? -value * 2n - 1n : value * 2n) : BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) into.push(Number(rest & 0x7fn) | 0x80);
  into.push(Number(rest));
}

/** One by one: a spread of many is too much for the stack. */
function append(bytes: Iterable<number>, into: number[]): void {
  for (const byte of bytes) into.push(byte);
}
