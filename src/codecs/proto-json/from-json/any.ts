/** google.protobuf.Any: an object whose `@type`, wherever it stands, says what the other members are. */
import type { MessageModel } from '../../../schema/model.ts';
import { anyMessage } from '../../any-message.ts';
import { layoutOf, type MessageLayout } from '../layout.ts';
import { addMet, newMet } from './names.ts';
import {
  CLOSE_OBJECT,
  colon,
  fault,
  moreMembers,
  OPEN_OBJECT,
  openObject,
  QUOTE,
  type Scan,
  space,
} from './scan.ts';
import { ignoreMember, isTypeName, skipValue } from './skip.ts';
import { readText, textOf } from './text.ts';
import { beginLength, endLength, writeBytes, writeTag } from './wire.ts';

const TYPE_URL = (1 << 3) | 2;
const VALUE = (2 << 3) | 2;

/** The body of an Any. `{}` is an empty one. */
export function putAny(s: Scan): void {
  const { out } = s;
  const message = readType(s);
  if (message === null) {
    if (openObject(s)) fault(s);
    return;
  }
  const tag = out.pos;
  writeTag(out, VALUE);
  const start = beginLength(out);
  const layout = layoutOf(message);
  if (layout.wellKnown === null) s.readers(layout).read(s, true);
  else readValueMember(s, layout);
  if (out.pos === start) out.pos = tag;
  else endLength(out, start);
}

/** Writes the type URL; the scan stays in front of the object. Null where the object is empty. */
function readType(s: Scan): MessageModel | null {
  const start = s.at;
  const at = findType(s);
  if (at === undefined) return null;
  s.at = at;
  readText(s);
  if (s.lone) fault(s);
  const url = textOf(s);
  const message = anyMessage(s.options.types, url);
  if (message === undefined) fault(s);
  if (url.includes('/')) {
    writeTag(s.out, TYPE_URL);
    writeBytes(s.out, s.src, s.from, s.to);
  } else {
    const text = Buffer.from(`/${url}`);
    writeTag(s.out, TYPE_URL);
    writeBytes(s.out, text, 0, text.length);
  }
  s.at = start;
  return message;
}

/** Where the value of `@type` starts, undefined for an object without members. The scan stays where it is. */
function findType(s: Scan): number | undefined {
  const start = s.at;
  if (s.json[start] !== OPEN_OBJECT) fault(s);
  s.at = start + 1;
  const c = space(s);
  let found: number | undefined;
  if (c === QUOTE) {
    readText(s);
    if (isTypeName(s)) {
      colon(s);
      found = s.at;
    } else {
      found = lookAhead(s, start);
      if (found === undefined) fault(s);
    }
  } else if (c !== CLOSE_OBJECT) {
    fault(s);
  }
  s.at = start;
  return found;
}

/**
 * The places of all `@type` inside are kept, so that an Any in an Any in an Any is looked through once, not once per level.
 */
function lookAhead(s: Scan, start: number): number | undefined {
  s.types ??= new Map();
  if (start >= s.scannedTo) {
    s.at = start;
    skipValue(s);
    s.scannedTo = s.at;
  }
  return s.types.get(start);
}

/** The members of an Any around a type with a JSON of its own: `@type` and `value`. */
function readValueMember(s: Scan, layout: MessageLayout): void {
  openObject(s);
  const met = newMet();
  let valued = false;
  do {
    readText(s);
    addMet(s, met);
    const typed = isTypeName(s);
    const value = s.to - s.from === 5 && s.src.toString('latin1', s.from, s.to) === 'value';
    colon(s);
    if (typed) {
      skipValue(s);
    } else if (value) {
      s.readers(layout).read(s, false);
      valued = true;
    } else {
      ignoreMember(s);
    }
  } while (moreMembers(s));
  if (!valued) fault(s);
}
