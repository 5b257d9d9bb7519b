/** Enums. */
import type { EnumNode } from './nodes.ts';
import { parseRanges, parseReservedNames } from './parse-ranges.ts';
import { parseBracketed, parseOption } from './statement.ts';
import type { Tokens } from './tokens.ts';

/** Behind the word `enum`. */
export function parseEnum(tokens: Tokens, offset: number): EnumNode {
  const enumeration: EnumNode = {
    name: tokens.name(),
    value: [],
    reserved_range: [],
    reserved_name: [],
    statements: null,
    offset,
  };
  tokens.expect('{');
  while (!tokens.takes('}')) {
    if (tokens.takes(';')) continue;
    if (tokens.takes('option')) parseOption(tokens, (enumeration.statements ??= []));
    else if (tokens.takes('reserved')) parseReserved(tokens, enumeration);
    else parseValue(tokens, enumeration);
  }
  return enumeration;
}

function parseValue(tokens: Tokens, { value }: EnumNode): void {
  const { offset } = tokens.peek;
  const name = tokens.name();
  tokens.expect('=');
  const number = tokens.integer();
  const statements = tokens.sees('[') ? parseBracketed(tokens) : null;
  tokens.expect(';');
  value.push({ name, number, statements, offset });
}

/** The end of an EnumReservedRange is inclusive. */
function parseReserved(tokens: Tokens, enumeration: EnumNode): void {
  if (tokens.peek.kind === 'number' || tokens.sees('-')) {
    enumeration.reserved_range.push(...parseRanges(tokens, 2_147_483_647));
  } else parseReservedNames(tokens, enumeration.reserved_name);
  tokens.expect(';');
}
