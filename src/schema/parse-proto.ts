/** One `.proto` file into a protobufjs root, with a place for whatever does not parse. */
import protobuf from 'protobufjs';
import { newRoot } from './collected.ts';
import type { Place } from './collected.ts';
import type { SchemaProblem } from './error.ts';
import { reasonOf } from './error.ts';

export interface ParsedProto {
  readonly package: string;
  /** Weak and public imports included. */
  readonly imports: readonly string[];
}

/** protobufjs keeps the file's name in a property of the parser, which its types leave out. */
const parser = protobuf.parse as typeof protobuf.parse & { filename: string | null };

/** Adds what `source` declares to `root`; where it does not parse, says where and what was expected. */
export function parseProto(
  root: protobuf.Root,
  name: string,
  source: string,
): ParsedProto | SchemaProblem {
  // protobufjs drops declarations of this name without a word.
  const hidden = /\b(?:message|enum|service|rpc|oneof)\s+__proto__\b|\b__proto__\s*=\s*-?\d/.exec(
    source,
  );
  if (hidden !== null) {
    return { message: 'the name __proto__ cannot be used', ...placeOf(name, source, hidden.index) };
  }
  try {
    const parsed = runParser(root, name, source);
    return {
      package: parsed.package ?? '',
      imports: [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])],
    };
  } catch (thrown) {
    return explain(name, source, reasonOf(thrown));
  }
}

/** Line and column of an offset. */
export function placeOf(file: string, source: string, offset: number): Required<Place> {
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  return { file, line, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}

function runParser(
  root: protobuf.Root,
  name: string | null,
  source: string,
): protobuf.IParserResult {
  parser.filename = name;
  try {
    return parser(source, root, { keepCase: true });
  } finally {
    parser.filename = null;
  }
}

/** What the parser of protobufjs 8 says: `illegal name '=' (a.proto, line 3)`, `illegal token 'x', ';' expected (line 3)`. */
const ILLEGAL =
  /^illegal ([a-z ]+?)(?: '([^]*?)')?(?:, '([^]*)' expected)? \((?:[^]*, )?line (\d+)\)$/;

interface Illegal {
  readonly what: string;
  readonly token: string | undefined;
  readonly wanted: string | undefined;
  readonly line: number;
}

function readIllegal(reason: string): Illegal | undefined {
  const match = ILLEGAL.exec(reason);
  if (match === null) return undefined;
  const [, what = '', token, wanted, line] = match;
  return { what, token, wanted, line: Number(line) };
}

function explain(name: string, source: string, reason: string): SchemaProblem {
  const illegal = readIllegal(reason);
  if (illegal !== undefined) {
    return { message: wording(illegal), ...placeOf(name, source, offsetOf(illegal, source)) };
  }
  // "duplicate name 'Book' in Namespace .bookstore.v1", "id 3 is reserved in Type .bookstore.v1.Book", "max depth exceeded"
  const named = /'([^']+)'/.exec(reason)?.[1];
  const offset = named === undefined ? -1 : lastDeclaration(source, named);
  return offset < 0
    ? { message: reason, file: name }
    : { message: reason, ...placeOf(name, source, offset) };
}

function wording(illegal: Illegal): string {
  if (illegal.what === 'string')
    return 'expected the end of a string: its closing quote is missing';
  if (illegal.what === 'comment') return 'expected the end of a comment: "*/" is missing';
  const found = isEnd(illegal) ? 'the end of the file' : JSON.stringify(illegal.token);
  if (illegal.wanted !== undefined)
    return `expected ${JSON.stringify(illegal.wanted)}, found ${found}`;
  const expected = EXPECTED.get(illegal.what);
  return expected === undefined ? `unexpected ${found}` : `expected ${expected}, found ${found}`;
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

function isEnd(illegal: Illegal): boolean {
  return illegal.token === 'null' || illegal.token === undefined;
}

/** How many lines above the reported one the token may stand: the parser peeks past what it then refuses. */
const LINES_BEFORE = 3;

/**
 * The parser tells a line and a token, not a column. Of the places where the token occurs, the culprit is the first after which the source
 * may be cut off without changing the complaint.
 */
function offsetOf(illegal: Illegal, source: string): number {
  const lineEnd = lineStart(source, illegal.line + 1);
  if (isEnd(illegal))
    return illegal.what === 'token' ? source.length : lineStart(source, illegal.line);
  const token = illegal.token ?? '';
  const from = lineStart(source, Math.max(1, illegal.line - LINES_BEFORE));
  for (
    let at = source.indexOf(token, from);
    at >= 0 && at < lineEnd;
    at = source.indexOf(token, at + 1)
  ) {
    if (complainsAlike(source.slice(0, at + token.length), illegal)) return at;
  }
  return lineStart(source, illegal.line);
}

function complainsAlike(prefix: string, illegal: Illegal): boolean {
  try {
    runParser(newRoot(), null, prefix);
    return false;
  } catch (thrown) {
    const other = readIllegal(reasonOf(thrown));
    return (
      other?.what === illegal.what &&
      other.token === illegal.token &&
      other.wanted === illegal.wanted
    );
  }
}

function lineStart(source: string, line: number): number {
  let offset = 0;
  for (let at = 1; at < line; at++) {
    const end = source.indexOf('\n', offset);
    if (end < 0) return source.length;
    offset = end + 1;
  }
  return offset;
}

/** Where `name` is declared for the last time: a duplicate is found at its second declaration. */
function lastDeclaration(source: string, name: string): number {
  const pattern = new RegExp(
    `\\b(?:message|enum|service|rpc|oneof|group)\\s+(${escapeRegExp(name)})\\b|\\b(${escapeRegExp(name)})\\s*=`,
    'g',
  );
  let offset = -1;
  for (const match of source.matchAll(pattern)) {
    offset =
      match.index + match[0].indexOf(name, match[1] === undefined ? 0 : match[0].search(/\s/));
  }
  return offset;
}

/** For a name from a schema inside a pattern. */
export function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
