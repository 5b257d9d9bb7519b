/**
 * Where a reader stands in the JSON and in the protobuf that it writes, and the punctuation of RFC 8259. Behind the end of the text every
 * index reads as NUL, which JSON has nowhere: so no loop needs to know the length.
 */
import type { Schema } from '../../../schema/model.ts';
import type { MessageLayout } from '../layout.ts';
import type { Output } from '../output.ts';
import { JsonFault } from './fault.ts';

export interface ReadOptions {
  /** Fields and enum names that the schema lacks are left out and counted; else they are a fault. */
  readonly ignoreUnknown: boolean;
  /** Enum names match without regard to ASCII case where no name matches exactly. */
  readonly caseInsensitiveEnums: boolean;
  /** How many objects and arrays may stand in each other. */
  readonly maxDepth: number;
  /** Where the types of an Any are looked up, before those that come along. */
  readonly types: Schema | null;
}

/**
 * Reads the JSON of a message at the scan's place and writes its fields, without tag and length.
 * `typed`: a member `@type` belongs to the Any around and is passed over.
 */
export type ReadBody = (s: Scan, typed: boolean) => void;

/** How messages of one type are read; a holder, since types refer to each other in cycles and are prepared when first met. */
export interface MessageReader {
  read: ReadBody;
}

/** The readers of one path, compiled or interpreted, by type. */
export type Readers = (layout: MessageLayout) => MessageReader;

export class Scan {
  readonly json: Buffer;
  at = 0;
  readonly out: Output;
  readonly options: ReadOptions;
  readonly readers: Readers;
  depth = 0;
  /** How many of the open messages stand for JSON of google.protobuf.Value, where one list or object is two messages. */
  values = 0;
  /** Unknown fields and enum names that were left out. */
  ignored = 0;
  /** The last string: `from` to `to` of `src`, which is the JSON itself where the string has no escapes. */
  src: Buffer;
  from = 0;
  to = 0;
  /** Whether that string has half of a surrogate pair: no UTF-8 stands for it, `src` has three bytes in its place that no name has. */
  lone = false;
  /** The last integer of more than 15 digits: its sign and 64 bits of its absolute value. */
  negative = false;
  lo = 0;
  hi = 0;
  /** For every object up to `scannedTo` where the value of its `@type` starts; any.ts. */
  types: Map<number, number> | null = null;
  scannedTo = 0;

  constructor(json: Buffer, out: Output, options: ReadOptions, readers: Readers) {
    this.json = json;
    this.out = out;
    this.options = options;
    this.readers = readers;
    this.src = json;
  }
}

export const QUOTE = 0x22;
export const NULL = 0x6e;
const COMMA = 0x2c;
const COLON = 0x3a;
export const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** The byte at a place, 0 behind the end. */
export function byteAt(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0;
}

/** Refuses the text. */
export function fault(s: Scan): never {
  throw new JsonFault(s.at);
}

/** Past white space; returns the byte at hand. */
export function space(s: Scan): number {
  const { json } = s;
  let c = json[s.at] ?? 0;
  while (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) c = json[++s.at] ?? 0;
  return c;
}

/** Past `{` and white space; false, and past the `}` too, where the object is empty. */
export function openObject(s: Scan): boolean {
  if (s.json[s.at] !== OPEN_OBJECT) fault(s);
  return open(s, CLOSE_OBJECT);
}

/** Past `[` and white space; false, and past the `]` too, where the list is empty. */
export function openList(s: Scan): boolean {
  if (s.json[s.at] !== OPEN_LIST) fault(s);
  return open(s, CLOSE_LIST);
}

function open(s: Scan, close: number): boolean {
  if (++s.depth > s.options.maxDepth) throw new JsonFault(s.at, true);
  s.at++;
  if (space(s) !== close) return true;
  s.at++;
  s.depth--;
  return false;
}

/** Past `:` and the white space around it. */
export function colon(s: Scan): void {
  const { json } = s;
  if (json[s.at] !== COLON && space(s) !== COLON) fault(s);
  s.at++;
  if ((json[s.at] ?? 0) <= 0x20) space(s);
}

/** Behind a member: past the comma, or past the closing brace and false. */
export function moreMembers(s: Scan): boolean {
  return more(s, CLOSE_OBJECT);
}

/** Behind an element: past the comma, or past the closing bracket and false. */
export function moreElements(s: Scan): boolean {
  return more(s, CLOSE_LIST);
}

function more(s: Scan, close: number): boolean {
  const { json } = s;
  let c = json[s.at] ?? 0;
  if (c <= 0x20) c = space(s);
  if (c === COMMA) {
    s.at++;
    if ((json[s.at] ?? 0) <= 0x20) space(s);
    return true;
  }
  if (c !== close) fault(s);
  s.at++;
  s.depth--;
  return false;
}

/** Past `null`. */
export function readNull(s: Scan): void {
  const { json, at } = s;
  if (
    json[at] !== NULL ||
    json[at + 1] !== 0x75 ||
    json[at + 2] !== 0x6c ||
    json[at + 3] !== 0x6c
  ) {
    fault(s);
  }
  s.at = at + 4;
}

/** Past `true` or `false`. */
export function readBool(s: Scan): boolean {
  const { json, at } = s;
  if (json[at] === 0x74) {
    if (json[at + 1] !== 0x72 || json[at + 2] !== 0x75 || json[at + 3] !== 0x65) fault(s);
    s.at = at + 4;
    return true;
  }
  if (
    json[at] !== 0x66 ||
    json[at + 1] !== 0x61 ||
    json[at + 2] !== 0x6c ||
    json[at + 3] !== 0x73 ||
    json[at + 4] !== 0x65
  ) {
    fault(s);
  }
  s.at = at + 5;
  return false;
}
