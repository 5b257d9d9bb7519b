/** JSON that nobody reads. It is checked like the rest: grammar, depth, names given twice. */
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
import { readText } from './text.ts';

/** An unknown field, whose name has been read: counted and passed over, or refused. */
export function ignoreMember(s: Scan): void {
  if (!s.options.ignoreUnknown) fault(s);
  s.ignored++;
  skipValue(s);
}

/** Past any value. */
export function skipValue(s: Scan): void {
  switch (byteAt(s.json, s.at)) {
    case QUOTE:
      readText(s);
      return;
    case OPEN_OBJECT:
      skipObject(s);
      return;
    case OPEN_LIST:
      if (!openList(s)) return;
      do skipValue(s);
      while (moreElements(s));
      return;
    case NULL:
      readNull(s);
      return;
    case 0x74:
    case 0x66:
      readBool(s);
      return;
    default:
      readNumber(s);
  }
}

function skipObject(s: Scan): void {
  const start = s.at;
  if (!openObject(s)) return;
  const met = newMet();
  do {
    readText(s);
    addMet(s, met);
    const typed = s.types !== null && isTypeName(s);
    colon(s);
    if (typed) s.types?.set(start, s.at);
    skipValue(s);
  } while (moreMembers(s));
}

const TYPE = Buffer.from('@type');

/** Whether the last string is `@type`. */
export function isTypeName(s: Scan): boolean {
  const { src, from } = s;
  return (
    s.to - from === TYPE.length &&
    src[from] === 0x40 &&
    src.compare(TYPE, 0, TYPE.length, from, s.to) === 0
  );
}
