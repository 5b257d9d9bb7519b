/**
 * The path template of google.api.http. Grammar: google/api/http.proto, "Path template syntax":
 *
 *     Template  = "/" Segments [ Verb ] ;
 *     Segments  = Segment { "/" Segment } ;
 *     Segment   = "*" | "**" | LITERAL | Variable ;
 *     Variable  = "{" FieldPath [ "=" Segments ] "}" ;
 *     FieldPath = IDENT { "." IDENT } ;
 *     Verb      = ":" LITERAL ;
 *
 * Wider than that text in three places where other servers are too: "/" alone is the root path, one `**` may have segments behind it,
 * and a verb behind `*`, `**` or `}` may hold colons (`/v1/{name}:a:b` has the verb `a:b`, `/v1/x:a:b` the literal `x:a` and the verb `b`).
 */
import { normalizeEscapes } from './path.ts';

export type Segment =
  | { readonly kind: '*' }
  | { readonly kind: '**' }
  /** `text` with escapes of unreserved characters undone and hex digits in upper case, as a path is before it is matched. */
  | { readonly kind: 'literal'; readonly text: string };

export interface Variable {
  /** As `['book', 'name']` for `{book.name=...}`. */
  readonly fieldPath: readonly string[];
  /** Index of the first segment that the variable covers. */
  readonly first: number;
  /** Index of the last one, inclusive. */
  readonly last: number;
  /** Whether it may cover more than one segment of a path: then `%2F` in it stays as it is. */
  readonly multi: boolean;
}

export interface Template {
  /** As written. */
  readonly text: string;
  /** Empty only for the root path "/". */
  readonly segments: readonly Segment[];
  /** Without its colon; empty for none. */
  readonly verb: string;
  /** In the order of the template. */
  readonly variables: readonly Variable[];
}

/** A template that the grammar refuses; the message has everything an operator needs. */
export class TemplateError extends Error {
  /** Offset into the template where it went wrong, from 0. */
  readonly position: number;
  readonly expected: string;
  readonly found: string;

  constructor(text: string, position: number, expected: string, found: string) {
    super(`path template "${text}", offset ${position}: expected ${expected}, found ${found}`);
    this.name = 'TemplateError';
    this.position = position;
    this.expected = expected;
    this.found = found;
  }
}

const STAR: Segment = Object.freeze({ kind: '*' });
const DEEP: Segment = Object.freeze({ kind: '**' });
/** pchar of RFC 3986 section 3.3 without `%`, which is looked at on its own, and without `*`, which stands alone in a segment. */
const LITERAL_CHARACTER = /[-._~0-9A-Za-z!$&'()+,;=:@]/;
const ESCAPE = /^%[0-9A-Fa-f]{2}/;
const IDENT = /^[A-Za-z_][A-Za-z0-9_]*/;

/** A longer path does not fit into the head of a request. Bounds what a schema from an upstream can make the table hold. */
const MAX_LENGTH = 8192;
/** The search recurses once per segment. */
const MAX_SEGMENTS = 128;

interface Reader {
  readonly text: string;
  at: number;
  readonly segments: Segment[];
  readonly variables: Variable[];
}

/** Parses `text` or throws a {@link TemplateError}. */
export function parseTemplate(text: string): Template {
  const reader: Reader = { text, at: 0, segments: [], variables: [] };
  if (text[0] !== '/') fail(reader, '"/"');
  if (text.length > MAX_LENGTH) fail(reader, `at most ${MAX_LENGTH} characters`);
  reader.at = 1;
  if (text === '/') return { text, segments: [], verb: '', variables: [] };
  readSegments(reader, false);
  const verb = readVerb(reader);
  // Copies have no room left to grow; a table keeps one template for each rule.
  return { text, segments: [...reader.segments], verb, variables: [...reader.variables] };
}

function readSegments(reader: Reader, inVariable: boolean): void {
  for (;;) {
    if (reader.segments.length === MAX_SEGMENTS) fail(reader, `at most ${MAX_SEGMENTS} segments`);
    readSegment(reader, inVariable);
    if (reader.text[reader.at] !== '/') return;
    reader.at++;
  }
}

function readSegment(reader: Reader, inVariable: boolean): void {
  const { text, segments } = reader;
  if (text[reader.at] === '{') {
    if (inVariable) fail(reader, 'a segment without a variable (variables do not nest)');
    readVariable(reader);
  } else if (text.startsWith('**', reader.at)) {
    // Two of them would make the captures ambiguous and the search branch.
    if (segments.includes(DEEP)) fail(reader, 'at most one "**" in a template');
    reader.at += 2;
    segments.push(DEEP);
  } else if (text[reader.at] === '*') {
    reader.at++;
    segments.push(STAR);
  } else {
    readLiteralSegment(reader, inVariable);
    return;
  }
  const next = text[reader.at];
  if (next === undefined || next === '/' || next === (inVariable ? '}' : ':')) return;
  fail(reader, inVariable ? '"/" or "}"' : '"/", ":" or the end');
}

/** Outside of a variable the last colon of the last segment starts the verb; elsewhere a colon is text. */
function readLiteralSegment(reader: Reader, inVariable: boolean): void {
  const { text, segments } = reader;
  const start = reader.at;
  let end = readLiteral(reader);
  if (!inVariable && end === text.length) {
    const colon = text.lastIndexOf(':');
    if (colon >= start) end = colon;
  }
  reader.at = end;
  if (end === start) fail(reader, 'a segment');
  const literal = normalizeEscapes(text.slice(start, end));
  if (literal === '.' || literal === '..') {
    reader.at = start;
    fail(reader, 'a segment that a path may have (paths with "." or ".." are refused)');
  }
  segments.push({ kind: 'literal', text: literal });
}

/** Moves behind the literal characters and returns where they end. */
function readLiteral(reader: Reader): number {
  const { text } = reader;
  for (; reader.at < text.length; reader.at++) {
    const character = text.charAt(reader.at);
    if (character === '/' || character === '}') break;
    if (character === '%') {
      if (!ESCAPE.test(text.slice(reader.at, reader.at + 3)))
        fail(reader, 'two hex digits behind "%"');
      reader.at += 2;
    } else if (!LITERAL_CHARACTER.test(character)) {
      fail(reader, 'a character that may stand in a path (others as percent escapes)');
    }
  }
  return reader.at;
}

function readVariable(reader: Reader): void {
  const { text, segments, variables } = reader;
  const opened = reader.at++;
  const fieldPath = readFieldPath(reader);
  const name = fieldPath.join('.');
  if (variables.some((variable) => variable.fieldPath.join('.') === name)) {
    reader.at = opened + 1;
    fail(reader, 'a field path that is not bound already');
  }
  const first = segments.length;
  if (text[reader.at] === '=') {
    reader.at++;
    readSegments(reader, true);
  } else {
    // http.proto: "`{var}` is equivalent to `{var=*}`".
    segments.push(STAR);
  }
  if (text[reader.at] !== '}') fail(reader, '"/" or "}"');
  reader.at++;
  const last = segments.length - 1;
  variables.push({ fieldPath, first, last, multi: last > first || segments[last] === DEEP });
}

function readFieldPath(reader: Reader): string[] {
  const fieldPath: string[] = [];
  for (;;) {
    const ident = IDENT.exec(reader.text.slice(reader.at))?.[0];
    if (ident === undefined) fail(reader, 'a field name');
    fieldPath.push(ident);
    reader.at += ident.length;
    const next = reader.text[reader.at];
    if (next === '=' || next === '}') return [...fieldPath];
    if (next !== '.') fail(reader, '".", "=" or "}"');
    reader.at++;
  }
}

function readVerb(reader: Reader): string {
  const { text } = reader;
  if (reader.at === text.length) return '';
  if (text[reader.at] !== ':') fail(reader, '"/", ":" or the end');
  const start = ++reader.at;
  const end = readLiteral(reader);
  if (end === start) fail(reader, 'a verb');
  if (end < text.length) fail(reader, 'the end behind the verb');
  return normalizeEscapes(text.slice(start));
}

function fail(reader: Reader, expected: string): never {
  const found = reader.text[reader.at];
  throw new TemplateError(
    reader.text,
    reader.at,
    expected,
    found === undefined ? 'the end' : JSON.stringify(found),
  );
}
