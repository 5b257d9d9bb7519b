/** The fields of a message as JSON, one after the other in the order of declaration. */
import { CodecError } from '../error.ts';
import type { FieldLayout, MessageLayout, ValueLayout } from '../layout.ts';
import type { JsonOptions } from '../options.ts';
import type { Output } from '../output.ts';
import { cursor, lengthEnd, skip, varint } from '../wire.ts';
import { type Gathered, isForeign, type Place } from './gather.ts';
import { is64, isDefault, SCALARS } from './scalar.ts';
import * as text from './text.ts';

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const NULL = Buffer.from('null');

/** Which writer a nested message goes to: the compiled one where there is one. */
export type WriteMessage = (layout: MessageLayout, b: Uint8Array, span: Span, to: Target) => void;

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where JSON goes and how; handed on as it is. */
export interface Target {
  readonly out: Output;
  readonly options: JsonOptions;
  readonly writeMessage: WriteMessage;
  /** How many messages are open; raised and lowered around each. */
  depth: number;
}

/** `{…}` with every field that has a value. */
export function writeFields(
  layout: MessageLayout,
  b: Uint8Array,
  gathered: Gathered,
  to: Target,
): void {
  writeMembers(layout.fields, to, (field) =>
    writeFieldOrDefault(field, b, gathered[field.index], to),
  );
}

/** `{…}` with those of the fields for which `write` says that it has written a value. */
export function writeMembers(
  fields: readonly FieldLayout[],
  { out, options }: Target,
  write: (field: FieldLayout) => boolean,
): void {
  out.byte(OPEN_BRACE);
  const empty = out.pos;
  for (const field of fields) {
    const mark = out.pos;
    if (mark > empty) out.byte(COMMA);
    out.bytes(options.protoNames ? field.protoKey : field.jsonKey);
    if (!write(field)) out.pos = mark;
  }
  out.byte(CLOSE_BRACE);
}

/** False where the field has nothing to show; `places` is undefined where it did not come. */
export function writeFieldOrDefault(
  field: FieldLayout,
  b: Uint8Array,
  places: readonly Place[] | undefined,
  to: Target,
): boolean {
  return places === undefined ? writeDefault(field, to) : writeField(field, b, places, to);
}

/** One field alone: its value, else the default of a field without presence, else null. */
export function writeOneField(
  field: FieldLayout,
  b: Uint8Array,
  places: readonly Place[],
  to: Target,
): void {
  const mark = to.out.pos;
  if (places.length > 0 && writeField(field, b, places, to)) return;
  to.out.pos = mark;
  const options = { ...to.options, emitDefaults: true };
  if (!writeDefault(field, { ...to, options })) to.out.bytes(NULL);
}

/** False where the field has nothing to show. */
function writeField(
  field: FieldLayout,
  b: Uint8Array,
  places: readonly Place[],
  to: Target,
): boolean {
  if (field.shape === 'map') return writeMapField(field, b, places, to);
  if (field.shape === 'repeated') return writeList(field, b, places, to);
  const last = places.at(-1);
  if (last === undefined) return false;
  if (field.value.message !== null && places.length > 1) writeMerged(field, b, places, to);
  else if (!field.presence && isDefault(field.value, b, last)) return writeDefault(field, to);
  else writeValue(field.value, b, last, to);
  return true;
}

/** A field without a value, where the options want it. */
function writeDefault({ shape, presence, value }: FieldLayout, { out, options }: Target): boolean {
  if (!options.emitDefaults || presence) return false;
  if (shape === 'map') out.ascii('{}');
  else if (shape === 'repeated') out.ascii('[]');
  else writeZero(value, out, options);
  return true;
}

/** The default of a scalar or enum. */
function writeZero({ kind, enum: names }: ValueLayout, out: Output, options: JsonOptions): void {
  if (kind === 'string' || kind === 'bytes') out.ascii('""');
  else if (kind === 'bool') out.ascii('false');
  // In proto2 an enum need not begin with 0.
  else if (names !== null) writeEnum(names, firstOf(names), out, options);
  else if (is64(kind) && options.int64 === 'string') out.ascii('"0"');
  else out.ascii('0');
}

function firstOf({ model }: NonNullable<ValueLayout['enum']>): number {
  return model.values.values().next().value ?? 0;
}

/** Messages that occur more than once are merged, which is what their bytes one behind the other say. */
function writeMerged(
  { value }: FieldLayout,
  b: Uint8Array,
  places: readonly Place[],
  to: Target,
): void {
  const merged = Buffer.concat(places.map(({ start, end }) => b.subarray(start, end)));
  writeValue(value, merged, { start: 0, end: merged.length }, to);
}

function writeList(
  { value }: FieldLayout,
  b: Uint8Array,
  places: readonly Place[],
  to: Target,
): boolean {
  const { out } = to;
  out.byte(OPEN_BRACKET);
  const empty = out.pos;
  for (const place of places) {
    for (let p = place.start; p < place.end || (!place.packed && p === place.start); ) {
      const end = place.packed ? skip(value.wire, b, p, place.end) : place.end;
      const span = { start: p, end };
      if (!isForeign(value, b, span)) {
        if (out.pos > empty) out.byte(COMMA);
        writeValue(value, b, span, to);
      }
      if (!place.packed) break;
      p = end;
    }
  }
  out.byte(CLOSE_BRACKET);
  return out.pos > empty + 1 || to.options.emitDefaults;
}

/** A map as an object; also the fields of a Struct. False where it has nothing to show. */
export function writeMapField(
  field: FieldLayout,
  b: Uint8Array,
  places: readonly Place[],
  to: Target,
): boolean {
  const { out } = to;
  const entries = mapEntries(field, b, places, to);
  out.byte(OPEN_BRACE);
  const empty = out.pos;
  for (const entry of entries.values()) {
    if (out.pos > empty) out.byte(COMMA);
    writeEntry(field, b, entry, to);
  }
  out.byte(CLOSE_BRACE);
  return entries.size > 0 || to.options.emitDefaults;
}

/** One key with the occurrences of its value. */
export interface MapEntry {
  readonly keyPlace: Place | undefined;
  readonly values: readonly Place[];
}

/** By the JSON of the key, one character per byte, so that the last of equal keys wins. */
export function mapEntries(
  { key, value }: FieldLayout,
  b: Uint8Array,
  places: readonly Place[],
  to: Target,
): ReadonlyMap<string, MapEntry> {
  const { out } = to;
  if (key === null) throw new CodecError('a map has no key type');
  const entries = new Map<string, MapEntry>();
  const mark = out.pos;
  for (const place of places) {
    const entry = splitEntry(key, value, b, place);
    const last = entry.values.at(-1);
    if (last !== undefined && isForeign(value, b, last)) continue;
    out.pos = mark;
    writeKey(key, b, entry.keyPlace, to);
    entries.set(out.buf.toString('latin1', mark, out.pos), entry);
  }
  out.pos = mark;
  return entries;
}

/** `"key":value`. */
export function writeEntry(
  field: FieldLayout,
  b: Uint8Array,
  { keyPlace, values }: MapEntry,
  to: Target,
): void {
  const { key, value } = field;
  if (key === null) throw new CodecError('a map has no key type');
  writeKey(key, b, keyPlace, to);
  to.out.byte(COLON);
  if (value.message !== null && values.length > 1) writeMerged(field, b, values, to);
  else interpretValue(value, b, values.at(-1), to);
}

/** One value, or the default where there is none. */
export function interpretValue(
  value: ValueLayout,
  b: Uint8Array,
  place: Span | undefined,
  to: Target,
): void {
  if (place === undefined) writeAbsent(value, to);
  else writeValue(value, b, place, to);
}

/** The value of a map entry that has none: the default, for messages an empty one. */
function writeAbsent(value: ValueLayout, to: Target): void {
  if (value.message === null) writeZero(value, to.out, to.options);
  else to.writeMessage(value.message, new Uint8Array(), { start: 0, end: 0 }, to);
}

/** A map entry is a message with the fields 1 and 2. */
function splitEntry(
  key: ValueLayout,
  value: ValueLayout,
  b: Uint8Array,
  { start, end }: Place,
): MapEntry {
  let keyPlace: Place | undefined;
  const values: Place[] = [];
  for (let p = start; p < end; ) {
    const tag = varint(b, p, end);
    let at = cursor.pos;
    p = skip(tag, b, at, end);
    const expected = tag >>> 3 === 1 ? key.wire : value.wire;
    if (tag >>> 3 > 2 || (tag & 7) !== expected) continue;
    if ((tag & 7) === 2) {
      lengthEnd(b, at, end);
      at = cursor.pos;
    }
    const place = { start: at, end: p, packed: false };
    if (tag >>> 3 === 1) keyPlace = place;
    else values.push(place);
  }
  return { keyPlace, values };
}

/** The keys of JSON are strings, whatever they are in protobuf. */
function writeKey(key: ValueLayout, b: Uint8Array, place: Place | undefined, to: Target): void {
  if (key.kind === 'string') {
    text.writeString(to.out, b, place?.start ?? 0, place?.end ?? 0);
    return;
  }
  to.out.byte(0x22);
  if (place !== undefined) writeScalar(key, b, place, { out: to.out, quoted: false });
  else to.out.ascii(key.kind === 'bool' ? 'false' : '0');
  to.out.byte(0x22);
}

/** One value, not packed. */
function writeValue(value: ValueLayout, b: Uint8Array, place: Span, to: Target): void {
  if (value.message !== null) to.writeMessage(value.message, b, place, to);
  else if (value.enum !== null) {
    writeEnum(value.enum, varint(b, place.start, place.end) | 0, to.out, to.options);
  } else writeScalar(value, b, place, { out: to.out, quoted: to.options.int64 === 'string' });
}

export function writeEnum(
  { text: names, isNull }: NonNullable<ValueLayout['enum']>,
  number: number,
  out: Output,
  options: JsonOptions,
): void {
  const name = options.enumsAsNumbers ? undefined : names.get(number);
  if (isNull) out.bytes(NULL);
  else if (name === undefined) text.writeInt32(out, number);
  else out.bytes(name);
}

function writeScalar(
  { kind }: ValueLayout,
  b: Uint8Array,
  { start, end }: Span,
  { out, quoted }: { readonly out: Output; readonly quoted: boolean },
): void {
  if (kind === 'enum' || kind === 'message' || kind === 'group') {
    throw new CodecError(`${kind} is no scalar`);
  }
  SCALARS[kind](out, b, start, end, quoted);
}
