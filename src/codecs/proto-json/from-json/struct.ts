/** google.protobuf.Struct, Value and ListValue: any JSON. Their field numbers are those of struct.proto. */
import { MAX_DEPTH } from '../wire.ts';
import { JsonFault } from './fault.ts';
import { addMet, newMet } from './names.ts';
import { readNumber } from './number.ts';
import {
  byteAt,
  colon,
  fault,
  moreElements,
  moreMembers,
  NULL,
  OPEN_LIST,
  OPEN_OBJECT,
  openList,
  openObject,
  QUOTE,
  readBool,
  readNull,
  type Scan,
} from './scan.ts';
import { putString, putText, readText } from './text.ts';
import { beginLength, endLength, writeDouble, writeTag, writeVarint } from './wire.ts';

/** Value: `null_value`, `number_value`, `string_value`, `bool_value`, `struct_value`, `list_value`. */
const NULL_VALUE = 1 << 3;
const NUMBER_VALUE = (2 << 3) | 1;
const STRING_VALUE = (3 << 3) | 2;
const BOOL_VALUE = 4 << 3;
const STRUCT_VALUE = (5 << 3) | 2;
const LIST_VALUE = (6 << 3) | 2;
/** Struct: `map<string, Value> fields`. */
const FIELDS = (1 << 3) | 2;
const ENTRY_KEY = (1 << 3) | 2;
const ENTRY_VALUE = (2 << 3) | 2;
/** ListValue: `repeated Value values`. */
const VALUES = (1 << 3) | 2;

/** The body of a Value from any JSON. */
export function putValue(s: Scan): void {
  const { out } = s;
  switch (byteAt(s.json, s.at)) {
    case QUOTE:
      putString(s, STRING_VALUE, true);
      return;
    case OPEN_OBJECT:
      putNested(s, STRUCT_VALUE, putStruct);
      return;
    case OPEN_LIST:
      putNested(s, LIST_VALUE, putListValue);
      return;
    case NULL:
      readNull(s);
      writeTag(out, NULL_VALUE);
      writeVarint(out, 0);
      return;
    case 0x74:
    case 0x66:
      writeTag(out, BOOL_VALUE);
      writeVarint(out, readBool(s) ? 1 : 0);
      return;
    default: {
      const value = readNumber(s);
      if (!Number.isFinite(value)) fault(s);
      writeTag(out, NUMBER_VALUE);
      writeDouble(out, value);
    }
  }
}

/** The body of a Struct from an object. */
export function putStruct(s: Scan): void {
  if (!openObject(s)) return;
  const { out } = s;
  const met = newMet();
  do {
    readText(s);
    addMet(s, met);
    writeTag(out, FIELDS);
    const start = beginLength(out);
    putText(s, ENTRY_KEY);
    colon(s);
    putNested(s, ENTRY_VALUE, putValue);
    endLength(out, start);
  } while (moreMembers(s));
}

/** The body of a ListValue from a list. */
export function putListValue(s: Scan): void {
  if (!openList(s)) return;
  do putNested(s, VALUES, putValue);
  while (moreElements(s));
}

/** What the protobuf libraries would refuse as nested too deep is refused here. */
function putNested(s: Scan, tag: number, put: (s: Scan) => void): void {
  if (s.depth + ++s.values / 2 > MAX_DEPTH) throw new JsonFault(s.at, true);
  writeTag(s.out, tag);
  const start = beginLength(s.out);
  put(s);
  endLength(s.out, start);
  s.values--;
}
