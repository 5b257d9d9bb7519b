/** One response message to what the client gets, `response_body` applied. */
import { decodeHttpBody, type RawBody } from '../codecs/http-body.ts';
import { type EncodedJson, jsonBytes, jsonValue } from '../codecs/json.ts';
import { isLong } from '../codecs/scalar.ts';
import type { FieldModel, ValueType } from '../schema/model.ts';
import type { Plan } from './plan.ts';

/** JSON bytes of the message or of its field. A field that is not set is its default; what tracks presence is null. */
export function renderJson({ method, response }: Plan, bytes: Uint8Array): Uint8Array {
  const value = jsonValue(method.output, bytes);
  if (response === undefined) return jsonBytes(value);
  const field = Object(value) as Record<string, EncodedJson>;
  return jsonBytes(
    Object.hasOwn(field, response.jsonName) ? field[response.jsonName] : absent(response),
  );
}

/** The google.api.HttpBody that the message or its field is. */
export function renderRaw({ method, response }: Plan, bytes: Uint8Array): RawBody {
  return decodeHttpBody(method.output, bytes, response?.name);
}

function absent(field: FieldModel): EncodedJson {
  switch (field.cardinality) {
    case 'repeated':
      return [];
    case 'map':
      return {};
    case 'explicit':
    case 'required':
      return null;
    case 'implicit':
      return zero(field.type);
  }
}

/** ProtoJSON's text of the default value. */
function zero(type: ValueType): EncodedJson {
  if (type.kind === 'message') return null;
  if (type.kind === 'enum') {
    for (const [name, number] of type.enum.values) if (number === 0) return name;
    return 0;
  }
  if (type.scalar === 'bool') return false;
  if (type.scalar === 'string' || type.scalar === 'bytes') return '';
  return isLong(type.scalar) ? '0' : 0;
}
