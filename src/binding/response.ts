/** One response message to what the client gets, `response_body` applied. */
import { decodeHttpBody, type RawBody } from '../codecs/http-body.ts';
import { type EncodeJson, jsonEncoder } from '../codecs/json.ts';
import { prettyJson } from '../codecs/proto-json/to-json/pretty.ts';
import type { Plan } from './plan.ts';

/**
 * Made once: JSON bytes of the message or of its field. A field that is not set is its default; what tracks presence is null.
 */
export function responseEncoder({
  method,
  response,
  schema,
  settings: { json },
}: Plan): EncodeJson {
  const encode = jsonEncoder(method.output, { schema, style: json, field: response });
  const whole = method.kind === 'unary' || method.kind === 'client_stream';
  // A message of a stream is framed by its line, or is one of thousands in an array.
  return json.pretty && whole ? (bytes, mask) => prettyJson(encode(bytes, mask)) : encode;
}

/** The google.api.HttpBody that the message or its field is. */
export function renderRaw({ method, response }: Plan, bytes: Uint8Array): RawBody {
  return decodeHttpBody(method.output, bytes, response?.number);
}
