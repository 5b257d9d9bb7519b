/** The body of a message. */
import {
  type FieldNode,
  type MessageNode,
  newMessage,
  type RangeNode,
  type Scope,
} from './nodes.ts';
import { parseEnum } from './parse-enum.ts';
import { type Dialect, parseExtend, parseField } from './parse-field.ts';
import { parseRanges, parseReservedNames } from './parse-ranges.ts';
import { parseBracketed, parseOption } from './statement.ts';
import type { Tokens } from './tokens.ts';

/** google.protobuf.SymbolVisibility, since edition 2024. */
const VISIBILITY = { local: 1, export: 2 } as const;
/** FieldDescriptorProto.number is below 2^29. */
const MAX_FIELD = 536_870_911;
/** Of messages with `message_set_wire_format`. */
const MAX_SET = 2_147_483_646;

/** A message, an enum or extensions; false where something else comes. */
export function parseDeclaration(tokens: Tokens, scope: Scope, dialect: Dialect): boolean {
  const { offset, text } = tokens.peek;
  if (tokens.takes('message')) scope.messages.push(parseMessage(tokens, dialect, offset));
  else if (tokens.takes('enum')) scope.enums.push(parseEnum(tokens, offset));
  else if (tokens.takes('extend')) parseExtend(tokens, scope, dialect);
  else if (dialect.syntax === 'editions' && (tokens.takes('export') || tokens.takes('local'))) {
    const visibility = VISIBILITY[text as keyof typeof VISIBILITY];
    if (tokens.takes('enum')) scope.enums.push({ ...parseEnum(tokens, offset), visibility });
    else {
      tokens.expect('message');
      scope.messages.push({ ...parseMessage(tokens, dialect, offset), visibility });
    }
  } else return false;
  return true;
}

/** Behind the word `message`. */
function parseMessage(tokens: Tokens, dialect: Dialect, offset: number): MessageNode {
  const message = newMessage(tokens.name(), offset);
  parseBody(tokens, message, dialect);
  return message;
}

/** `{ … }`, of a message or a group. */
export function parseBody(tokens: Tokens, message: MessageNode, dialect: Dialect): void {
  tokens.expect('{');
  while (!tokens.takes('}')) parseMember(tokens, message, dialect);
  addSyntheticOneofs(message);
  const set = message.statements?.some(
    ({ path, value }) =>
      path[0]?.name === 'message_set_wire_format' && value.kind === 'word' && value.text === 'true',
  );
  if (set !== true) return;
  for (const range of message.extension_range) {
    if (range.end === MAX_FIELD + 1) range.end = MAX_SET + 1;
  }
}

function parseMember(tokens: Tokens, message: MessageNode, dialect: Dialect): void {
  const scope: Scope = {
    messages: message.nested_type,
    enums: message.enum_type,
    extensions: message.extension,
  };
  if (tokens.takes(';') || parseDeclaration(tokens, scope, dialect)) return;
  if (tokens.takes('option')) parseOption(tokens, (message.statements ??= []));
  else if (tokens.takes('oneof')) parseOneof(tokens, message, dialect);
  else if (tokens.takes('reserved')) parseReserved(tokens, message);
  else if (tokens.sees('extensions')) parseExtensionRanges(tokens, message);
  else message.field.push(parseField(tokens, scope, dialect));
}

function parseReserved(tokens: Tokens, message: MessageNode): void {
  if (tokens.peek.kind === 'number') {
    // The end of a DescriptorProto.ReservedRange is exclusive.
    for (const { start, end } of parseRanges(tokens, MAX_FIELD)) {
      message.reserved_range.push({ start, end: end + 1 });
    }
  } else parseReservedNames(tokens, message.reserved_name);
  tokens.expect(';');
}

function parseExtensionRanges(tokens: Tokens, message: MessageNode): void {
  const { offset } = tokens.next();
  const ranges = parseRanges(tokens, MAX_FIELD);
  const written = tokens.sees('[') ? parseBracketed(tokens) : null;
  tokens.expect(';');
  message.extension_range.push(
    ...ranges.map(
      ({ start, end }): RangeNode => ({ start, end: end + 1, statements: written, offset }),
    ),
  );
}

function parseOneof(tokens: Tokens, message: MessageNode, dialect: Dialect): void {
  const { offset } = tokens.peek;
  const oneof = { name: tokens.name(), statements: null, offset } as MessageNode['oneof_decl'][0];
  const index = message.oneof_decl.push(oneof) - 1;
  // Groups of a oneof are declared in its message.
  const scope: Scope = {
    messages: message.nested_type,
    enums: message.enum_type,
    extensions: message.extension,
  };
  tokens.expect('{');
  while (!tokens.takes('}')) {
    if (tokens.takes(';')) continue;
    if (tokens.takes('option')) parseOption(tokens, (oneof.statements ??= []));
    else {
      const field: FieldNode = parseField(tokens, scope, dialect);
      message.field.push({ ...field, oneof_index: index });
    }
  }
}

/** descriptor.proto, `proto3_optional`: each such field has a oneof of its own, behind those that are written. */
function addSyntheticOneofs({ field: fields, oneof_decl: oneofs }: MessageNode): void {
  const taken = new Set([...fields, ...oneofs].map(({ name }) => name));
  for (const field of fields) {
    if (field.proto3_optional !== true) continue;
    let name = field.name.startsWith('_') ? `X${field.name}` : `_${field.name}`;
    while (taken.has(name)) name = `X${name}`;
    taken.add(name);
    field.oneof_index = oneofs.push({ name, statements: null, offset: field.offset }) - 1;
  }
}
