/** The well-known types in the JSON forms that ProtoJSON gives them. Source: protobuf.dev/programming-guides/json, "ProtoJSON format". */
import { CodecError } from '../error.ts';
import type { FieldLayout, MessageLayout } from '../layout.ts';
import { double } from '../wire.ts';
import { gather, type Gathered, type Place } from './gather.ts';
import { interpretValue, type Span, type Target, writeMapField } from './fields.ts';
import * as text from './text.ts';
import { writeDuration, writeTimestamp } from './time.ts';

/** Writes a message whose layout says that it is well known. */
export function writeWellKnown(layout: MessageLayout, b: Uint8Array, span: Span, to: Target): void {
  const { start, end } = span;
  if (layout.wellKnown === 'timestamp') return writeTimestamp(to.out, b, start, end);
  if (layout.wellKnown === 'duration') return writeDuration(to.out, b, start, end);
  const message: Known = { layout, b, gathered: gather(layout, b, start, end) };
  switch (layout.wellKnown) {
    case 'field_mask':
      return writeFieldMask(message, to);
    case 'wrapper':
      return writeWrapper(message, to);
    case 'struct':
      return writeStruct(message, to);
    case 'list_value':
      return writeListValue(message, to);
    case 'value':
      return writeAnyValue(message, to);
    case 'any':
      return writeAny(message, to);
    case null:
      throw new CodecError(`${layout.model.fullName} is no well-known type`);
  }
}

interface Known {
  readonly layout: MessageLayout;
  readonly b: Uint8Array;
  readonly gathered: Gathered;
}

/** The occurrences of a field by number. */
function placesOf({ layout, gathered }: Known, number: number): readonly Place[] {
  const field = layout.byNumber.get(number);
  return (field === undefined ? undefined : gathered[field.index]) ?? [];
}

function fieldOf({ layout }: Known, number: number): FieldLayout {
  const field = layout.byNumber.get(number);
  if (field === undefined) throw new CodecError(`${layout.model.fullName} has no field ${number}`);
  return field;
}

/** Paths in lowerCamelCase, joined by commas; one that does not come back the same has no JSON. */
function writeFieldMask(message: Known, { out }: Target): void {
  const paths = placesOf(message, 1).map(({ start, end }) => {
    const path = Buffer.from(message.b.subarray(start, end)).toString('utf8');
    if (/[A-Z]|_(?![a-z])/.test(path)) {
      throw new CodecError(`the field mask path ${JSON.stringify(path)} has no JSON form`);
    }
    return path.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  });
  const joined = Buffer.from(paths.join(','));
  text.writeString(out, joined, 0, joined.length);
}

function writeWrapper(message: Known, to: Target): void {
  const field = fieldOf(message, 1);
  const place = placesOf(message, 1).at(-1);
  interpretValue(field.value, message.b, place, to);
}

function writeStruct(message: Known, to: Target): void {
  writeMapField(fieldOf(message, 1), message.b, placesOf(message, 1), to);
}

function writeListValue(message: Known, to: Target): void {
  const { value } = fieldOf(message, 1);
  to.out.byte(0x5b);
  for (const [index, place] of placesOf(message, 1).entries()) {
    if (index > 0) to.out.byte(0x2c);
    interpretValue(value, message.b, place, to);
  }
  to.out.byte(0x5d);
}

/** google.protobuf.Value: the one member of its oneof that is set. */
function writeAnyValue(message: Known, to: Target): void {
  for (const field of message.layout.fields) {
    const places = message.gathered[field.index];
    const last = places?.at(-1);
    if (places === undefined || last === undefined) continue;
    if (field.number === 2) {
      const number = double(message.b, last.start, last.end);
      if (!Number.isFinite(number)) throw new CodecError(`a Value cannot be ${number} in JSON`);
    }
    if (places.length > 1 && field.value.message !== null) {
      const merged = Buffer.concat(places.map(({ start, end }) => message.b.subarray(start, end)));
      interpretValue(field.value, merged, { start: 0, end: merged.length }, to);
    } else interpretValue(field.value, message.b, last, to);
    return;
  }
  // No member is set: an element of a list and a member of a Struct must be something all the same.
  to.out.ascii('null');
}

/** `{"@type": …}` with the fields of the message behind it, or with `value` where its JSON is no object of fields. */
function writeAny(message: Known, to: Target): void {
  const { out } = to;
  const url = placesOf(message, 1).at(-1);
  const content = placesOf(message, 2).at(-1);
  if (url === undefined || url.start === url.end) {
    if (content !== undefined && content.start < content.end) {
      throw new CodecError('an Any has a value but no type URL');
    }
    out.ascii('{}');
    return;
  }
  const typeUrl = Buffer.from(message.b.subarray(url.start, url.end)).toString('utf8');
  const layout = to.options.anyLayout(typeUrl);
  if (layout === undefined)
    throw new CodecError(`the type ${JSON.stringify(typeUrl)} is not known`);
  out.ascii('{"@type":');
  text.writeString(out, message.b, url.start, url.end);
  if (layout.wellKnown !== null) out.ascii(',"value":');
  const mark = out.pos;
  to.writeMessage(layout, message.b, content ?? { start: 0, end: 0 }, to);
  if (layout.wellKnown !== null) out.byte(0x7d);
  else joinObjects(to, mark);
}

/** `{"@type":…{…}` becomes one object: the second brace a comma, or nothing where no field follows. */
function joinObjects({ out }: Target, mark: number): void {
  if (out.pos - mark > 2) {
    out.buf[mark] = 0x2c;
    return;
  }
  out.pos = mark;
  out.byte(0x7d);
}
