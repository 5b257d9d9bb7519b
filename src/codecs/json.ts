/**
 * Messages between ProtoJSON and protobuf, with errors that a client can act on. What protojson.ts does will be compiled codecs; this stays.
 */
import { GatewayError } from '../call/error.ts';
import type { FieldModel, MessageModel } from '../schema/model.ts';
import { addFaults, reasonOf } from './json-faults.ts';
import type { JsonValue } from './json-text.ts';
import { Violations } from './problems.ts';
import { fromProtoJson, protoJsonFault, toProtoJson } from './protojson.ts';

/** The JSON of a message as JSON.stringify takes it. */
export type EncodedJson = unknown;

const utf8 = new TextEncoder();

/** A settled JSON value (settle.ts) to protobuf; refuses with PG_INVALID_VALUE that names every wrong field. */
export function decodeJson(message: MessageModel, value: JsonValue): Uint8Array {
  try {
    return fromProtoJson(message, value);
  } catch (thrown) {
    throw refusal(message, value, thrown);
  }
}

/** One field alone, with its tag, from a settled JSON value; empty for its default, undefined where the field does not take the value. */
export function fieldBytes(
  owner: MessageModel,
  field: FieldModel,
  value: JsonValue,
): Uint8Array | undefined {
  const message = { [field.name]: value };
  return protoJsonFault(owner, message) === undefined ? fromProtoJson(owner, message) : undefined;
}

/** Protobuf to the JSON value of a message; PG_RESPONSE_UNREADABLE where the bytes are no such message or have no JSON. */
export function jsonValue(message: MessageModel, bytes: Uint8Array): EncodedJson {
  try {
    return toProtoJson(message, bytes);
  } catch (cause) {
    throw unreadable(message, cause);
  }
}

/** JSON text as bytes. */
export function jsonBytes(value: EncodedJson): Uint8Array {
  return utf8.encode(JSON.stringify(value));
}

/** A response that the schema contradicts. */
export function unreadable(message: MessageModel, cause: unknown): GatewayError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const text = `the service's answer can't be read as ${message.fullName}: ${reason}`;
  return new GatewayError('PG_RESPONSE_UNREADABLE', text, { reached: 'yes', cause });
}

function refusal(message: MessageModel, value: JsonValue, cause: unknown): GatewayError {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (text === 'max depth exceeded') return new GatewayError('PG_TOO_DEEP', 'JSON nests too deep');
  const found = new Violations();
  addFaults(message, value, found);
  if (found.count === 0) found.add('', () => reasonOf(text));
  return found.error('PG_INVALID_VALUE');
}
