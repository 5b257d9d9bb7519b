/** An http rule made ready to run backwards. */
import { GatewayError } from '../../call/error.ts';
import { encodeHttpBody } from '../../codecs/http-body.ts';
import { answerDecoder, type DecodeAnswer } from '../../codecs/json-answer.ts';
import { unreadableRequest } from '../../codecs/json.ts';
import { CodecError } from '../../codecs/proto-json/error.ts';
import { layoutOf } from '../../codecs/proto-json/layout.ts';
import { joinBytes, lengthDelimited } from '../../lib/protobuf-wire.ts';
import type { Template } from '../../routing/template.ts';
import { specialForm } from '../../codecs/special.ts';
import type { HttpRule, MethodModel, Schema, ValueType } from '../../schema/model.ts';
import { type Plan, planRule } from '../plan.ts';
import { BindingError, type BindingSettings } from '../types.ts';
import { BodyWriter } from './body.ts';
import { planPath, type WritePath } from './path.ts';
import { type Elsewhere, queryOf } from './query.ts';
import type { HttpTarget, ReverseBinding } from './types.ts';
import { MessageView } from './view.ts';

/** More than any server takes as its first line; a message of megabytes must not become one. */
const MAX_TARGET_BYTES = 64 * 1024;
const EMPTY = new Uint8Array();

export interface ReverseOptions {
  /** The first rule of the method, or the one that it has without annotation. */
  readonly rule: HttpRule;
  /** That of the rule. */
  readonly template: Template;
  readonly settings: BindingSettings;
  readonly schema: Schema;
}

/**
 * Checks the rule once, when a generation is built. Throws a BindingError where the schema contradicts it, or where a request can't be
 * made by it.
 */
export function compileReverse(method: MethodModel, options: ReverseOptions): ReverseBinding {
  const { rule, template, settings, schema } = options;
  const plan = planRule(method, rule, settings, schema);
  checkVerb(rule);
  const streamed = method.kind === 'client_stream' || method.kind === 'bidi';
  if (streamed && plan.body.kind === 'none') {
    const reason =
      'the messages of a client stream travel in the body, and the rule has none: add body: "*", or call the service by gRPC';
    throw new BindingError(rule, reason);
  }
  return new RuleReverse(plan, planPath(rule, template, plan.variables));
}

/** Its codecs are made by the first call, since most methods of a large schema never have one. */
class RuleReverse implements ReverseBinding {
  readonly verb: string;
  readonly requestBody: ReverseBinding['requestBody'];
  readonly responseBody: ReverseBinding['responseBody'];
  readonly #plan: Plan;
  readonly #path: WritePath;
  #elsewhere: Elsewhere | null = null;
  #body: BodyWriter | null = null;
  #decode: DecodeAnswer | null = null;

  constructor(plan: Plan, path: WritePath) {
    const { body, rule } = plan;
    this.requestBody = body.kind === 'none' ? 'none' : body.raw ? 'raw' : 'json';
    this.verb = rule.verb === '*' ? (body.kind === 'none' ? 'GET' : 'POST') : rule.verb;
    this.responseBody = plan.rawResponse ? 'raw' : 'json';
    this.#plan = plan;
    this.#path = path;
  }

  hasMember(name: string): boolean {
    const { method, response } = this.#plan;
    if (response?.cardinality === 'map') return true;
    const type: ValueType =
      response === undefined
        ? { kind: 'message', message: method.output, group: false }
        : response.type;
    if (type.kind !== 'message' || response?.cardinality === 'repeated') return false;
    const form = specialForm(type.message);
    return form === undefined ? type.message.byName.has(name) : form === 'json' || form === 'any';
  }

  request(bytes: Uint8Array): HttpTarget {
    const { input } = this.#plan;
    this.#body ??= new BodyWriter(this.#plan);
    try {
      const message = new MessageView(layoutOf(input), bytes);
      const path = this.#path(message);
      const query = this.#query(message);
      const target = query === '' ? path : `${path}?${query}`;
      if (target.length > MAX_TARGET_BYTES) throw tooLong();
      const { body, contentType } = this.#body.first(message);
      return { target, body, contentType };
    } catch (error) {
      if (error instanceof CodecError) throw unreadableRequest(input, error);
      throw error;
    }
  }

  next(message: Uint8Array): Uint8Array {
    this.#body ??= new BodyWriter(this.#plan);
    return this.#body.next(message);
  }

  message(json: Uint8Array): Uint8Array {
    if (json.length === 0) return EMPTY;
    const { method, schema, settings, response } = this.#plan;
    this.#decode ??= answerDecoder(method.output, {
      schema,
      maxDepth: settings.maxDepth,
      field: response,
    });
    return this.#decode(json);
  }

  rawMessage(contentType: string, data: Uint8Array): Uint8Array {
    const parts = encodeHttpBody({ contentType, data });
    const { response } = this.#plan;
    return joinBytes(response === undefined ? parts : lengthDelimited(response.number, parts));
  }

  #query(message: MessageView): string {
    const { body, variables } = this.#plan;
    if (body.kind === 'whole') return '';
    this.#elsewhere ??= new Set([
      ...variables.map(({ id }) => id),
      ...(body.kind === 'field' ? [body.field.name] : []),
    ]);
    return queryOf(message, this.#elsewhere);
  }
}

/** RFC 9110 section 9.3: the answers of these are no answers of a method. */
function checkVerb(rule: HttpRule): void {
  if (rule.verb !== 'CONNECT' && rule.verb !== 'TRACE') return;
  throw new BindingError(rule, `a service can't be called by ${rule.verb}`);
}

function tooLong(): GatewayError {
  return new GatewayError(
    'PG_BODY_TOO_LARGE',
    `the request makes a URL of more than ${MAX_TARGET_BYTES} bytes: the http rule of this method has no body for its fields`,
  );
}
