/** Services and their methods. */
import type { MethodNode, ServiceNode } from './nodes.ts';
import { parseOption } from './statement.ts';
import type { Tokens } from './tokens.ts';

/** Behind the word `service`. */
export function parseService(tokens: Tokens, offset: number): ServiceNode {
  const service: ServiceNode = { name: tokens.name(), method: [], statements: null, offset };
  tokens.expect('{');
  while (!tokens.takes('}')) {
    if (tokens.takes(';')) continue;
    if (tokens.takes('option')) parseOption(tokens, (service.statements ??= []));
    else service.method.push(parseMethod(tokens));
  }
  return service;
}

function parseMethod(tokens: Tokens): MethodNode {
  const { offset } = tokens.expect('rpc');
  const name = tokens.name();
  const input = parseType(tokens);
  tokens.expect('returns');
  const output = parseType(tokens);
  const method: MethodNode = {
    name,
    input_type: input.name,
    output_type: output.name,
    ...(input.stream && { client_streaming: true }),
    ...(output.stream && { server_streaming: true }),
    statements: null,
    offset,
  };
  if (tokens.takes(';')) return method;
  tokens.expect('{');
  method.statements = [];
  while (!tokens.takes('}')) {
    if (tokens.takes(';')) continue;
    tokens.expect('option');
    parseOption(tokens, method.statements);
  }
  return method;
}

/** `(stream pkg.Type)`; a message may be named `stream`. */
function parseType(tokens: Tokens): { readonly name: string; readonly stream: boolean } {
  tokens.expect('(');
  let name = tokens.fullName();
  const stream = name === 'stream' && !tokens.sees(')');
  if (stream) name = tokens.fullName();
  // `stream .pkg.Type` is read as one name.
  const joined = name.startsWith('stream.') && !stream;
  tokens.expect(')');
  return joined ? { name: name.slice('stream'.length), stream: true } : { name, stream };
}
