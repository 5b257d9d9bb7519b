/** What a field takes, in words for who sent something else. */
import { nearest } from '../lib/nearest.ts';
import type {
  EnumModel,
  FieldModel,
  MessageModel,
  ScalarType,
  ValueType,
} from '../schema/model.ts';
import { exactInteger, JsonNumber } from './json-number.ts';
import type { JsonValue } from './json-text.ts';
import { quote } from './problems.ts';
import { isInteger } from './scalar.ts';
import { specialForm, wrapped } from './special.ts';

const SCALARS: Readonly<Record<ScalarType, string>> = {
  double: 'a number',
  float: 'a number',
  int32: 'an integer',
  sint32: 'an integer',
  sfixed32: 'an integer',
  uint32: 'an integer',
  fixed32: 'an integer',
  int64: 'an integer',
  sint64: 'an integer',
  sfixed64: 'an integer',
  uint64: 'an integer',
  fixed64: 'an integer',
  bool: 'true or false',
  string: 'a string of Unicode characters',
  bytes: 'a string in base64',
};
const WELL_KNOWN: Readonly<Record<string, string>> = {
  Timestamp: 'a time as "2026-01-31T10:00:00.5Z", of the years 1 to 9999',
  Duration: 'seconds as "1.5s", at most 315576000000',
  FieldMask: 'paths in camelCase joined by commas, as "name,author.givenName"',
  Any: 'an object whose "@type" names a known type and whose other members fit it',
  Struct: 'an object',
  ListValue: 'a list',
  Value: 'a JSON value',
};

/** `expected …, found …` for a value of a field, or for an element or entry of it. */
export function expectedOf(field: FieldModel, value: JsonValue): string {
  if (field.cardinality === 'repeated' && !Array.isArray(value)) return sentence('a list', value);
  if (field.cardinality === 'map' && (typeof value !== 'object' || Array.isArray(value))) {
    return sentence('an object', value);
  }
  const key = badKey(field, value);
  if (key !== undefined) return key;
  const inner = innerOf(field, value);
  if (inner === undefined) return `expected each to be ${describe(field.type)}`;
  if (isOutOfRange(field.type, inner)) {
    return `out of range for ${scalarOf(field.type) ?? ''}: ${quote(inner)}`;
  }
  return sentence(describe(field.type), inner) + hint(field.type, inner);
}

/** Of a map whose one key is not of its type. */
function badKey({ mapKey, cardinality }: FieldModel, value: JsonValue): string | undefined {
  if (cardinality !== 'map' || mapKey === undefined || mapKey === 'string') return undefined;
  const [key, ...more] = Object.keys(value ?? {});
  if (key === undefined || more.length > 0) return undefined;
  const fits = mapKey === 'bool' ? key === 'true' || key === 'false' : /^-?[0-9]+$/.test(key);
  return fits ? undefined : `expected ${SCALARS[mapKey]} as key, found ${quote(key)}`;
}

/** A number of the right kind that was refused all the same. */
function isOutOfRange(type: ValueType, value: JsonValue): boolean {
  const scalar = scalarOf(type);
  if (scalar === undefined) return false;
  if (typeof value === 'object' && !(value instanceof JsonNumber)) return false;
  const text = value instanceof JsonNumber ? value.text : String(value);
  if (isInteger(scalar)) return exactInteger(text) !== undefined;
  return (
    (scalar === 'float' || scalar === 'double') && text.trim() !== '' && !Number.isNaN(Number(text))
  );
}

/** The scalar of a field or of the wrapper type that it has. */
function scalarOf(type: ValueType): ScalarType | undefined {
  if (type.kind === 'scalar') return type.scalar;
  if (type.kind === 'enum' || specialForm(type.message) !== 'wrapper') return undefined;
  const inner = wrapped(type.message);
  return inner === undefined ? undefined : scalarOf(inner.type);
}

/** The same for a message whose JSON is no object of its fields. */
export function expectedMessage(message: MessageModel, value: JsonValue): string {
  return sentence(describe({ kind: 'message', message, group: false }), value);
}

/** The one value at fault: of a list or map that was tried with one element, that element. */
function innerOf(field: FieldModel, value: JsonValue): JsonValue | undefined {
  if (field.cardinality !== 'repeated' && field.cardinality !== 'map') return value;
  const elements = Object.values(value ?? {}) as JsonValue[];
  return elements.length === 1 ? elements[0] : undefined;
}

function describe(type: ValueType): string {
  if (type.kind === 'scalar') return SCALARS[type.scalar];
  if (type.kind === 'enum') return `a value of ${type.enum.fullName}`;
  const { message } = type;
  const known = WELL_KNOWN[message.fullName.replace('google.protobuf.', '')];
  if (message.fullName.startsWith('google.protobuf.') && known !== undefined) return known;
  const scalar = scalarOf(type);
  return scalar === undefined ? 'an object' : SCALARS[scalar];
}

function hint(type: ValueType, value: JsonValue): string {
  if (type.kind !== 'enum' || typeof value !== 'string') return '';
  const near = nearestName(type.enum, value);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

function nearestName(model: EnumModel, name: string): string | undefined {
  return nearest(name, model.values.keys());
}

function sentence(expected: string, found: JsonValue): string {
  return `expected ${expected}, found ${quote(found)}`;
}
