/** Sets values of the path and the query in the JSON of a request, where a body may already have said something about the same field. */
import { fieldBytes } from '../codecs/json.ts';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  newJsonObject,
} from '../codecs/json-text.ts';
import type { Violations } from '../codecs/problems.ts';
import type { FieldModel } from '../schema/model.ts';
import type { Plan } from './plan.ts';
import type { Step, Target } from './target.ts';

export interface Merging {
  readonly plan: Plan;
  readonly root: JsonObject;
  /** Fields that two parts of the request disagree about; the later one wins where the strictness lets it. */
  readonly conflicts: Violations;
}

/** Sets one field, or its whole list. */
export function setTarget(target: Target, value: JsonValue, merging: Merging): void {
  const object = descend(target, merging);
  if (object === undefined) return;
  const { leaf } = target;
  clearSiblings(object, leaf, target, merging);
  const key = keyOf(object, leaf.field) ?? leaf.key;
  const before = object[key];
  const verdict = compare(leaf, before, value, merging);
  if (verdict === 'keep') return;
  if (verdict === 'conflict') addConflict(target, merging);
  object[key] = value;
}

/** Sets one entry of a map. */
export function setEntry(target: Target, entry: string, value: JsonValue, merging: Merging): void {
  const object = descend(target, merging);
  if (object === undefined) return;
  const map = childOf(object, target.leaf);
  if (map === undefined) return;
  const before = map[entry];
  const entryBefore = before === undefined ? undefined : { [entry]: before };
  const verdict = compare(target.leaf, entryBefore, { [entry]: value }, merging);
  if (verdict === 'keep') return;
  if (verdict === 'conflict') addConflict(target, merging);
  map[entry] = value;
}

/** The name under which an object has a field that is not null: its proto or its JSON name. */
export function keyOf(object: JsonObject, field: FieldModel): string | undefined {
  if (field.jsonName in object) return field.jsonName;
  return field.name in object ? field.name : undefined;
}

/** The object that holds the leaf; undefined where the body has something else there, which the encoder will refuse. */
function descend(target: Target, merging: Merging): JsonObject | undefined {
  let object = merging.root;
  for (const step of target.parents) {
    clearSiblings(object, step, target, merging);
    const child = childOf(object, step);
    if (child === undefined) return undefined;
    object = child;
  }
  return object;
}

function childOf(object: JsonObject, { field, key }: Step): JsonObject | undefined {
  const name = keyOf(object, field) ?? key;
  const child = object[name];
  if (child === undefined || child === null) {
    const made = newJsonObject();
    object[name] = made;
    return made;
  }
  return isJsonObject(child) ? child : undefined;
}

function clearSiblings(object: JsonObject, step: Step, target: Target, merging: Merging): void {
  for (const sibling of step.siblings) {
    const key = keyOf(object, sibling);
    if (key === undefined) continue;
    if (object[key] !== null) {
      merging.conflicts.add(
        target.name,
        () => `${sibling.name} is set too, and both are members of oneof ${sibling.oneof}`,
      );
    }
    delete object[key];
  }
}

/** `keep` also where the encoder will refuse what is there: then its place is named, not hidden. */
function compare(
  { owner, field }: Step,
  before: JsonValue | undefined,
  value: JsonValue,
  { plan }: Merging,
): 'keep' | 'set' | 'conflict' {
  if (before === undefined || before === null) return 'set';
  if (before === value) return 'keep';
  const { caseInsensitiveEnums } = plan.settings.json;
  const old = fieldBytes(owner, field, before, caseInsensitiveEnums);
  if (old === undefined) return 'keep';
  // A default of a field without presence says nothing: clients that print defaults send "" for what the path holds.
  if (old.length === 0) return 'set';
  const now = fieldBytes(owner, field, value, caseInsensitiveEnums);
  if (now === undefined) return 'set';
  return Buffer.compare(old, now) === 0 ? 'keep' : 'conflict';
}

function addConflict({ name }: Target, { conflicts }: Merging): void {
  conflicts.add(name, () => 'the request gives this field two different values');
}
