/**
 * From the name of a member to its field. A client writes the members of a type in the same order every time, so the name that followed
 * last time is compared first; only where that fails the name is hashed.
 */
import type { MessageLayout } from '../layout.ts';
import { findName, type NameTable, nameTable, passName } from './names.ts';
import { colon, type Scan } from './scan.ts';
import { readText } from './text.ts';

export interface Keys {
  readonly table: NameTable;
  /** The index of the field of each name: the JSON names in the order of fields first. */
  readonly fields: Int32Array;
  /** By the position of the last name plus one, 0 at the start: the name that followed last time. */
  readonly follows: Int32Array;
}

/** All names of a message's fields. */
export function keysOf(layout: MessageLayout): Keys {
  const { fields, byName } = layout;
  const jsonNames = fields.map(({ model }) => model.jsonName);
  const first = jsonNames.filter((name, index) => byName.get(name)?.index === index);
  const names = [...new Set([...first, ...byName.keys()])];
  return {
    table: nameTable(names),
    fields: Int32Array.from(names, (name) => byName.get(name)?.index ?? -1),
    follows: Int32Array.from(
      { length: names.length + 1 },
      (_, id) => id % Math.max(names.length, 1),
    ),
  };
}

/**
 * Past a name and its colon. Returns the position of the name in the keys, -1 where no field has it; it is then the last string.
 * `last` is what the member before returned, -1 at the start.
 */
export function readKey(s: Scan, keys: Keys, last: number): number {
  const { follows, table } = keys;
  const guess = follows[last + 1] ?? 0;
  if (guess < keys.fields.length && passName(s, table, guess)) {
    colon(s);
    return guess;
  }
  readText(s);
  const found = findName(table, s.src, s.from, s.to);
  if (found !== -1) follows[last + 1] = found;
  colon(s);
  return found;
}
