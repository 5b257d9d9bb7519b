/** Messages, lists and maps around values: what the interpreted and the compiled path do alike. */
import type { ScalarType } from '../../../schema/model.ts';
import type { FieldLayout, ValueLayout } from '../layout.ts';
import { dropKey, type MapKeys, newMapKeys, type PutKey } from './map-keys.ts';
import type { Put } from './scalars.ts';
import {
  colon,
  type MessageReader,
  moreElements,
  moreMembers,
  openList,
  openObject,
  type Scan,
} from './scan.ts';
import { beginLength, endLength, writeTag } from './wire.ts';

/** The tag of the value in an entry of a map, without its wire type. */
export const ENTRY_VALUE = 16;
const LENGTH_DELIMITED = 2;
const END_GROUP = 4;

/** Of the field as it is written: a packed list has its own wire type. */
export function tagOf(field: FieldLayout): number {
  const wire = field.shape === 'map' || field.packed ? LENGTH_DELIMITED : field.value.wire;
  return (field.number * 8 + wire) >>> 0;
}

/** Whether `null` is a value of the field, and not the same as no field. */
export function takesNull(field: FieldLayout): boolean {
  return field.shape === 'single' && isNullable(field.value);
}

function isNullable(value: ValueLayout): boolean {
  return value.enum?.isNull === true || value.message?.wellKnown === 'value';
}

/** The type of the keys of a map. */
export function keyType(field: FieldLayout): ScalarType {
  const kind = field.key?.kind;
  if (kind === undefined || kind === 'enum' || kind === 'message' || kind === 'group') {
    throw new Error(`${field.model.name} is a map without a key type`);
  }
  return kind;
}

/** A message with its length, or a group with its end tag. */
export function putMessage(s: Scan, tag: number, reader: MessageReader): boolean {
  const { out } = s;
  writeTag(out, tag);
  const start = beginLength(out);
  reader.read(s, false);
  endLength(out, start);
  return true;
}

export function putGroup(s: Scan, tag: number, reader: MessageReader): boolean {
  writeTag(s.out, tag);
  reader.read(s, false);
  // Start and end of a group differ by one.
  writeTag(s.out, tag + END_GROUP - 3);
  return true;
}

/** A list, each element with its tag. */
export function putList(s: Scan, tag: number, put: Put): void {
  if (!openList(s)) return;
  do put(s, tag, true);
  while (moreElements(s));
}

/** A list behind one tag; nothing where nothing is in it. */
export function putPacked(s: Scan, tag: number, put: Put): void {
  if (!openList(s)) return;
  const { out } = s;
  const before = out.pos;
  writeTag(out, tag);
  const start = beginLength(out);
  do put(s, 0, true);
  while (moreElements(s));
  if (out.pos === start) out.pos = before;
  else endLength(out, start);
}

/** How the entries of a map are read: `tag` of the field, `valueTag` of the value in an entry. */
export interface MapPlan {
  readonly tag: number;
  readonly valueTag: number;
  readonly putKey: PutKey;
  readonly put: Put;
}

export function putMap(s: Scan, plan: MapPlan): void {
  if (!openObject(s)) return;
  const met = newMapKeys();
  do putEntry(s, plan, met);
  while (moreMembers(s));
}

function putEntry(s: Scan, { tag, valueTag, putKey, put }: MapPlan, met: MapKeys): void {
  const { out } = s;
  const before = out.pos;
  writeTag(out, tag);
  const start = beginLength(out);
  putKey(s, met);
  colon(s);
  if (put(s, valueTag, true)) {
    endLength(out, start);
  } else {
    out.pos = before;
    dropKey(met);
  }
}
