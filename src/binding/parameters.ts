/** Query parameters into the request: by proto or JSON name, dotted into messages, repeated into lists, `name[key]` into maps. */
import { GatewayError } from '../call/error.ts';
import type { JsonValue } from '../codecs/json-text.ts';
import { quote } from '../codecs/problems.ts';
import { isSingular, plainMessage } from '../codecs/special.ts';
import type { MessageModel } from '../schema/model.ts';
import { type Draft, readingAt } from './draft.ts';
import { isFieldsParameter } from './partial.ts';
import { setEntry, setTarget } from './merge.ts';
import { type Parameter, parseQuery } from './query.ts';
import { resolveTarget, type Target } from './target.ts';
import { readText } from './text.ts';

/** What one query has set so far. */
interface Given {
  /** Names that may come once, with the key of a map entry. */
  readonly once: Set<string>;
  /** The values of repeated fields, in the order of the query. */
  readonly lists: Map<string, { readonly target: Target; readonly values: JsonValue[] }>;
}

/** Binds every parameter of the raw query; what is wrong is added to the draft. */
export function bindQuery(draft: Draft, query: string): void {
  const parameters = parseQuery(query);
  if (parameters.length === 0) return;
  const given: Given = { once: new Set(), lists: new Map() };
  for (const parameter of parameters) bindParameter(draft, parameter, given);
  for (const { target, values } of given.lists.values()) setTarget(target, values, draft);
}

function bindParameter(draft: Draft, parameter: Parameter, given: Given): void {
  const { input, body, settings } = draft.plan;
  const { name, value } = parameter;
  if (isFieldsParameter(draft.plan, name)) return;
  if (body.kind === 'whole') {
    draft.unknown.add(name, () => `no query parameter: the body of this rule is the whole message`);
    return;
  }
  const { names, entry } = splitName(input, name);
  if (names.length > settings.maxDepth) {
    const message = `query parameter ${quote(name)} is deeper than ${settings.maxDepth} levels`;
    throw new GatewayError('PG_TOO_DEEP', message);
  }
  const target = resolveTarget(input, names);
  if ('problem' in target) {
    const to = target.problem === 'unknown' ? draft.unknown : draft.invalid;
    to.add(name, () => target.description);
    return;
  }
  const problem = unfitParameter(target, entry);
  if (problem !== undefined) {
    draft.invalid.add(name, () => problem);
    return;
  }
  const text = readText(target.leaf.field.type, value, readingAt(draft, [name]));
  if ('problem' in text) draft.invalid.add(name, () => text.problem);
  else place(draft, { target, entry, name, json: text.json }, given);
}

interface Placed {
  readonly target: Target;
  readonly entry: string | undefined;
  readonly name: string;
  readonly json: JsonValue;
}

function place(draft: Draft, { target, entry, name, json }: Placed, given: Given): void {
  if (target.leaf.field.cardinality === 'repeated') {
    const list = given.lists.get(target.id);
    if (list === undefined) given.lists.set(target.id, { target, values: [json] });
    else list.values.push(json);
    return;
  }
  const id = entry === undefined ? target.id : `${target.id}[${entry}]`;
  if (given.once.has(id)) {
    draft.invalid.add(name, () => 'the parameter is given more than once');
    return;
  }
  given.once.add(id);
  if (entry === undefined) setTarget(target, json, draft);
  else setEntry(target, entry, json, draft);
}

/** `a.b[key]` as `a`, `b` and the key, which may hold anything, dots too. */
function splitName(
  input: MessageModel,
  name: string,
): { readonly names: readonly string[]; readonly entry: string | undefined } {
  if (input.byName.has(name)) return { names: [name], entry: undefined };
  const at = name.indexOf('[');
  if (at <= 0 || !name.endsWith(']')) return { names: name.split('.'), entry: undefined };
  return { names: name.slice(0, at).split('.'), entry: name.slice(at + 1, -1) };
}

/** "Repeated message fields must not be mapped to URL query parameters." */
function unfitParameter(
  { leaf: { field } }: Target,
  entry: string | undefined,
): string | undefined {
  const map = field.cardinality === 'map';
  if (map && entry === undefined) return `${field.name} is a map: write ${field.name}[key]=value`;
  if (!map && entry !== undefined) return `${field.name} is no map and takes no [key]`;
  const message = plainMessage(field.type);
  if (message === undefined) return undefined;
  return isSingular(field)
    ? `${field.name} is a message: give its fields one by one, as ${field.name}.${message.fields[0]?.name ?? 'name'}`
    : `${field.name} holds messages and can only be given in a body`;
}
