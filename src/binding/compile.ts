/** An http rule made ready to run, and the rule that every method has without one. */
import type { EncodeJson } from '../codecs/json.ts';
import type { RawBody } from '../codecs/http-body.ts';
import type { Mask } from '../codecs/proto-json/to-json/mask.ts';
import type { HttpRule, MethodModel, Schema } from '../schema/model.ts';
import { type DirectBinding, planDirect } from './direct.ts';
import { readMask } from './partial.ts';
import { JSON_BODY, type Plan, planRule } from './plan.ts';
import { bindFirst, bindLater } from './request.ts';
import { renderRaw, responseEncoder } from './response.ts';
import type { BindInput, Binding, BindingSettings, BoundRequest, MaskInput } from './types.ts';

const NONE: readonly string[] = [];

/**
 * Checks a rule once, when a generation is built, and keeps what was resolved for its calls. Throws a BindingError where the schema
 * contradicts it.
 */
export function compileBinding(
  method: MethodModel,
  rule: HttpRule,
  settings: BindingSettings,
  schema: Schema,
): Binding {
  return new RuleBinding(planRule(method, rule, settings, schema));
}

/** Whole messages as ProtoJSON, of google.api.HttpBody as well: only REST makes bytes of that. For RPC protocols. */
export function compileMessages(
  method: MethodModel,
  settings: BindingSettings,
  schema: Schema,
): Pick<Binding, 'bindNext' | 'json'> {
  const plan = planRule(method, implicitRule(method), settings, schema);
  return new RuleBinding({ ...plan, body: JSON_BODY, rawResponse: false });
}

/**
 * Its codecs are made by the first call, since most methods of a large schema never have one. A class, since a closure for each function
 * of ten thousand rules would be 20 MB.
 */
class RuleBinding implements Binding {
  readonly rule: HttpRule;
  readonly requestBody: Binding['requestBody'];
  readonly responseBody: Binding['responseBody'];
  readonly #plan: Plan;
  #direct: DirectBinding | null = null;
  #encode: EncodeJson | null = null;

  constructor(plan: Plan) {
    this.rule = plan.rule;
    this.requestBody = requestBody(plan);
    this.responseBody = plan.rawResponse ? 'raw' : 'json';
    this.#plan = plan;
  }

  bind(input: BindInput): BoundRequest {
    this.#direct ??= planDirect(this.#plan);
    const bytes = this.#direct.bind(input);
    return bytes === undefined ? bindFirst(this.#plan, input) : { bytes, unknown: NONE };
  }

  bindNext(body: Uint8Array, contentType: string | undefined): BoundRequest {
    this.#direct ??= planDirect(this.#plan);
    const bytes = this.#direct.bindNext(body);
    return bytes === undefined
      ? bindLater(this.#plan, body, contentType)
      : { bytes, unknown: NONE };
  }

  mask(input: MaskInput): Mask | undefined {
    return readMask(this.#plan, input);
  }

  json(bytes: Uint8Array, mask?: Mask): Uint8Array {
    this.#encode ??= responseEncoder(this.#plan);
    return this.#encode(bytes, mask);
  }

  raw(bytes: Uint8Array): RawBody {
    return renderRaw(this.#plan, bytes);
  }
}

/** `POST /pkg.Service/Method` in JSON: what every method answers, with or without annotations. */
export function implicitRule(method: MethodModel): HttpRule {
  return {
    verb: 'POST',
    template: method.path,
    body: '*',
    responseBody: '',
    origin: `${method.fullName} (implicit rule)`,
  };
}

function requestBody({ body }: Plan): Binding['requestBody'] {
  if (body.kind === 'none') return 'none';
  return body.raw ? 'raw' : 'json';
}
