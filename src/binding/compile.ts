/** An http rule made ready to run, and the rule that every method has without one. */
import type { HttpRule, MethodModel, Schema } from '../schema/model.ts';
import { type Plan, planRule } from './plan.ts';
import { bindFirst, bindLater } from './request.ts';
import { renderRaw, responseEncoder } from './response.ts';
import type { Binding, BindingSettings } from './types.ts';

/** Compiles a rule once, when a generation is built. Throws a BindingError where the schema contradicts it. */
export function compileBinding(
  method: MethodModel,
  rule: HttpRule,
  settings: BindingSettings,
  schema: Schema,
): Binding {
  const plan = planRule(method, rule, settings, schema);
  return {
    rule,
    requestBody: requestBody(plan),
    responseBody: plan.rawResponse ? 'raw' : 'json',
    bind: (input) => bindFirst(plan, input),
    bindNext: (body, contentType) => bindLater(plan, body, contentType),
    json: responseEncoder(plan),
    raw: (bytes) => renderRaw(plan, bytes),
  };
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
