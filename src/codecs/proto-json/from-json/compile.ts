/** Generated code put together with what it calls. */
import type { MessageLayout } from '../layout.ts';
import { type EnumReader, enumReader, putEnum } from './enums.ts';
import { generateReader, type PRIMITIVE_NAMES } from './generate.ts';
import { interpret, readUnknown } from './interpret.ts';
import { type Keys, keysOf, readKey } from './keys.ts';
import { dropKey, newMapKeys, putKey, type PutKey } from './map-keys.ts';
import { newMet } from './names.ts';
import { PUT } from './scalars.ts';
import {
  colon,
  fault,
  type MessageReader,
  moreElements,
  moreMembers,
  openList,
  openObject,
  type ReadBody,
  type Readers,
  readNull,
} from './scan.ts';
import { keyType, putGroup } from './shapes.ts';
import { beginLength, endLength, writeTag } from './wire.ts';

/** The code of a larger type would be too long for the optimizer. */
const MAX_FIELDS = 256;

const PRIMITIVES: Readonly<Record<(typeof PRIMITIVE_NAMES)[number], unknown>> = {
  beginLength,
  colon,
  dropKey,
  endLength,
  fault,
  moreElements,
  moreMembers,
  newMapKeys,
  newMet,
  openList,
  openObject,
  putBool: PUT.bool,
  putBytes: PUT.bytes,
  putDouble: PUT.double,
  putEnum,
  putFixed32: PUT.fixed32,
  putFixed64: PUT.fixed64,
  putFloat: PUT.float,
  putGroup,
  putInt32: PUT.int32,
  putInt64: PUT.int64,
  putSfixed32: PUT.sfixed32,
  putSfixed64: PUT.sfixed64,
  putSint32: PUT.sint32,
  putSint64: PUT.sint64,
  putString: PUT.string,
  putUint32: PUT.uint32,
  putUint64: PUT.uint64,
  readKey,
  readNull,
  readUnknown,
  writeTag,
};

type Make = (
  primitives: typeof PRIMITIVES,
  keys: Keys,
  ...bound: [readonly EnumReader[], readonly MessageReader[], readonly (PutKey | null)[]]
) => ReadBody;

/** Reads a message as an object of its fields, by code made for its type. Call only where code may be generated. */
export function compile(layout: MessageLayout, readers: Readers): ReadBody {
  if (layout.fields.length > MAX_FIELDS) return interpret(layout, readers);
  const keys = keysOf(layout);
  const { source, enums, messages } = generateReader(layout, keys);
  const make = new Function('P', 'keys', 'E', 'R', 'K', source) as Make;
  return make(
    PRIMITIVES,
    keys,
    enums.map(enumReader),
    messages.map(readers),
    layout.fields.map((field) => (field.shape === 'map' ? putKey(keyType(field)) : null)),
  );
}
