/** Enums by name or number. */
import type { EnumModel } from '../../../schema/model.ts';
import type { EnumLayout } from '../layout.ts';
import { findName, type NameTable, nameTable } from './names.ts';
import { readInt32 } from './scalars.ts';
import { fault, NULL, QUOTE, readNull, type Scan } from './scan.ts';
import { readText, textOf } from './text.ts';
import { writeInteger, writeTag } from './wire.ts';

/** What reading needs of an enum; made once. */
export interface EnumReader {
  readonly names: NameTable;
  /** The number of each name. */
  readonly numbers: Int32Array;
  /** The numbers that a closed enum takes, null where it is open. */
  readonly closed: ReadonlySet<number> | null;
  readonly isNull: boolean;
  readonly model: EnumModel;
  /** By name in lower case; made when first needed. */
  folded: ReadonlyMap<string, number> | null;
}

const readers = new WeakMap<EnumLayout, EnumReader>();

export function enumReader(layout: EnumLayout): EnumReader {
  let reader = readers.get(layout);
  if (reader === undefined) {
    const { model, isNull } = layout;
    const numbers = Int32Array.from(model.values.values());
    reader = {
      names: nameTable([...model.values.keys()]),
      numbers,
      closed: model.closed ? new Set(numbers) : null,
      isNull,
      model,
      folded: null,
    };
    readers.set(layout, reader);
  }
  return reader;
}

/** An enum value; 0 only with `keep`. False where its name is unknown and may be. Tag 0 writes no tag. */
export function putEnum(s: Scan, tag: number, keep: boolean, reader: EnumReader): boolean {
  let number = 0;
  const c = s.json[s.at];
  if (c === QUOTE) {
    readText(s);
    const id = findName(reader.names, s.src, s.from, s.to);
    const known = id === -1 ? folded(s, reader) : reader.numbers[id];
    if (known === undefined) {
      if (!s.options.ignoreUnknown) fault(s);
      s.ignored++;
      return false;
    }
    number = known;
  } else if (c === NULL && reader.isNull) {
    readNull(s);
  } else {
    number = readInt32(s);
    if (reader.closed?.has(number) === false) fault(s);
  }
  if (number === 0 && !keep) return true;
  writeTag(s.out, tag);
  writeInteger(s.out, number);
  return true;
}

function folded(s: Scan, reader: EnumReader): number | undefined {
  if (!s.options.caseInsensitiveEnums) return undefined;
  if (reader.folded === null) {
    const byName = new Map<string, number>();
    for (const [name, number] of reader.model.values) {
      if (!byName.has(name.toLowerCase())) byName.set(name.toLowerCase(), number);
    }
    reader.folded = byName;
  }
  return reader.folded.get(textOf(s).toLowerCase());
}
