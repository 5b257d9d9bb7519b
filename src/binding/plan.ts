/** A rule against its method: every name resolved and every contradiction found when a generation is built, so that no call meets one. */
import { HTTP_BODY, isSingular, plainMessage, specialForm } from '../codecs/special.ts';
import type { FieldModel, HttpRule, MessageModel, MethodModel, Schema } from '../schema/model.ts';
import { resolveTarget, type Target } from './target.ts';
import { BindingError, type BindingSettings } from './types.ts';
import { maskFieldOf } from './update-mask.ts';

/** What the body of a request is. `whole` is the rule's `*`. */
export type BodyPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'whole'; readonly raw: boolean }
  | { readonly kind: 'field'; readonly raw: boolean; readonly field: FieldModel };

export interface Plan {
  readonly method: MethodModel;
  readonly rule: HttpRule;
  readonly settings: BindingSettings;
  readonly schema: Schema;
  readonly input: MessageModel;
  readonly body: BodyPlan;
  /** The fields of the template's variables, in template order. */
  readonly variables: readonly Target[];
  /** Where a PATCH without a mask gets one: the mask field, and the message whose names it holds. */
  readonly mask: { readonly field: FieldModel; readonly message: MessageModel } | undefined;
  /** The field of `response_body`. */
  readonly response: FieldModel | undefined;
  readonly rawResponse: boolean;
}

const NO_BODY: BodyPlan = Object.freeze({ kind: 'none' });
export const JSON_BODY: BodyPlan = Object.freeze({ kind: 'whole', raw: false });
const RAW_BODY: BodyPlan = Object.freeze({ kind: 'whole', raw: true });

const VARIABLE = /\{([^}=]*)(?:=[^}]*)?\}/g;

/** Resolves a rule; throws a {@link BindingError} where the schema contradicts it. */
export function planRule(
  method: MethodModel,
  rule: HttpRule,
  settings: BindingSettings,
  schema: Schema,
): Plan {
  const { input, output } = method;
  const body = planBody(input, rule);
  const response = planResponse(output, rule);
  return {
    method,
    rule,
    settings,
    schema,
    input,
    body,
    variables: planVariables(input, body, rule),
    mask: planMask(input, body),
    response,
    rawResponse: isHttpBody(response, output),
  };
}

function planBody(input: MessageModel, rule: HttpRule): BodyPlan {
  if (rule.body === '') return NO_BODY;
  if (rule.body === '*') return isHttpBody(undefined, input) ? RAW_BODY : JSON_BODY;
  const field = topLevel(input, rule.body, { rule, option: 'body', side: 'request' });
  return { kind: 'field', raw: isHttpBody(field, input), field };
}

function planResponse(output: MessageModel, rule: HttpRule): FieldModel | undefined {
  if (rule.responseBody === '') return undefined;
  return topLevel(output, rule.responseBody, { rule, option: 'response_body', side: 'response' });
}

interface OptionPlace {
  readonly rule: HttpRule;
  readonly option: string;
  readonly side: string;
}

/** "The referred field must be present at the top-level of the request message type." */
function topLevel(message: MessageModel, name: string, place: OptionPlace): FieldModel {
  const { rule, option, side } = place;
  if (specialForm(message) !== undefined) {
    const reason = `${option} can't name a field: the JSON of ${message.fullName} has none`;
    throw new BindingError(rule, reason);
  }
  const target = resolveTarget(message, [name]);
  if ('problem' in target) {
    const reason = `${option}: "${name}" is no field at the top level of the ${side}`;
    throw new BindingError(rule, `${reason}: ${target.description}`);
  }
  return target.leaf.field;
}

function isHttpBody(field: FieldModel | undefined, message: MessageModel): boolean {
  if (field === undefined) return message.fullName === HTTP_BODY;
  if (field.type.kind !== 'message' || !isSingular(field)) return false;
  return field.type.message.fullName === HTTP_BODY;
}

function planVariables(input: MessageModel, body: BodyPlan, rule: HttpRule): readonly Target[] {
  const seen = new Set<string>();
  return [...rule.template.matchAll(VARIABLE)].map(([, path = '']) => {
    const fail = (reason: string): BindingError => new BindingError(rule, `{${path}}: ${reason}`);
    if (specialForm(input) !== undefined) {
      throw fail(`the request is a ${input.fullName}, which has one value and no fields in JSON`);
    }
    const target = resolveTarget(input, path.split('.'));
    if ('problem' in target) throw fail(target.description);
    const reason = unfitVariable(target);
    if (reason !== undefined) throw fail(reason);
    if (seen.has(target.id)) throw fail('the field is captured twice');
    seen.add(target.id);
    if (body.kind === 'field' && target.id === body.field.name) {
      throw fail('the field is the body of the same rule');
    }
    return target;
  });
}

/** "The path variables must not refer to any repeated or mapped field", and only to a primitive type or what is one string in JSON. */
function unfitVariable({ leaf: { field } }: Target): string | undefined {
  if (!isSingular(field)) {
    return `a path variable can't be a ${field.cardinality === 'map' ? 'map' : 'repeated field'}`;
  }
  if (field.type.kind !== 'message') return undefined;
  const form = specialForm(field.type.message);
  if (form === 'string' || form === 'wrapper') return undefined;
  return `a path variable can't be a message (${field.type.message.fullName})`;
}

function planMask(input: MessageModel, body: BodyPlan): Plan['mask'] {
  if (body.kind !== 'field' || body.raw || !isSingular(body.field)) return undefined;
  const message = plainMessage(body.field.type);
  const field = maskFieldOf(input);
  return message === undefined || field === undefined ? undefined : { field, message };
}
