/** One request to protobuf: the body first, then the query, then the path, each over what came before. */
import { decodeJson } from '../codecs/json.ts';
import { addFaults } from '../codecs/json-faults.ts';
import { joinBytes } from '../lib/protobuf-wire.ts';
import { readBody } from './body.ts';
import { type Draft, newDraft, readingAt, refuse, warnings } from './draft.ts';
import { keyOf, setTarget } from './merge.ts';
import { bindQuery } from './parameters.ts';
import type { Plan } from './plan.ts';
import { readText } from './text.ts';
import type { BindInput, BoundRequest } from './types.ts';
import { encodeMask, impliedPaths } from './update-mask.ts';

/** The first or only message of a call. */
export function bindFirst(plan: Plan, input: BindInput): BoundRequest {
  const draft = newDraft(plan);
  const raw = readBody(draft, input.body, input.contentType);
  const implied = input.patch ? impliedPaths(draft) : [];
  bindQuery(draft, input.query);
  bindPath(draft, input.captures);
  return finish(draft, raw, implied);
}

/** A later message of a client stream: its body only. */
export function bindLater(
  plan: Plan,
  body: Uint8Array,
  contentType: string | undefined,
): BoundRequest {
  const draft = newDraft(plan);
  return finish(draft, readBody(draft, body, contentType), []);
}

function bindPath(draft: Draft, captures: readonly string[]): void {
  const { variables } = draft.plan;
  for (const [index, target] of variables.entries()) {
    const reading = readingAt(draft, [target.name]);
    const value = readText(target.leaf.field.type, captures[index] ?? '', reading);
    if ('problem' in value) draft.invalid.add(target.name, () => value.problem);
    else setTarget(target, value.json, draft);
  }
}

/** A raw body stands first, so that path and query merge over it: fields of one message merge in wire order. */
function finish(
  draft: Draft,
  raw: readonly Uint8Array[],
  implied: readonly string[],
): BoundRequest {
  const { input, mask, schema, settings } = draft.plan;
  const { caseInsensitiveEnums } = settings.json;
  // The encoder stops at the first wrong value; where something is wrong already, the client gets the others with it.
  if (draft.invalid.count > 0) {
    addFaults(input, draft.special ?? draft.root, draft.invalid, caseInsensitiveEnums);
  }
  refuse(draft);
  const options = { types: schema, caseInsensitiveEnums };
  const parts = [...raw];
  if (draft.special !== undefined) parts.push(decodeJson(input, draft.special, options));
  else if (Object.keys(draft.root).length > 0) parts.push(decodeJson(input, draft.root, options));
  const masked = mask === undefined || keyOf(draft.root, mask.field) !== undefined;
  if (!masked && implied.length > 0) parts.push(...encodeMask(mask.field, implied));
  return { bytes: joinBytes(parts), unknown: warnings(draft) };
}
