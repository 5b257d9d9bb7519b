/** The schema of test/support/protos for unit tests, and short ways to bind and to look at what was bound. */
import { compileBinding } from '../../src/binding/compile.ts';
import type { Binding, BindInput, BindingSettings } from '../../src/binding/types.ts';
import { GatewayError } from '../../src/call/error.ts';
import { jsonValue } from '../../src/codecs/json.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { loadSchema } from '../../src/schema/load.ts';
import type { HttpRule, MessageModel, MethodModel, Schema } from '../../src/schema/model.ts';
import { statusJson } from '../../src/codecs/status.ts';

export const schema: Schema = await loadSchema(
  { protos: ['vectors/v1/vectors.proto'], importPaths: ['protos'] },
  { directory: import.meta.dirname, clock: systemClock, random: systemRandom },
);

export function method(name: string): MethodModel {
  const found = schema.services.get('vectors.v1.Vectors')?.methods.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no method ${name}`);
  return found;
}

export function message(name: string): MessageModel {
  const found = schema.messages.get(name);
  if (found === undefined) throw new Error(`no message ${name}`);
  return found;
}

/** ProtoJSON as it is by default. */
export const PLAIN_JSON: BindingSettings['json'] = {
  emitDefaults: false,
  enumsAsNumbers: false,
  protoNames: false,
  int64: 'string',
  pretty: false,
  caseInsensitiveEnums: false,
};

interface RuleOptions {
  readonly method?: string;
  readonly body?: string;
  readonly responseBody?: string;
  readonly settings?: Partial<BindingSettings>;
}

/** A binding of `verb template`, as `GET /v1/{f_string}`, to Echo unless said otherwise. */
export function binding(line: string, options: RuleOptions = {}): Binding {
  const [verb = '', template = ''] = line.split(' ');
  const rule: HttpRule = {
    verb,
    template,
    body: options.body ?? '',
    responseBody: options.responseBody ?? '',
    origin: 'test.proto: vectors.v1.Vectors',
  };
  const settings = {
    strictness: 'reject',
    maxDepth: 100,
    json: PLAIN_JSON,
    ...options.settings,
  } as const;
  return compileBinding(method(options.method ?? 'Echo'), rule, settings, schema);
}

export interface Sent extends Partial<Omit<BindInput, 'body'>> {
  readonly body?: string | Uint8Array;
}

/** What a binding makes of a request, as the JSON of the message that the service would get. */
export function bound(to: Binding, sent: Sent, input = 'vectors.v1.Everything'): unknown {
  return jsonValue(message(input), bind(to, sent).bytes, schema);
}

export function bind(to: Binding, sent: Sent): ReturnType<Binding['bind']> {
  const { body } = sent;
  return to.bind({
    captures: [],
    query: '',
    contentType: undefined,
    patch: false,
    ...sent,
    body: typeof body === 'string' ? Buffer.from(body) : body,
  });
}

/** How a request is refused: the code, and each field with its reason as the client reads them. */
export function refusal(run: () => unknown): { pg: string; text: string; fields: string[] } {
  try {
    run();
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    const { details } = statusJson(thrown, null) as {
      details: { fieldViolations?: { field?: string; description: string }[] }[];
    };
    const fields = details.flatMap((detail) => detail.fieldViolations ?? []);
    return {
      pg: thrown.pg,
      text: thrown.message,
      fields: fields.map(({ field = '' }) => field),
    };
  }
  throw new Error('nothing was refused');
}
