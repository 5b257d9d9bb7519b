/** Values to protobuf by the layout: fields by number, maps in the order of their entries, so equal values give equal bytes. */
import { CodecError } from '../error.ts';
import { beginLength, endLength, writeTag } from '../from-json/wire.ts';
import type { FieldLayout, MessageLayout, ValueLayout } from '../layout.ts';
import type { Output } from '../output.ts';
import { MAX_DEPTH } from '../wire.ts';
import { isDefaultValue, isMessage, wrongValue } from './value.ts';
import type { FieldValue, MessageValue, Single } from './value.ts';
import { writeScalar } from './write-scalar.ts';

const DELIMITED = 2;
const START_GROUP = 3;
const END_GROUP = 4;

/**
 * Appends the message to `out`, its unknown fields behind the known ones. Throws a CodecError where a value is not of its field's type; what
 * it has appended by then is garbage.
 */
export function encodeValue(layout: MessageLayout, value: MessageValue, out: Output): void {
  writeMessage({ out, depth: 0 }, layout, value);
}

interface Sink {
  readonly out: Output;
  depth: number;
}

function writeMessage(sink: Sink, layout: MessageLayout, { fields, unknown }: MessageValue): void {
  if (++sink.depth > MAX_DEPTH) throw new CodecError('messages nest too deep');
  for (const field of byNumber(layout)) {
    const value = fields.get(field.number);
    if (value !== undefined) writeField(sink, field, value);
  }
  for (const bytes of unknown) sink.out.bytes(bytes);
  sink.depth--;
}

const sorted = new WeakMap<MessageLayout, readonly FieldLayout[]>();

function byNumber(layout: MessageLayout): readonly FieldLayout[] {
  let fields = sorted.get(layout);
  if (fields === undefined) {
    fields = layout.fields.toSorted((left, right) => left.number - right.number);
    sorted.set(layout, fields);
  }
  return fields;
}

function writeField(sink: Sink, field: FieldLayout, value: FieldValue): void {
  const { shape, presence, packed } = field;
  if (shape === 'map') writeMap(sink, field, value);
  else if (shape === 'single') {
    if (presence || !isDefaultValue(value)) writeTagged(sink, field, field.number, value);
  } else if (!Array.isArray(value)) wrongValue('repeated', value);
  else if (packed) writePacked(sink, field, value);
  else for (const element of value) writeTagged(sink, field, field.number, element);
}

function writePacked({ out }: Sink, field: FieldLayout, list: readonly Single[]): void {
  if (list.length === 0) return;
  writeTag(out, tagOf(field.number, DELIMITED));
  const start = beginLength(out);
  for (const element of list) writeScalar(out, field.value.kind, element, field.utf8);
  endLength(out, start);
}

/** An entry has its key and its value even where they are defaults. */
function writeMap(sink: Sink, field: FieldLayout, map: FieldValue): void {
  const { key: keyLayout } = field;
  if (keyLayout === null || !(map instanceof Map)) wrongValue('map', map);
  const { out } = sink;
  for (const [key, value] of map) {
    writeTag(out, tagOf(field.number, DELIMITED));
    const start = beginLength(out);
    writeTagged(sink, { value: keyLayout, utf8: field.utf8 }, 1, key);
    writeTagged(sink, field, 2, value);
    endLength(out, start);
  }
}

interface OneValue {
  readonly value: ValueLayout;
  readonly utf8: boolean;
}

function writeTagged(sink: Sink, type: OneValue, number: number, value: FieldValue): void {
  const { out } = sink;
  const { kind, wire, message } = type.value;
  writeTag(out, tagOf(number, wire));
  if (message === null) writeScalar(out, kind, value, type.utf8);
  else if (!isMessage(value)) wrongValue(kind, value);
  else if (wire === START_GROUP) {
    writeMessage(sink, message, value);
    writeTag(out, tagOf(number, END_GROUP));
  } else {
    const start = beginLength(out);
    writeMessage(sink, message, value);
    endLength(out, start);
  }
}

/** As an unsigned number: field numbers have 29 bits. */
function tagOf(number: number, wire: number): number {
  return ((number << 3) | wire) >>> 0;
}
