/** Fields, maps, groups and extensions. */
import { cEscape, doubleText, floatText } from './default-text.ts';
import { type FieldNode, LABEL, type MessageNode, newMessage, type Scope, TYPE } from './nodes.ts';
import { parseStatement, type Statement, type TextValue } from './statement.ts';
import { integerOf, type Tokens } from './tokens.ts';

/** What the syntax of a file decides while it is read. */
export interface Dialect {
  readonly syntax: 'proto2' | 'proto3' | 'editions';
  /** Reads `{ … }` of a group into its message. */
  parseBody(tokens: Tokens, message: MessageNode, dialect: Dialect): void;
}

/** One field of a message or a oneof; the message of a map or a group joins `scope`. */
export function parseField(tokens: Tokens, scope: Scope, dialect: Dialect): FieldNode {
  const { offset } = tokens.peek;
  const written = takeLabel(tokens);
  const field: FieldNode = {
    name: '',
    number: 0,
    label: LABEL[written ?? 'optional'],
    statements: null,
    offset,
  };
  if (written === 'optional' && dialect.syntax === 'proto3') field.proto3_optional = true;
  if (tokens.takes('group')) return parseGroup(tokens, { field, scope, dialect });
  const type = tokens.fullName();
  if (type === 'map' && tokens.sees('<')) return parseMap(tokens, field, scope);
  setType(field, type);
  parseRest(tokens, field);
  tokens.expect(';');
  return field;
}

/** Behind the word `extend`. */
export function parseExtend(tokens: Tokens, scope: Scope, dialect: Dialect): void {
  const extendee = tokens.fullName();
  tokens.expect('{');
  while (!tokens.takes('}')) {
    if (tokens.takes(';')) continue;
    scope.extensions.push({ ...parseField(tokens, scope, dialect), extendee });
  }
}

/** The JSON name that a field has by default (protobuf.dev/programming-guides/json, "Field names"). */
function jsonNameOf(name: string): string {
  return name.replaceAll(/_+([^_]?)/g, (_, next: string) => next.toUpperCase());
}

function takeLabel(tokens: Tokens): keyof typeof LABEL | undefined {
  for (const label of ['optional', 'required', 'repeated'] as const) {
    if (tokens.takes(label)) return label;
  }
  return undefined;
}

function setType(field: FieldNode, name: string): void {
  const type = name === 'group' || name === 'message' || name === 'enum' ? undefined : TYPE[name];
  if (type === undefined) field.type_name = name;
  else field.type = type;
}

/** `name = number [options]`. */
function parseRest(tokens: Tokens, field: FieldNode): void {
  field.name = tokens.name();
  field.json_name = jsonNameOf(field.name);
  tokens.expect('=');
  field.number = tokens.integer();
  parseFieldOptions(tokens, field);
}

/** `default` and `json_name` look like options and are none. */
function parseFieldOptions(tokens: Tokens, field: FieldNode): void {
  if (!tokens.takes('[')) return;
  do {
    const statement = parseStatement(tokens);
    const { path, value } = statement;
    const [first] = path;
    const own = path.length === 1 && first?.extension === false ? first.name : '';
    if (own === 'default') field.default_value = defaultOf(tokens, field, value);
    else if (own === 'json_name') {
      if (value.kind !== 'string') throw tokens.wrong('a string for json_name');
      field.json_name = Buffer.from(value.bytes).toString();
    } else (field.statements ??= []).push(statement);
  } while (tokens.takes(','));
  tokens.expect(']');
}

interface GroupContext {
  readonly field: FieldNode;
  readonly scope: Scope;
  readonly dialect: Dialect;
}

function parseGroup(tokens: Tokens, { field, scope, dialect }: GroupContext): FieldNode {
  const { offset } = tokens.peek;
  parseRest(tokens, field);
  const message = newMessage(field.name, offset);
  field.type = TYPE['group'] ?? 0;
  field.type_name = field.name;
  field.name = field.name.toLowerCase();
  if (field.json_name === jsonNameOf(message.name)) field.json_name = jsonNameOf(field.name);
  scope.messages.push(message);
  dialect.parseBody(tokens, message, dialect);
  return field;
}

function parseMap(tokens: Tokens, field: FieldNode, scope: Scope): FieldNode {
  tokens.expect('<');
  const keyType = tokens.fullName();
  tokens.expect(',');
  const valueType = tokens.fullName();
  tokens.expect('>');
  parseRest(tokens, field);
  tokens.expect(';');
  const entry = newMessage(entryName(field.name), field.offset);
  entry.mapEntry = true;
  for (const [name, number, type] of [
    ['key', 1, keyType],
    ['value', 2, valueType],
  ] as const) {
    const { offset } = field;
    const statements = inherited(field.statements);
    const part: FieldNode = { name, number, label: LABEL.optional, statements, offset };
    part.json_name = name;
    setType(part, type);
    entry.field.push(part);
  }
  scope.messages.push(entry);
  field.label = LABEL.repeated;
  field.type_name = entry.name;
  return field;
}

/** Features of a map field hold for its keys and values, too. */
function inherited(statements: readonly Statement[] | null): Statement[] | null {
  const features = statements?.filter(({ path }) => path[0]?.name === 'features') ?? [];
  return features.length === 0 ? null : features;
}

/** descriptor.proto, `map_entry`: the name in CamelCase and "Entry". */
function entryName(field: string): string {
  const camel = field.replaceAll(/(?:^|_+)([^_]?)/g, (_, next: string) => next.toUpperCase());
  return `${camel}Entry`;
}

/** descriptor.proto, `default_value`. */
function defaultOf(tokens: Tokens, { type }: FieldNode, value: TextValue): string {
  if (value.kind === 'string') {
    return type === TYPE['bytes'] ? cEscape(value.bytes) : Buffer.from(value.bytes).toString();
  }
  if (value.kind !== 'word') throw tokens.wrong('a default of one value');
  const sign = value.negative ? '-' : '';
  if (type === TYPE['double']) return doubleText(sign + value.text);
  if (type === TYPE['float']) return floatText(sign + value.text);
  return /^\d/.test(value.text) ? sign + integerOf(value.text).toString() : value.text;
}
