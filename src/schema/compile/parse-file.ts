/** One `.proto` file as nodes; imports are not followed. Source: protobuf.dev/reference/protobuf/proto3-spec and its siblings. */
import type { FileNode } from './nodes.ts';
import type { Dialect } from './parse-field.ts';
import { parseBody, parseDeclaration } from './parse-message.ts';
import { parseService } from './parse-service.ts';
import { parseOption } from './statement.ts';
import { Tokens } from './tokens.ts';

/** google.protobuf.Edition. */
const EDITIONS: Readonly<Record<string, number>> = { '2023': 1000, '2024': 1001, '2026': 1002 };

/** Throws a `CompileError` at the first word that does not belong there. */
export function parseFile(name: string, text: string): FileNode {
  const tokens = new Tokens(name, text);
  const file: FileNode = {
    name,
    dependency: [],
    public_dependency: [],
    weak_dependency: [],
    option_dependency: [],
    message_type: [],
    enum_type: [],
    service: [],
    extension: [],
    statements: null,
    offset: 0,
  };
  const dialect = parseSyntax(tokens, file);
  const scope = { messages: file.message_type, enums: file.enum_type, extensions: file.extension };
  while (tokens.peek.kind !== 'end') {
    if (!parseDeclaration(tokens, scope, dialect)) parseTop(tokens, file);
  }
  return file;
}

function parseSyntax(tokens: Tokens, file: FileNode): Dialect {
  if (tokens.takes('edition')) {
    tokens.expect('=');
    const { offset } = tokens.peek;
    const edition = EDITIONS[tokens.string()];
    if (edition === undefined) throw tokens.wrongAt(offset, 'the edition is not supported');
    tokens.expect(';');
    file.syntax = 'editions';
    file.edition = edition;
    return { syntax: 'editions', parseBody };
  }
  if (!tokens.takes('syntax')) return { syntax: 'proto2', parseBody };
  tokens.expect('=');
  const { offset } = tokens.peek;
  const syntax = tokens.string();
  if (syntax !== 'proto2' && syntax !== 'proto3') {
    throw tokens.wrongAt(offset, `expected "proto2" or "proto3", found ${JSON.stringify(syntax)}`);
  }
  tokens.expect(';');
  if (syntax === 'proto3') file.syntax = syntax;
  return { syntax, parseBody };
}

function parseTop(tokens: Tokens, file: FileNode): void {
  const { offset } = tokens.peek;
  if (tokens.takes(';')) return;
  if (tokens.takes('import')) parseImport(tokens, file);
  else if (tokens.takes('option')) parseOption(tokens, (file.statements ??= []));
  else if (tokens.takes('service')) file.service.push(parseService(tokens, offset));
  else if (tokens.takes('package')) {
    file.package = tokens.fullName();
    tokens.expect(';');
  } else throw tokens.wrong('a declaration');
}

function parseImport(tokens: Tokens, file: FileNode): void {
  if (tokens.takes('option')) file.option_dependency.push(tokens.string());
  else {
    const at = file.dependency.length;
    if (tokens.takes('public')) file.public_dependency.push(at);
    else if (tokens.takes('weak')) file.weak_dependency.push(at);
    file.dependency.push(tokens.string());
  }
  tokens.expect(';');
}
