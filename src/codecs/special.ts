/**
 * The well-known types whose JSON is not an object of their fields.
 * Source: https://protobuf.dev/programming-guides/json/, "Representation of each type".
 */
import type { FieldModel, MessageModel, ValueType } from '../schema/model.ts';
import { type WellKnown, wellKnownOf } from './proto-json/layout.ts';

/**
 * `string`: one JSON string. `wrapper`: the JSON of its `value` field. `any`: an object with `@type`. `json`: any JSON of its kind.
 */
export type SpecialForm = 'string' | 'wrapper' | 'any' | 'json';

const FORMS: Readonly<Record<WellKnown, SpecialForm>> = {
  timestamp: 'string',
  duration: 'string',
  field_mask: 'string',
  any: 'any',
  struct: 'json',
  value: 'json',
  list_value: 'json',
  wrapper: 'wrapper',
};

export const FIELD_MASK = 'google.protobuf.FieldMask';
export const HTTP_BODY = 'google.api.HttpBody';

/** How a message type is written in JSON where that is not an object of its fields. */
export function specialForm(message: MessageModel): SpecialForm | undefined {
  const known = wellKnownOf(message);
  return known === null ? undefined : FORMS[known];
}

/** The one field of a wrapper type. */
export function wrapped(message: MessageModel): FieldModel | undefined {
  return message.byNumber.get(1);
}

/** Whether values of a type stand as an object of fields that can be looked into one by one. */
export function plainMessage(type: ValueType): MessageModel | undefined {
  if (type.kind !== 'message' || specialForm(type.message) !== undefined) return undefined;
  return type.message;
}

/** Whether a field holds one value, not a list or a map. */
export function isSingular(field: FieldModel): boolean {
  return field.cardinality !== 'repeated' && field.cardinality !== 'map';
}
