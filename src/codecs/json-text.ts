/**
 * JSON text to values, strictly as RFC 8259 says, with what JSON.parse lacks: the place of every error, a bound on depth before memory is
 * spent, duplicate names refused (ProtoJSON), numbers without loss. Objects have no prototype, so `__proto__` is a name like any other.
 */
import { GatewayError } from '../call/error.ts';
import { type JsonNumber, numberOfToken } from './json-number.ts';
import { invalidValue } from './problems.ts';

export type JsonValue = null | boolean | number | string | JsonNumber | JsonValue[] | JsonObject;
export interface JsonObject {
  [name: string]: JsonValue;
}

interface Cursor {
  readonly text: string;
  at: number;
  readonly maxDepth: number;
  /** The names and indexes that lead to the value at hand, one per level. */
  readonly path: (string | number)[];
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const HEX4 = /[0-9a-fA-F]{4}/y;
const BOM = 0xfeff;

/** One JSON text. `prefix` leads the paths in errors, as the field that a body stands for. */
export function parseJson(text: string, maxDepth: number, prefix = ''): JsonValue {
  const cursor: Cursor = { text, at: 0, maxDepth, path: prefix === '' ? [] : [prefix] };
  if (text.charCodeAt(0) === BOM) throw malformed(cursor, 'no byte order mark');
  skipSpace(cursor);
  const value = readValue(cursor, 0);
  skipSpace(cursor);
  if (cursor.at < text.length) throw malformed(cursor, 'the end of the text');
  return value;
}

/** Whether a value is a JSON object. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
}

/** An empty object as the parser makes them. */
export function newJsonObject(): JsonObject {
  return Object.create(null) as JsonObject;
}

/** A path in the form of google.rpc.BadRequest: `book.pages[3].number`. */
export function pathText(path: readonly (string | number)[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' || part.startsWith('[') ? part : `.${part}`;
  }
  return text;
}

function readValue(cursor: Cursor, depth: number): JsonValue {
  switch (cursor.text.charCodeAt(cursor.at)) {
    case 0x7b:
      return readObject(cursor, depth + 1);
    case 0x5b:
      return readArray(cursor, depth + 1);
    case 0x22:
      return readString(cursor);
    case 0x74:
      return readWord(cursor, 'true', true);
    case 0x66:
      return readWord(cursor, 'false', false);
    case 0x6e:
      return readWord(cursor, 'null', null);
    default:
      return readNumber(cursor);
  }
}

function readObject(cursor: Cursor, depth: number): JsonObject {
  enter(cursor, depth);
  const object = newJsonObject();
  if (closes(cursor, 0x7d)) return object;
  for (;;) {
    if (cursor.text.charCodeAt(cursor.at) !== 0x22) throw malformed(cursor, 'a name in quotes');
    const start = cursor.at;
    const name = readString(cursor);
    cursor.path.push(name);
    if (name in object) throw duplicate(cursor, start);
    skipSpace(cursor);
    if (cursor.text.charCodeAt(cursor.at) !== 0x3a) throw malformed(cursor, '":"');
    cursor.at++;
    skipSpace(cursor);
    object[name] = readValue(cursor, depth);
    cursor.path.pop();
    if (!continues(cursor, 0x7d, '"," or "}"')) return object;
  }
}

function readArray(cursor: Cursor, depth: number): JsonValue[] {
  enter(cursor, depth);
  const array: JsonValue[] = [];
  if (closes(cursor, 0x5d)) return array;
  for (;;) {
    cursor.path.push(array.length);
    array.push(readValue(cursor, depth));
    cursor.path.pop();
    if (!continues(cursor, 0x5d, '"," or "]"')) return array;
  }
}

function enter(cursor: Cursor, depth: number): void {
  if (depth > cursor.maxDepth) {
    const message = `JSON nests deeper than ${cursor.maxDepth} levels at ${place(cursor)}`;
    throw new GatewayError('PG_TOO_DEEP', message);
  }
  cursor.at++;
  skipSpace(cursor);
}

function closes(cursor: Cursor, close: number): boolean {
  if (cursor.text.charCodeAt(cursor.at) !== close) return false;
  cursor.at++;
  return true;
}

/** Past the comma, or past the closing bracket and false. */
function continues(cursor: Cursor, close: number, expected: string): boolean {
  skipSpace(cursor);
  if (closes(cursor, close)) return false;
  if (cursor.text.charCodeAt(cursor.at) !== 0x2c) throw malformed(cursor, expected);
  cursor.at++;
  skipSpace(cursor);
  return true;
}

function readString(cursor: Cursor): string {
  const { text } = cursor;
  const start = cursor.at++;
  let escaped = false;
  for (; cursor.at < text.length; cursor.at++) {
    const code = text.charCodeAt(cursor.at);
    if (code === 0x22) {
      cursor.at++;
      if (!escaped) return text.slice(start + 1, cursor.at - 1);
      return JSON.parse(text.slice(start, cursor.at)) as string;
    }
    if (code === 0x5c) {
      escaped = true;
      checkEscape(cursor);
    } else if (code < 0x20) {
      throw malformed(cursor, 'an escape: control characters may not stand in a string');
    }
  }
  throw malformed(cursor, 'the closing quote of a string');
}

/** From the backslash to the last character of the escape. */
function checkEscape(cursor: Cursor): void {
  cursor.at++;
  const { text } = cursor;
  if (text[cursor.at] === 'u') {
    HEX4.lastIndex = cursor.at + 1;
    if (!HEX4.test(text)) throw malformed(cursor, 'four hexadecimal digits after \\u');
    cursor.at += 4;
  } else if (cursor.at >= text.length || !'"\\/bfnrt'.includes(text.charAt(cursor.at))) {
    throw malformed(cursor, 'one of "\\/bfnrtu after a backslash');
  }
}

function readWord<T extends JsonValue>(cursor: Cursor, word: string, value: T): T {
  if (!cursor.text.startsWith(word, cursor.at)) throw malformed(cursor, 'a value');
  cursor.at += word.length;
  return value;
}

function readNumber(cursor: Cursor): number | JsonNumber {
  NUMBER.lastIndex = cursor.at;
  const match = NUMBER.exec(cursor.text);
  if (match === null) throw malformed(cursor, 'a value');
  cursor.at += match[0].length;
  return numberOfToken(match[0]);
}

function skipSpace(cursor: Cursor): void {
  const { text } = cursor;
  for (;;) {
    const code = text.charCodeAt(cursor.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    cursor.at++;
  }
}

function malformed(cursor: Cursor, expected: string): GatewayError {
  const found =
    cursor.at < cursor.text.length
      ? JSON.stringify(String.fromCodePoint(cursor.text.codePointAt(cursor.at) ?? 0))
      : 'the end of the text';
  const message = `malformed JSON at ${place(cursor)}: expected ${expected}, found ${found}`;
  return new GatewayError('PG_MALFORMED_JSON', message);
}

function duplicate(cursor: Cursor, start: number): GatewayError {
  const where = place({ ...cursor, at: start });
  return invalidValue(pathText(cursor.path), `the name is given a second time at ${where}`);
}

/** Lines and columns count from 1; a column is one character. */
function place(cursor: Cursor): string {
  const before = cursor.text.slice(0, cursor.at);
  const line = before.split('\n').length;
  const column = Array.from(before.slice(before.lastIndexOf('\n') + 1)).length + 1;
  return `line ${line}, column ${column}`;
}
