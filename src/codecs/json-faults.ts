/**
 * Where a JSON value is wrong. The encoder names a type, not a place: so after a failure every leaf is tried alone, lists of leaves in chunks
 * first, and no further than an error would list. A body made to be slow here costs no more than a good one of its size.
 */
import type { FieldModel, MessageModel } from '../schema/model.ts';
import { expectedMessage, expectedOf } from './json-expected.ts';
import { isJsonObject, type JsonObject, type JsonValue, pathText } from './json-text.ts';
import { readTree, type TreeOptions } from './json-tree.ts';
import type { Violations } from './problems.ts';
import { JsonFault } from './proto-json/from-json/fault.ts';
import { isSingular, plainMessage, specialForm } from './special.ts';

/** Adds every value that the encoder refuses, each with its path. */
export function addFaults(
  message: MessageModel,
  value: JsonValue,
  found: Violations,
  caseInsensitiveEnums: boolean,
): void {
  const reading = { types: null, caseInsensitiveEnums };
  locateInMessage({ message, value, path: [], found, reading });
}

/** How many leaves of a list are tried at once; alone only where that fails. */
const CHUNK = 256;

interface Place {
  readonly message: MessageModel;
  readonly value: JsonValue;
  readonly path: readonly (string | number)[];
  readonly found: Violations;
  readonly reading: TreeOptions;
}

function locateInMessage({ message, value, path, found, reading }: Place): void {
  if (specialForm(message) !== undefined) {
    if (readTree(message, value, reading) instanceof JsonFault) {
      found.add(pathText(path), () => expectedMessage(message, value));
    }
    return;
  }
  if (!isJsonObject(value)) {
    found.add(pathText(path), () => 'expected an object');
    return;
  }
  const oneofs = new Set<string>();
  for (const [name, inner] of Object.entries(value)) {
    const field = message.byName.get(name);
    if (found.full) return;
    if (field === undefined) continue;
    const at = [...path, name];
    if (field.oneof !== undefined && inner !== null) {
      if (oneofs.has(field.oneof)) {
        found.add(pathText(at), () => `another member of oneof ${field.oneof} is set too`);
      }
      oneofs.add(field.oneof);
    }
    locateInField(field, { message, value: inner, path: at, found, reading }, name);
  }
}

function locateInField(field: FieldModel, place: Place, name: string): void {
  const { value, path, found, reading } = place;
  const inner = plainMessage(field.type);
  if (inner !== undefined && isSingular(field) && value !== null) {
    locateInMessage({ message: inner, value, path, found, reading });
    return;
  }
  if (field.cardinality === 'repeated' && Array.isArray(value)) {
    locateInList(inner, { ...place, value }, name);
  } else if (field.cardinality === 'map' && isJsonObject(value)) {
    locateInMap(inner, { ...place, value }, name);
  } else {
    tryField(place, { [name]: value }, path);
  }
}

function locateInList(
  inner: MessageModel | undefined,
  place: Place & { readonly value: readonly JsonValue[] },
  name: string,
): void {
  const { value, path, found, reading } = place;
  // Of messages only null here: their fields are looked at one by one.
  const leaves = [...value.entries()].filter(
    ([, element]) => inner === undefined || element === null,
  );
  tryLeaves(leaves, place, (some) => ({ [name]: some.map(([, element]) => element) }));
  if (inner === undefined) return;
  for (const [index, element] of value.entries()) {
    if (found.full) return;
    if (element === null) continue;
    locateInMessage({ message: inner, value: element, path: [...path, index], found, reading });
  }
}

function locateInMap(
  inner: MessageModel | undefined,
  place: Place & { readonly value: JsonObject },
  name: string,
): void {
  const { value, path, found, reading } = place;
  const before = found.count;
  // Of messages only the keys here: their fields are looked at one by one.
  const leaves = Object.entries(value).map(([key, element]): [string, JsonValue] => [
    key,
    inner !== undefined && isJsonObject(element) ? {} : element,
  ]);
  tryLeaves(leaves, place, (some) => ({ [name]: Object.fromEntries(some) }));
  // Two spellings of one key, as 1 and 01, are only wrong together.
  if (found.count === before) tryField(place, { [name]: Object.fromEntries(leaves) }, path);
  if (inner === undefined) return;
  for (const [key, element] of Object.entries(value)) {
    if (found.full) return;
    if (!isJsonObject(element)) continue;
    locateInMessage({
      message: inner,
      value: element,
      path: [...path, keyPart(key)],
      found,
      reading,
    });
  }
}

function tryLeaves<Key extends string | number>(
  leaves: readonly (readonly [Key, JsonValue])[],
  place: Place,
  make: (some: readonly (readonly [Key, JsonValue])[]) => JsonObject,
): void {
  const { message, path, found, reading } = place;
  for (let start = 0; start < leaves.length && !found.full; start += CHUNK) {
    const chunk = leaves.slice(start, start + CHUNK);
    if (!(readTree(message, make(chunk), reading) instanceof JsonFault)) continue;
    for (const leaf of chunk) {
      if (found.full) return;
      const [key] = leaf;
      const part = typeof key === 'number' ? key : keyPart(key);
      tryField(place, make([leaf]), [...path, part]);
    }
  }
}

/** An entry of a map in a path, as `["key"]`. */
function keyPart(key: string): string {
  return `[${JSON.stringify(key)}]`;
}

function tryField(
  { message, found, reading }: Place,
  object: JsonObject,
  path: readonly (string | number)[],
): void {
  if (!(readTree(message, object, reading) instanceof JsonFault)) return;
  const [[name, value] = ['', null]] = Object.entries(object);
  const field = message.byName.get(name);
  found.add(pathText(path), () =>
    field === undefined ? 'expected another value' : expectedOf(field, value),
  );
}
