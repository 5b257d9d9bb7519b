/** Where a JSON value is wrong. The encoder names a type, not a place: so after a failure every leaf is tried alone, in linear time. */
import type { FieldModel, MessageModel } from '../schema/model.ts';
import { isJsonObject, type JsonObject, type JsonValue, pathText } from './json-text.ts';
import type { Violations } from './problems.ts';
import { protoJsonFault } from './protojson.ts';
import { isSingular, plainMessage, specialForm } from './special.ts';

/** Adds every value that the encoder refuses, each with its path. */
export function addFaults(message: MessageModel, value: JsonValue, found: Violations): void {
  locateInMessage({ message, value, path: [], found });
}

/** `.pkg.Message.field: out of range for int32: 5` without the name that the path already says. */
export function reasonOf(text: string): string {
  return text.replace(/^\.?[\w.]+: /, '').slice(0, 200);
}

interface Place {
  readonly message: MessageModel;
  readonly value: JsonValue;
  readonly path: readonly (string | number)[];
  readonly found: Violations;
}

function locateInMessage({ message, value, path, found }: Place): void {
  if (specialForm(message) !== undefined) {
    const reason = faultOf(message, value);
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
  const reason = faultOf(message, object);
  if (reason !== undefined) found.add(pathText(path), () => reason);
}

function faultOf(message: MessageModel, value: JsonValue): string | undefined {
  const fault = protoJsonFault(message, value);
  return fault === undefined ? undefined : reasonOf(fault);
}
