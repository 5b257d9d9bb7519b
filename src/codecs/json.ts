/**
 * Messages between ProtoJSON and protobuf. The only file that knows protobufjs' ProtoJSON, so that compiled codecs can take its place.
 * Not toObject and fromObject: those are not ProtoJSON (564 conformance failures against none).
 */
import protojson from 'protobufjs/ext/protojson.js';
import { GatewayError } from '../call/error.ts';
import type { FieldModel, MessageModel } from '../schema/model.ts';
import { isJsonObject, type JsonObject, type JsonValue, pathText } from './json-text.ts';
import { Violations } from './problems.ts';
import { isSingular, plainMessage, specialForm } from './special.ts';

/** The JSON of a message as JSON.stringify takes it. */
export type EncodedJson = unknown;

const utf8 = new TextEncoder();

/** A settled JSON value (settle.ts) to protobuf; refuses with PG_INVALID_VALUE that names every wrong field. */
export function decodeJson(message: MessageModel, value: JsonValue): Uint8Array {
  try {
    return message.runtime.encode(protojson.fromJson(message.runtime, value)).finish();
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
  if (failure(owner, message) !== undefined) return undefined;
  return owner.runtime.encode(protojson.fromJson(owner.runtime, message)).finish();
}

/** Protobuf to the JSON value of a message; PG_RESPONSE_UNREADABLE where the bytes are no such message or have no JSON. */
export function jsonValue(message: MessageModel, bytes: Uint8Array): EncodedJson {
  try {
    return protojson.toJson(message.runtime, message.runtime.decode(bytes));
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
  if (/max depth/.test(text)) return new GatewayError('PG_TOO_DEEP', 'JSON nests too deep');
  const found = new Violations();
  locateInMessage({ message, value, path: [], found });
  if (found.count === 0) found.add('', () => reasonOf(text));
  return found.error('PG_INVALID_VALUE');
}

interface Place {
  readonly message: MessageModel;
  readonly value: JsonValue;
  readonly path: readonly (string | number)[];
  readonly found: Violations;
}

/** protojson names a type, not a place: so every leaf is tried alone. Linear, and only after a failure. */
function locateInMessage({ message, value, path, found }: Place): void {
  if (specialForm(message) !== undefined) {
    const reason = failure(message, value);
    if (reason !== undefined) found.add(pathText(path), () => reason);
    return;
  }
  if (!isJsonObject(value)) {
    found.add(pathText(path), () => 'expected an object');
    return;
  }
  const oneofs = new Set<string>();
  for (const [name, inner] of Object.entries(value)) {
    const field = message.byName.get(name);
    if (field === undefined) continue;
    const at = [...path, name];
    if (field.oneof !== undefined && inner !== null) {
      if (oneofs.has(field.oneof)) {
        found.add(pathText(at), () => `another member of oneof ${field.oneof} is set too`);
      }
      oneofs.add(field.oneof);
    }
    locateInField(field, { message, value: inner, path: at, found }, name);
  }
}

function locateInField(field: FieldModel, place: Place, name: string): void {
  const { message, value, path, found } = place;
  const inner = plainMessage(field.type);
  if (inner !== undefined && isSingular(field) && value !== null) {
    locateInMessage({ message: inner, value, path, found });
    return;
  }
  if (field.cardinality === 'repeated' && Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      const at = [...path, index];
      if (inner !== undefined && element !== null) {
        locateInMessage({ message: inner, value: element, path: at, found });
      } else {
        tryField(message, { [name]: [element] }, at, found);
      }
    }
    return;
  }
  if (field.cardinality === 'map' && isJsonObject(value)) {
    locateInMap(inner, place, name);
    return;
  }
  tryField(message, { [name]: value }, path, found);
}

function locateInMap(inner: MessageModel | undefined, place: Place, name: string): void {
  const { message, value, path, found } = place;
  const before = found.count;
  for (const [key, element] of Object.entries(value as JsonObject)) {
    const at = [...path, `[${JSON.stringify(key)}]`];
    if (inner !== undefined && isJsonObject(element)) {
      tryField(message, { [name]: { [key]: {} } }, at, found);
      locateInMessage({ message: inner, value: element, path: at, found });
    } else {
      tryField(message, { [name]: { [key]: element } }, at, found);
    }
  }
  // Two spellings of one key, as 1 and 01, are only wrong together.
  if (found.count === before && inner === undefined) {
    tryField(message, { [name]: value }, path, found);
  }
}

function tryField(
  message: MessageModel,
  object: JsonObject,
  path: readonly (string | number)[],
  found: Violations,
): void {
  const reason = failure(message, object);
  if (reason !== undefined) found.add(pathText(path), () => reason);
}

function failure(message: MessageModel, value: JsonValue): string | undefined {
  try {
    protojson.fromJson(message.runtime, value);
    return undefined;
  } catch (thrown) {
    return reasonOf(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** `.pkg.Message.field: out of range for int32: 5` without the name that the path already says. */
function reasonOf(text: string): string {
  return text.replace(/^\.?[\w.]+: /, '').slice(0, 200);
}
