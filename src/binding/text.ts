/** Values of a path and of a query, which are text, as the JSON of their field's type. */
import { type JsonValue, parseJson } from '../codecs/json-text.ts';
import { quote } from '../codecs/problems.ts';
import { isBase64, isInteger } from '../codecs/scalar.ts';
import { type Settling, settleMessage } from '../codecs/settle.ts';
import { FIELD_MASK, specialForm, wrapped } from '../codecs/special.ts';
import { nearest } from '../lib/nearest.ts';
import type { EnumModel, MessageModel, ScalarType, ValueType } from '../schema/model.ts';

/** The JSON for a text, or why it has none. */
export type TextValue = { readonly json: JsonValue } | { readonly problem: string };

export interface TextReading {
  readonly maxDepth: number;
  /** Names of enums in any case. */
  readonly caseInsensitiveEnums: boolean;
  /** For JSON text, which may hold anything that a body may. */
  readonly settling: Settling;
}

/** Only a decimal integer: `1.0` and `1e3`, which JSON allows, are two more spellings of one resource in a URL. */
const INTEGER = /^-?[0-9]+$/;
const DECIMAL = /^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const NOT_FINITE: ReadonlySet<string> = new Set(['NaN', 'Infinity', '-Infinity']);

/** Reads `text` as one value of `type`. Ranges are left to the encoder, which knows the field. */
export function readText(type: ValueType, text: string, reading: TextReading): TextValue {
  switch (type.kind) {
    case 'scalar':
      return readScalar(type.scalar, text);
    case 'enum':
      return readEnum(type.enum, text, reading);
    case 'message':
      return readMessage(type.message, text, reading);
  }
}

function readScalar(scalar: ScalarType, text: string): TextValue {
  if (scalar === 'string') return { json: text };
  if (scalar === 'bytes') return readBytes(text);
  if (isInteger(scalar)) return expect(INTEGER.test(text), text, 'a decimal integer');
  if (scalar !== 'bool')
    return expect(DECIMAL.test(text) || NOT_FINITE.has(text), text, 'a number');
  const known = text === 'true' || text === 'false';
  return expect(known, text, 'true or false', text === 'true');
}

function readBytes(text: string): TextValue {
  const hint = text.includes(' ') ? ' (a + in a query is a space: write %2B or -)' : '';
  return expect(isBase64(text), text, `base64${hint}`);
}

function readEnum(
  model: EnumModel,
  text: string,
  { caseInsensitiveEnums }: TextReading,
): TextValue {
  if (model.values.has(text)) return { json: text };
  if (caseInsensitiveEnums) {
    const name = [...model.values.keys()].find((any) => any.toLowerCase() === text.toLowerCase());
    if (name !== undefined) return { json: name };
  }
  if (INTEGER.test(text)) {
    const number = Number(text);
    if (!model.closed || [...model.values.values()].includes(number)) return { json: number };
  }
  const near = nearest(text, model.values.keys());
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return { problem: `expected a value of ${model.fullName}, found ${quote(text)}${hint}` };
}

function readMessage(message: MessageModel, text: string, reading: TextReading): TextValue {
  switch (specialForm(message)) {
    case 'wrapper': {
      const inner = wrapped(message);
      return inner === undefined ? { json: text } : readText(inner.type, text, reading);
    }
    case 'string':
      return message.fullName === FIELD_MASK ? readFieldMask(text) : { json: text };
    case 'json':
      return { json: settleMessage(message, parseJson(text, reading.maxDepth), reading.settling) };
    case 'any':
    case undefined:
      return { problem: `${message.fullName} is a message: give its fields one by one` };
  }
}

/** camelCase as ProtoJSON has it; snake_case too, since no path can mean both and many clients write it. */
function readFieldMask(text: string): TextValue {
  const camel = text.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return expect(!camel.includes('_'), text, 'paths in camelCase or snake_case', camel);
}

function expect(ok: boolean, text: string, expected: string, json: JsonValue = text): TextValue {
  return ok ? { json } : { problem: `expected ${expected}, found ${quote(text)}` };
}
