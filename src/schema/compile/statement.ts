/** Options as they are written: statements and the values of the text format. Source: protobuf.dev/reference/protobuf/textformat-spec. */
import type { Tokens } from './tokens.ts';

interface NamePart {
  readonly name: string;
  /** In parentheses. */
  readonly extension: boolean;
}

/** A field of a message value: by name, `[pkg.extension]` or `[type.googleapis.com/pkg.Type]`. */
export interface TextField {
  readonly name: string;
  readonly kind: 'field' | 'extension' | 'any';
  readonly value: TextValue;
}

export type TextValue =
  /** A number or a name; `-` stands apart. */
  | { readonly kind: 'word'; readonly text: string; readonly negative: boolean }
  | { readonly kind: 'string'; readonly bytes: Uint8Array }
  | { readonly kind: 'message'; readonly fields: readonly TextField[] }
  | { readonly kind: 'list'; readonly values: readonly TextValue[] };

/** `name = value`. */
export interface Statement {
  readonly path: readonly NamePart[];
  readonly value: TextValue;
  readonly offset: number;
}

/** Without the word `option` and what ends the statement. */
export function parseStatement(tokens: Tokens): Statement {
  const { offset } = tokens.peek;
  const path = [namePart(tokens)];
  while (tokens.takes('.')) path.push(namePart(tokens));
  tokens.expect('=');
  return { path, value: parseValue(tokens), offset };
}

/** `option name = value;`, behind the word. */
export function parseOption(tokens: Tokens, into: Statement[]): void {
  into.push(parseStatement(tokens));
  tokens.expect(';');
}

/** `[name = value, …]`; nothing where there is none. */
export function parseBracketed(tokens: Tokens): Statement[] {
  const statements: Statement[] = [];
  if (!tokens.takes('[')) return statements;
  do statements.push(parseStatement(tokens));
  while (tokens.takes(','));
  tokens.expect(']');
  return statements;
}

/** The value of an option that is one plain name, as `features.field_presence` has it. */
export function plainWord(statements: readonly Statement[], ...path: string[]): string | undefined {
  for (const statement of statements) {
    const names = statement.path.map(({ name }) => name);
    let value: TextValue | undefined = statement.value;
    for (const [at, name] of path.entries()) {
      if (at < names.length) {
        if (names[at] !== name) value = undefined;
      } else if (value?.kind === 'message') {
        value = value.fields.find((field) => field.name === name)?.value;
      } else value = undefined;
    }
    if (names.length <= path.length && value?.kind === 'word') return value.text;
  }
  return undefined;
}

function namePart(tokens: Tokens): NamePart {
  if (!tokens.takes('(')) return { name: tokens.name(), extension: false };
  const name = tokens.fullName();
  tokens.expect(')');
  return { name, extension: true };
}

function parseValue(tokens: Tokens): TextValue {
  const { kind } = tokens.peek;
  if (kind === 'string') return { kind: 'string', bytes: tokens.bytes() };
  if (tokens.takes('{')) return parseMessage(tokens, '}');
  if (tokens.takes('<')) return parseMessage(tokens, '>');
  if (tokens.takes('[')) return parseList(tokens);
  const negative = tokens.takes('-');
  if (tokens.peek.kind !== 'name' && tokens.peek.kind !== 'number') throw tokens.wrong('a value');
  return { kind: 'word', text: tokens.next().text, negative };
}

function parseList(tokens: Tokens): TextValue {
  const values: TextValue[] = [];
  if (tokens.takes(']')) return { kind: 'list', values };
  do values.push(parseValue(tokens));
  while (tokens.takes(','));
  tokens.expect(']');
  return { kind: 'list', values };
}

function parseMessage(tokens: Tokens, close: string): TextValue {
  const fields: TextField[] = [];
  while (!tokens.takes(close)) {
    const named = fieldName(tokens);
    // Before a message or a list of messages the colon may be left out.
    if (!tokens.takes(':') && !tokens.sees('{') && !tokens.sees('<') && !tokens.sees('[')) {
      throw tokens.wrong('":"');
    }
    fields.push({ ...named, value: parseValue(tokens) });
    if (!tokens.takes(',')) tokens.takes(';');
  }
  return { kind: 'message', fields };
}

function fieldName(tokens: Tokens): Pick<TextField, 'name' | 'kind'> {
  if (!tokens.takes('[')) return { name: tokens.name(), kind: 'field' };
  let name = tokens.fullName();
  const any = tokens.takes('/');
  if (any) name += `/${tokens.fullName()}`;
  tokens.expect(']');
  return { name, kind: any ? 'any' : 'extension' };
}
