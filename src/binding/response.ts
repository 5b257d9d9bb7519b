/** One response message to what the client gets, `response_body` applied. */
import { decodeHttpBody, type RawBody } from '../codecs/http-body.ts';
import { jsonEncoder } from '../codecs/json.ts';
import type { Plan } from './plan.ts';

/**
 * Made once: JSON bytes of the message or of its field. A field that is not set is its default; what tracks presence is null.
 */
export function responseEncoder({
  method,
  response,
  schema,
}: Plan): (bytes: Uint8Array) => Uint8Array {
  return jsonEncoder(method.output, schema, response);
}

/** The google.api.HttpBody that the message or its field is. */
export function renderRaw({ method, response }: Plan, bytes: Uint8Array): RawBody {
  return decodeHttpBody(method.output, bytes, response?.number);
}
