/** One `.proto` file into a protobufjs root, with a place for whatever does not parse. */
import protobuf from 'protobufjs';
import { newRoot } from './collected.ts';
import type { SchemaProblem } from './error.ts';
import { reasonOf } from './error.ts';
import { explainParseError, placeOf } from './parse-error.ts';

/** The import names, weak and public ones included. */
export interface ParsedProto {
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
  const unseen = whatParserOverlooks(name, source);
  if (unseen !== undefined) return unseen;
  try {
    const parsed = runParser(root, name, source);
    return { imports: [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])] };
  } catch (thrown) {
    return explainParseError({ file: name, source, complaint: reasonOf(thrown) }, complaintOf);
  }
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

function complaintOf(source: string): string | undefined {
  try {
    runParser(newRoot(), null, source);
    return undefined;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

/** protobufjs drops declarations named `__proto__` without a word, and takes any syntax that it does not know for an edition. */
function whatParserOverlooks(file: string, source: string): SchemaProblem | undefined {
  const hidden = /\b(?:message|enum|service|rpc|oneof)\s+__proto__\b|\b__proto__\s*=\s*-?\d/.exec(
    source,
  );
  if (hidden !== null) {
    return { message: 'the name __proto__ cannot be used', ...placeOf(file, source, hidden.index) };
  }
  const syntax = syntaxOf(source);
  if (syntax === undefined || syntax === 'proto2' || syntax === 'proto3') return undefined;
  const message = `expected "proto2" or "proto3", found ${JSON.stringify(syntax)}`;
  return { message, ...placeOf(file, source, source.indexOf(syntax)) };
}

/** The value of the `syntax` statement, which comes first or not at all. */
function syntaxOf(source: string): string | undefined {
  const comments = /^(?:\s+|\/\/.*|\/\*[^]*?\*\/)*/.exec(source)?.[0] ?? '';
  return /^syntax\s*=\s*(["'])(.*?)\1/.exec(source.slice(comments.length))?.[2];
}
