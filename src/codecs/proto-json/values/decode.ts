/** Protobuf to values by the layout. Source: protobuf.dev/programming-guides/encoding. */
import { CodecError } from '../error.ts';
import type { FieldLayout, MessageLayout, ValueLayout } from '../layout.ts';
import { cursor, lengthEnd, MAX_DEPTH, readTag, skip } from '../wire.ts';
import { copy, readScalar, readString } from './read-scalar.ts';
import { isMessage, newMessage, setSingle } from './value.ts';
import type { MapKey, MessageValue, Scalar, Single } from './value.ts';

const DELIMITED = 2;
const START_GROUP = 3;
const END_GROUP = 4;

/**
 * A message and all in it. Fields may come in any order and more than once: the last scalar and the last member of a oneof win, messages
 * merge. Required fields are not asked for. Throws a CodecError where the bytes are no message.
 */
export function decodeValue(layout: MessageLayout, bytes: Uint8Array): MessageValue {
  const b = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const message = newMessage(layout);
  readFields({ b, at: 0, depth: 0 }, message, b.length, 0);
  return message;
}

/** Where in the bytes the reader stands. */
interface Source {
  readonly b: Buffer;
  at: number;
  depth: number;
}

/** Reads fields into `message` up to `end`, or past the end tag of `group` where that is not 0. */
function readFields(source: Source, message: MessageValue, end: number, group: number): void {
  if (++source.depth > MAX_DEPTH) throw new CodecError('messages nest too deep');
  const { b } = source;
  for (;;) {
    if (source.at >= end) {
      if (group !== 0) throw new CodecError('a group does not end');
      break;
    }
    const start = source.at;
    const tag = readTag(b, start, end);
    source.at = cursor.pos;
    if ((tag & 7) === END_GROUP) {
      if (tag >>> 3 !== group) throw new CodecError('a group ends that was not opened');
      break;
    }
    const field = message.layout.byNumber.get(tag >>> 3);
    if (field === undefined || !readField(source, message, field, { start, tag, end })) {
      source.at = skip(tag, b, source.at, end);
      message.unknown.push(copy(b, start, source.at));
    }
  }
  source.depth--;
}

/** The tag that was read, where it starts, and where the message around it ends. */
interface Met {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** False where the wire type is not one of the field; nothing has been read then. */
function readField(source: Source, message: MessageValue, field: FieldLayout, met: Met): boolean {
  const wire = met.tag & 7;
  const { shape, value } = field;
  if (shape === 'map') {
    if (wire !== DELIMITED) return false;
    readEntry(source, message, field, met);
  } else if (wire === value.wire) {
    if (value.message !== null) readMessage(source, message, field, met);
    else readOne(source, message, field, met.end);
  } else if (wire === DELIMITED && shape === 'repeated' && value.wire !== START_GROUP) {
    const stop = lengthEnd(source.b, source.at, met.end);
    source.at = cursor.pos;
    while (source.at < stop) readOne(source, message, field, stop);
  } else return false;
  return true;
}

/** One scalar or enum, without a tag. */
function readOne(source: Source, message: MessageValue, field: FieldLayout, end: number): void {
  const { b, at } = source;
  const value = readValue(source, field.value, end, field.utf8);
  if (isForeign(field.value, value)) message.unknown.push(unpackedEnum(field, b, at, source.at));
  else if (field.shape === 'repeated') listOf(message, field).push(value);
  else setSingle(message, field, value);
}

function readValue(source: Source, { kind }: ValueLayout, end: number, utf8: boolean): Scalar {
  const { b, at } = source;
  const value = kind === 'string' ? readString(b, at, end, utf8) : readScalar(kind, b, at, end);
  source.at = cursor.pos;
  return value;
}

/** Whether it is a number that a closed enum has not: that counts as an unknown field. */
function isForeign({ enum: names }: ValueLayout, value: Single): boolean {
  return names !== null && names.model.closed && !names.text.has(Number(value));
}

/** The varint from `start` to `end` behind a tag of its own, also where it was in a packed run. */
function unpackedEnum({ number }: FieldLayout, b: Buffer, start: number, end: number): Uint8Array {
  const tag: number[] = [];
  // The wire type of a varint is 0.
  let rest = number * 8;
  for (; rest > 0x7f; rest >>>= 7) tag.push((rest & 0x7f) | 0x80);
  tag.push(rest);
  return Uint8Array.from([...tag, ...b.subarray(start, end)]);
}

function listOf(message: MessageValue, { number }: FieldLayout): Single[] {
  const known = message.fields.get(number);
  if (Array.isArray(known)) return known;
  const list: Single[] = [];
  message.fields.set(number, list);
  return list;
}

function readMessage(source: Source, message: MessageValue, field: FieldLayout, met: Met): void {
  const layout = messageOf(field.value);
  const known = field.shape === 'single' ? message.fields.get(field.number) : undefined;
  const inner = known !== undefined && isMessage(known) ? known : newMessage(layout);
  readInner(source, inner, field.value, met);
  if (field.shape === 'repeated') listOf(message, field).push(inner);
  else if (inner !== known) setSingle(message, field, inner);
}

function readInner(source: Source, inner: MessageValue, { wire }: ValueLayout, met: Met): void {
  if (wire === START_GROUP) {
    readFields(source, inner, met.end, met.tag >>> 3);
    return;
  }
  const stop = lengthEnd(source.b, source.at, met.end);
  source.at = cursor.pos;
  readFields(source, inner, stop, 0);
}

/** A map entry is a message with the fields 1 and 2; what else is in it is lost, as in every implementation. */
function readEntry(source: Source, message: MessageValue, field: FieldLayout, met: Met): void {
  const { key: keyLayout, value: valueLayout } = field;
  if (keyLayout === null) throw new CodecError('a map has no key type');
  const { b } = source;
  const stop = lengthEnd(b, source.at, met.end);
  source.at = cursor.pos;
  let key: MapKey = zero(keyLayout) as MapKey;
  let value: Single | undefined;
  while (source.at < stop) {
    const start = source.at;
    const tag = readTag(b, start, stop);
    source.at = cursor.pos;
    if (tag === (8 | keyLayout.wire)) key = readKey(source, field, keyLayout, stop);
    else if (tag !== (16 | valueLayout.wire)) source.at = skip(tag, b, source.at, stop);
    else if (valueLayout.message === null) value = readValue(source, valueLayout, stop, field.utf8);
    else {
      // A value that comes twice in one entry merges.
      value ??= newMessage(valueLayout.message);
      if (isMessage(value)) readInner(source, value, valueLayout, { start, tag, end: stop });
    }
  }
  value ??= valueLayout.message === null ? zero(valueLayout) : newMessage(valueLayout.message);
  if (isForeign(valueLayout, value)) message.unknown.push(copy(b, met.start, stop));
  else mapOf(message, field).set(key, value);
}

function readKey(source: Source, { utf8 }: FieldLayout, key: ValueLayout, end: number): MapKey {
  const value = readValue(source, key, end, utf8);
  // Only of a key that is not UTF-8 in proto2: bytes are no key, since two equal ones are not the same.
  if (value instanceof Uint8Array) throw new CodecError('a map key is not UTF-8');
  return value;
}

function mapOf(message: MessageValue, { number }: FieldLayout): Map<MapKey, Single> {
  const known = message.fields.get(number);
  if (known instanceof Map) return known;
  const map = new Map<MapKey, Single>();
  message.fields.set(number, map);
  return map;
}

/** What a map entry holds that says nothing of its key or value. */
function zero({ kind, enum: names }: ValueLayout): Scalar {
  if (kind === 'string') return '';
  if (kind === 'bytes') return new Uint8Array();
  if (kind === 'bool') return false;
  // The default of an enum is its first value, which in proto2 need not be 0.
  if (names !== null) return names.model.values.values().next().value ?? 0;
  return kind.endsWith('64') ? 0n : 0;
}

function messageOf({ kind, message }: ValueLayout): MessageLayout {
  if (message === null) throw new CodecError(`${kind} is no message`);
  return message;
}
