/**
 * Where a `.proto` file does not parse, and what was expected. The parser of protobufjs tells a line at best; the place is found by cutting the
 * file off: the shortest beginning that earns the same complaint ends with the culprit.
 */
import type { Place } from './collected.ts';
import type { SchemaProblem } from './error.ts';

/** Parses a text by itself; the complaint, or undefined where it parses. */
export type Complain = (source: string) => string | undefined;

export interface RefusedText {
  readonly file: string;
  readonly source: string;
  readonly complaint: string;
}

/** Line and column of an offset. */
export function placeOf(file: string, source: string, offset: number): Required<Place> {
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  return { file, line, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}

/** For a name from a schema inside a pattern. */
export function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** The complaint in our words, with its place. */
export function explainParseError(refused: RefusedText, complain: Complain): SchemaProblem {
  const { file, source } = refused;
  const complaint = withoutLine(refused.complaint);
  const illegal = readIllegal(complaint);
  const end = endOfCulprit(source, complaint, complain);
  if (illegal === undefined) {
    const message = complaint.replace(
      / in (?:Namespace|Type|Enum|Service|OneOf|Root)\b ?\.?/,
      ' in ',
    );
    const offset = offsetOfDuplicate(source.slice(0, end ?? source.length), complaint);
    return offset < 0 ? { message, file } : { message, ...placeOf(file, source, offset) };
  }
  const message = wording(illegal);
  if (end === undefined) return { message, file };
  const offset = isEnd(illegal) ? source.length : startOf(source, illegal.token, end);
  return { message, ...placeOf(file, source, offset) };
}

/** `illegal name '=' (a.proto, line 3)` without its place, which differs between a file and its beginnings. */
function withoutLine(complaint: string): string {
  return complaint.replace(/ \((?:[^]*, )?line \d+\)$/, '');
}

/**
 * The end of the shortest beginning of `source` with this complaint. Found by halving: every longer beginning has it too, as the parser reads
 * from left to right. Undefined where the complaint depends on other files.
 */
function endOfCulprit(source: string, complaint: string, complain: Complain): number | undefined {
  const same = (end: number): boolean => {
    const other = complain(source.slice(0, end));
    return other !== undefined && withoutLine(other) === complaint;
  };
  if (!same(source.length)) return undefined;
  let without = 0;
  let withIt = source.length;
  while (withIt - without > 1) {
    const middle = (without + withIt) >>> 1;
    if (same(middle)) withIt = middle;
    else without = middle;
  }
  return withIt;
}

/** A quoted token ends before its quote; a string or a comment that never ends is noticed at its first character. */
function startOf(source: string, token: string | undefined, end: number): number {
  if (token === undefined) return end - 1;
  return Math.max(0, source.lastIndexOf(token, end - token.length));
}

interface Illegal {
  readonly what: string;
  readonly token: string | undefined;
  readonly wanted: string | undefined;
}

/** What the parser of protobufjs 8 says: `illegal name '='`, `illegal token 'x', ';' expected`, `illegal string`. */
const ILLEGAL = /^illegal ([a-z ]+?)(?: '([^]*?)')?(?:, '([^]*)' expected)?$/;

function readIllegal(complaint: string): Illegal | undefined {
  const match = ILLEGAL.exec(complaint);
  return match === null ? undefined : { what: match[1] ?? '', token: match[2], wanted: match[3] };
}

function isEnd(illegal: Illegal): boolean {
  return illegal.token === 'null';
}

const EXPECTED: ReadonlyMap<string, string> = new Map([
  ['name', 'a name'],
  ['type name', 'the name of a message'],
  ['service name', 'the name of a service'],
  ['type', 'a type'],
  ['id', 'a number'],
  ['integer', 'an integer'],
  ['number', 'a number'],
  ['value', 'a value'],
  ['reference', 'the name of a message'],
  ['syntax', '"proto2" or "proto3"'],
  ['edition', '"2023", "2024" or "2026"'],
]);

function wording(illegal: Illegal): string {
  if (illegal.what === 'string') return 'this string has no closing quote';
  if (illegal.what === 'comment') return 'this comment has no end, "*/" was expected';
  const found = isEnd(illegal) ? 'the end of the file' : JSON.stringify(illegal.token);
  if (illegal.wanted !== undefined)
    return `expected ${JSON.stringify(illegal.wanted)}, found ${found}`;
  const expected = EXPECTED.get(illegal.what);
  if (expected !== undefined) return `expected ${expected}, found ${found}`;
  return isEnd(illegal) ? 'the file ends inside a declaration' : `unexpected ${found}`;
}

/**
 * The place of `duplicate name 'Book' in Namespace .bookstore`, `duplicate id 1 in Type Book`, `id 3 is reserved in Type Book`, where `source`
 * ends with the culprit: the last declaration of the name, or the last statement.
 */
function offsetOfDuplicate(source: string, complaint: string): number {
  const named = /'([^']+)'/.exec(complaint)?.[1];
  if (named !== undefined) return lastDeclaration(source, named);
  // The values of an enum are looked at when it ends.
  const enumeration = / in Enum \.?(?:\w+\.)*(\w+)$/.exec(complaint)?.[1];
  if (enumeration !== undefined) return lastDeclaration(source, enumeration);
  if (!/\bid \d+\b/.test(complaint)) return -1;
  const before = source.slice(0, -1);
  const start =
    Math.max(before.lastIndexOf(';'), before.lastIndexOf('{'), before.lastIndexOf('}')) + 1;
  return start + before.slice(start).search(/\S|$/);
}

function lastDeclaration(source: string, name: string): number {
  const written = escapeRegExp(name);
  const pattern = new RegExp(
    `(?<=\\b(?:message|enum|service|rpc|oneof|group)\\s+)${written}\\b|\\b${written}(?=\\s*=)`,
    'g',
  );
  let offset = -1;
  for (const match of source.matchAll(pattern)) offset = match.index;
  return offset;
}
