/** Reverse bindings over the schema of test/support/protos, and short ways to see what they make of a message. */
import { compileReverse } from '../../src/binding/reverse/compile.ts';
import type { ReverseBinding } from '../../src/binding/reverse/types.ts';
import { decodeJson, jsonValue } from '../../src/codecs/json.ts';
import { parseJson } from '../../src/codecs/json-text.ts';
import { parseTemplate } from '../../src/routing/template.ts';
import type { HttpRule } from '../../src/schema/model.ts';
import { message, method, PLAIN_JSON, schema } from './vectors-schema.ts';

interface RuleOptions {
  readonly method?: string;
  readonly body?: string;
  readonly responseBody?: string;
}

/** The reverse of `verb template`, as `GET /v1/{f_string}`, of Echo unless said otherwise. */
export function reverse(line: string, options: RuleOptions = {}): ReverseBinding {
  const [verb = '', template = ''] = line.split(' ');
  const rule: HttpRule = {
    verb,
    template,
    body: options.body ?? '',
    responseBody: options.responseBody ?? '',
    origin: 'test.proto: vectors.v1.Vectors',
  };
  return compileReverse(method(options.method ?? 'Echo'), {
    rule,
    template: parseTemplate(template),
    settings: { strictness: 'reject', maxDepth: 100, json: PLAIN_JSON },
    schema,
  });
}

/** A message from its JSON. */
export function encoded(json: unknown, name = 'vectors.v1.Everything'): Uint8Array {
  const options = { types: schema, caseInsensitiveEnums: false };
  return decodeJson(message(name), parseJson(JSON.stringify(json), 100), options);
}

/** The JSON of a message. */
export function decoded(bytes: Uint8Array, name = 'vectors.v1.Everything'): unknown {
  return jsonValue(message(name), bytes, schema);
}

/** As `GET /v1/x?a=b {"c":1}`. */
export function line(binding: ReverseBinding, message: Uint8Array): string {
  const { target, body } = binding.request(message);
  const json = body === null ? '' : ` ${Buffer.from(body).toString('utf8')}`;
  return `${binding.verb} ${target}${json}`;
}
