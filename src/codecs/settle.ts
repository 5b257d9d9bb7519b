/**
 * The walk of a JSON value along its message before it is encoded: takes out fields that the message does not know, settles numbers that a
 * double would round, and finds what the encoder would take without a word. What is left is judged by the encoder alone.
 */
import { nearest } from '../lib/nearest.ts';
import type { FieldModel, MessageModel, ScalarType, Schema, ValueType } from '../schema/model.ts';
import { exactInteger, JsonNumber } from './json-number.ts';
import { isJsonObject, type JsonObject, type JsonValue, pathText } from './json-text.ts';
import { quote, type Violations } from './problems.ts';
import { anyMessage } from './any-message.ts';
import { isBase64, isInteger } from './scalar.ts';
import { specialForm, wrapped } from './special.ts';

export interface Settling {
  readonly schema: Schema;
  /** The names and indexes that lead to the value at hand; the caller's prefix first. */
  readonly path: (string | number)[];
  /** Fields that were taken out. */
  readonly unknown: Violations;
  /** Values that no encoder may see. */
  readonly invalid: Violations;
}

/** A string that protojson would read through a double: with a fraction or an exponent. */
const NOT_PLAIN = /^[+-]?[\d.]+[.eE]|^[+-]?\d*\.\d/;

/** Settles the JSON of a whole message in place; returns what stands for it now. */
export function settleMessage(message: MessageModel, value: JsonValue, to: Settling): JsonValue {
  switch (specialForm(message)) {
    case 'wrapper': {
      const inner = wrapped(message);
      return inner === undefined ? value : settleSingle(inner.type, value, to);
    }
    case 'any':
      return isJsonObject(value) ? settleAny(value, to) : plainNumbers(value, to);
    case 'json':
    case 'string':
      return plainNumbers(value, to);
    case undefined:
      return isJsonObject(value) ? settleFields(message, value, to) : plainNumbers(value, to);
  }
}

/** Settles the JSON of one field: a list, a map or one value. */
export function settleField(field: FieldModel, value: JsonValue, to: Settling): JsonValue {
  if (value === null) return null;
  if (field.cardinality === 'repeated' && Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      to.path.push(index);
      value[index] = settleSingle(field.type, element, to);
      to.path.pop();
    }
    return value;
  }
  if (field.cardinality === 'map' && isJsonObject(value)) {
    for (const key of Object.keys(value)) {
      to.path.push(`[${quote(key)}]`);
      value[key] = settleSingle(field.type, value[key] ?? null, to);
      to.path.pop();
    }
    return value;
  }
  return settleSingle(field.type, value, to);
}

function settleSingle(type: ValueType, value: JsonValue, to: Settling): JsonValue {
  if (type.kind === 'message') return settleMessage(type.message, value, to);
  if (type.kind === 'scalar') return settleScalar(type.scalar, value, to);
  return plainNumbers(value, to);
}

function settleScalar(scalar: ScalarType, value: JsonValue, to: Settling): JsonValue {
  if (isInteger(scalar)) return settleInteger(value, to);
  if (scalar === 'bytes' && typeof value === 'string' && !isBase64(value)) {
    to.invalid.add(pathText(to.path), () => `expected base64, found ${quote(value)}`);
    return null;
  }
  return plainNumbers(value, to);
}

/** The encoder reads `"9007199254740993.0"` through a double and would store another number. */
function settleInteger(value: JsonValue, to: Settling): JsonValue {
  const text = value instanceof JsonNumber ? value.text : value;
  if (typeof text !== 'string' || (text === value && !NOT_PLAIN.test(text))) return value;
  const exact = exactInteger(text);
  if (exact !== undefined) return exact;
  to.invalid.add(pathText(to.path), () => `expected an integer, found ${quote(text)}`);
  return null;
}

/** Numbers as doubles, in lists and objects too; only for what holds no integer type. */
function plainNumbers(value: JsonValue, to: Settling): JsonValue {
  if (value instanceof JsonNumber) {
    const number = Number(value.text);
    if (Number.isFinite(number)) return number;
    to.invalid.add(pathText(to.path), () => `out of range: ${quote(value.text)}`);
    return null;
  }
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      to.path.push(index);
      value[index] = plainNumbers(element, to);
      to.path.pop();
    }
  } else if (isJsonObject(value)) {
    for (const name of Object.keys(value)) {
      to.path.push(name);
      value[name] = plainNumbers(value[name] ?? null, to);
      to.path.pop();
    }
  }
  return value;
}

function settleFields(message: MessageModel, object: JsonObject, to: Settling): JsonObject {
  const seen = new Set<FieldModel>();
  for (const name of Object.keys(object)) {
    to.path.push(name);
    const field = message.byName.get(name);
    if (field === undefined) {
      addUnknown(message, name, to);
      delete object[name];
    } else if (seen.has(field)) {
      const both = `${field.name} and ${field.jsonName} are one field, given twice`;
      to.invalid.add(pathText(to.path), () => both);
    } else {
      seen.add(field);
      object[name] = settleField(field, object[name] ?? null, to);
    }
    to.path.pop();
  }
  return object;
}

function addUnknown(message: MessageModel, name: string, to: Settling): void {
  to.unknown.add(pathText(to.path), () => unknownName(message, name));
}

/** The sentence about a name that a message does not have, with the nearest one that it has. */
export function unknownName(message: MessageModel, name: string): string {
  const near = nearest(name, [...message.byName.keys()]);
  const hint = near === undefined ? '' : `; did you mean ${quote(near)}?`;
  return `${message.fullName} has no field ${quote(name)}${hint}`;
}

/** `@type` says which message the other members belong to; a special form stands under `value`. */
function settleAny(object: JsonObject, to: Settling): JsonValue {
  const names = Object.keys(object).filter((name) => name !== '@type');
  const url = object['@type'];
  if (url === undefined && names.length === 0) return object;
  if (typeof url !== 'string') {
    to.invalid.add(pathText(to.path), () => 'a google.protobuf.Any needs "@type", a type URL');
    return null;
  }
  const message = anyMessage(to.schema, url);
  if (message === undefined) {
    to.invalid.add(pathText([...to.path, '@type']), () => `no message type ${quote(url)} is known`);
    return null;
  }
  if (specialForm(message) === undefined) {
    delete object['@type'];
    settleFields(message, object, to);
    object['@type'] = url;
    return object;
  }
  for (const name of names) {
    to.path.push(name);
    if (name === 'value') {
      object[name] = settleMessage(message, object[name] ?? null, to);
    } else {
      to.unknown.add(pathText(to.path), () => `a ${message.fullName} in an Any stands in "value"`);
      delete object[name];
    }
    to.path.pop();
  }
  if (!names.includes('value')) {
    const needed = `a ${message.fullName} in an Any stands in "value", which is missing`;
    to.invalid.add(pathText(to.path), () => needed);
  }
  return object;
}
