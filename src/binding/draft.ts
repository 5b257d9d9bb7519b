/** A request on its way: its JSON so far and what was found wrong with it. Nothing is thrown before all of it is known. */
import { type JsonObject, type JsonValue, newJsonObject } from '../codecs/json-text.ts';
import { Violations } from '../codecs/problems.ts';
import type { Settling } from '../codecs/settle.ts';
import type { Plan } from './plan.ts';
import type { TextReading } from './text.ts';

export interface Draft {
  readonly plan: Plan;
  /** The JSON of the message; path and query are set here. Empty where {@link special} stands for it. */
  root: JsonObject;
  /** The JSON of a message whose type is no object in JSON (google.protobuf.Value and its like). */
  special: JsonValue | undefined;
  /** Fields, parameters and bodies that the rule has no place for. */
  readonly unknown: Violations;
  readonly invalid: Violations;
  /** Fields that two parts of the request disagree about. */
  readonly conflicts: Violations;
}

export function newDraft(plan: Plan): Draft {
  return {
    plan,
    root: newJsonObject(),
    special: undefined,
    unknown: new Violations(),
    invalid: new Violations(),
    conflicts: new Violations(),
  };
}

/** How texts of path and query are read, for a field at `path` of the request. */
export function readingAt(draft: Draft, path: readonly string[]): TextReading {
  const { maxDepth, json } = draft.plan.settings;
  const { caseInsensitiveEnums } = json;
  return { maxDepth, caseInsensitiveEnums, settling: settlingAt(draft, path) };
}

/** The walk along a JSON value that stands at `path` of the request. */
export function settlingAt({ plan, unknown, invalid }: Draft, path: readonly string[]): Settling {
  return { schema: plan.schema, path: [...path], unknown, invalid };
}

/** Throws what was found, the most basic mistake first: each error lists all of its kind. */
export function refuse({ plan, unknown, invalid, conflicts }: Draft): void {
  const rejects = plan.settings.strictness === 'reject';
  if (rejects && unknown.count > 0) throw unknown.error('PG_UNKNOWN_FIELD');
  if (invalid.count > 0) throw invalid.error('PG_INVALID_VALUE');
  if (rejects && conflicts.count > 0) throw conflicts.error('PG_CONFLICTING_FIELD');
}

/** What strictness `warn` tells the client. */
export function warnings({ plan, unknown, conflicts }: Draft): readonly string[] {
  if (plan.settings.strictness !== 'warn') return [];
  return [...new Set([...unknown.paths(), ...conflicts.paths()])];
}
