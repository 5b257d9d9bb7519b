/** From the name of a field in a template or a query to the field: the way through the messages, resolved once for templates. */
import { isSingular, plainMessage, specialForm } from '../codecs/special.ts';
import { unknownName } from '../codecs/settle.ts';
import type { FieldModel, MessageModel } from '../schema/model.ts';

/** One field on the way. */
export interface Step {
  readonly owner: MessageModel;
  readonly field: FieldModel;
  /** The name as it was written: proto or JSON name. */
  readonly key: string;
  /** The other members of its oneof, which setting this one clears. */
  readonly siblings: readonly FieldModel[];
}

export interface Target {
  readonly parents: readonly Step[];
  readonly leaf: Step;
  /** The name as it was written, for messages to the client. */
  readonly name: string;
  /** The same field under any of its names, to find out that it is given twice. */
  readonly id: string;
}

/** Why a name leads to no field. `unknown`: there is none; `closed`: a list, a map or a scalar stands in the way. */
export interface NoTarget {
  readonly problem: 'unknown' | 'closed';
  readonly description: string;
}

/** The field that the names lead to, from `message` down. `.value` of a wrapper type is the wrapper itself. */
export function resolveTarget(message: MessageModel, names: readonly string[]): Target | NoTarget {
  const steps: Step[] = [];
  let owner: MessageModel | undefined = message;
  for (const [index, key] of names.entries()) {
    if (owner === undefined) {
      const last = steps.at(-1)?.field;
      if (index === names.length - 1 && isWrapperValue(last, key)) break;
      return closed(last);
    }
    const field = owner.byName.get(key);
    if (field === undefined) {
      return { problem: 'unknown', description: unknownName(owner, key) };
    }
    steps.push({ owner, field, key, siblings: siblingsOf(owner, field) });
    owner = isSingular(field) ? plainMessage(field.type) : undefined;
  }
  const leaf = steps.pop();
  if (leaf === undefined) return { problem: 'unknown', description: 'the name is empty' };
  const id = [...steps, leaf].map(({ field }) => field.name).join('.');
  // The copy has no room left to grow: a plan keeps it for each variable.
  return { parents: [...steps], leaf, name: names.join('.'), id };
}

const NONE: readonly FieldModel[] = Object.freeze([]);

function siblingsOf(owner: MessageModel, field: FieldModel): readonly FieldModel[] {
  if (field.oneof === undefined) return NONE;
  return owner.fields.filter((other) => other.oneof === field.oneof && other !== field);
}

function isWrapperValue(field: FieldModel | undefined, key: string): boolean {
  if (field?.type.kind !== 'message' || !isSingular(field)) return false;
  return key === 'value' && specialForm(field.type.message) === 'wrapper';
}

function closed(field: FieldModel | undefined): NoTarget {
  const description = `${field?.name ?? ''} is ${closedKind(field)}, so no field of it can be named`;
  return { problem: 'closed', description };
}

function closedKind(field: FieldModel | undefined): string {
  if (field?.cardinality === 'map') return 'a map';
  if (field?.cardinality === 'repeated') return 'repeated';
  return field?.type.kind === 'message' ? 'given as one value' : 'no message';
}
