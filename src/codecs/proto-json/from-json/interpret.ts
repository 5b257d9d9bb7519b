/** Reading by a list of closures, one per field: where code may not be generated, and for types too large to compile. */
import type { FieldLayout, MessageLayout, ValueLayout } from '../layout.ts';
import { enumReader, putEnum } from './enums.ts';
import { type Keys, keysOf, readKey } from './keys.ts';
import { putKey } from './map-keys.ts';
import { addMet, type Met, newMet } from './names.ts';
import { PUT, type Put } from './scalars.ts';
import {
  fault,
  moreMembers,
  NULL,
  openObject,
  type ReadBody,
  type Readers,
  readNull,
  type Scan,
} from './scan.ts';
import {
  ENTRY_VALUE,
  keyType,
  putGroup,
  putList,
  putMap,
  putMessage,
  putPacked,
  tagOf,
  takesNull,
} from './shapes.ts';
import { ignoreMember, isTypeName, skipValue } from './skip.ts';

interface FieldPlan {
  /** Reads what stands behind the colon; false where it is no value after all, as {@link Put}. */
  readonly read: (s: Scan) => boolean;
  readonly takesNull: boolean;
  /** -1, or the mark of its oneof: behind those of the fields. */
  readonly oneofMark: number;
}

/** Reads a message as an object of its fields. */
export function interpret(layout: MessageLayout, readers: Readers): ReadBody {
  const keys = keysOf(layout);
  const fields = layout.fields.map((field) => planField(field, layout, readers));
  return (s, typed) => readMembers(s, typed, keys, fields);
}

/** Reads the JSON of one field and writes it with its tag. */
export function interpretField(
  layout: MessageLayout,
  field: FieldLayout,
  readers: Readers,
): ReadBody {
  const plan = planField(field, layout, readers);
  return (s) => {
    if (s.json[s.at] === NULL && !plan.takesNull) readNull(s);
    else plan.read(s);
  };
}

/** How a value is read by its type. */
export function putOf(value: ValueLayout, readers: Readers): Put {
  const { kind } = value;
  if (value.enum !== null) {
    const reader = enumReader(value.enum);
    return (s, tag, keep) => putEnum(s, tag, keep, reader);
  }
  if (value.message !== null) {
    const reader = readers(value.message);
    if (kind === 'group') return (s, tag) => putGroup(s, tag, reader);
    return (s, tag) => putMessage(s, tag, reader);
  }
  if (kind === 'enum' || kind === 'message' || kind === 'group')
    throw new Error(`no type: ${kind}`);
  return PUT[kind];
}

function planField(field: FieldLayout, layout: MessageLayout, readers: Readers): FieldPlan {
  return {
    read: planShape(field, putOf(field.value, readers)),
    takesNull: takesNull(field),
    oneofMark: field.oneof === -1 ? -1 : layout.fields.length + field.oneof,
  };
}

function planShape(field: FieldLayout, put: Put): FieldPlan['read'] {
  const tag = tagOf(field);
  const { presence } = field;
  if (field.shape === 'single') return (s) => put(s, tag, presence);
  if (field.shape === 'map') {
    const valueTag = ENTRY_VALUE + field.value.wire;
    const plan = { tag, valueTag, putKey: putKey(keyType(field)), put };
    return (s) => {
      putMap(s, plan);
      return true;
    };
  }
  const putAll = field.packed ? putPacked : putList;
  return (s) => {
    putAll(s, tag, put);
    return true;
  };
}

/** One bit per field and oneof that was met. */
interface Marks {
  low: number;
  high: number[] | null;
}

function readMembers(s: Scan, typed: boolean, keys: Keys, fields: readonly FieldPlan[]): void {
  if (!openObject(s)) return;
  const marks: Marks = { low: 0, high: null };
  let met: Met | null = null;
  let last = -1;
  do {
    last = readKey(s, keys, last);
    const index = keys.fields[last] ?? -1;
    const field = fields[index];
    if (field === undefined) {
      met ??= newMet();
      readUnknown(s, typed, met);
    } else {
      if (mark(marks, index)) fault(s);
      readField(s, field, marks);
    }
  } while (moreMembers(s));
}

function readField(s: Scan, field: FieldPlan, marks: Marks): void {
  if (s.json[s.at] === NULL && !field.takesNull) readNull(s);
  else if (field.read(s) && field.oneofMark !== -1 && mark(marks, field.oneofMark)) fault(s);
}

/** A member that the message has not, whose name is the last string. */
export function readUnknown(s: Scan, typed: boolean, met: Met): void {
  addMet(s, met);
  if (typed && isTypeName(s)) skipValue(s);
  else ignoreMember(s);
}

/** Whether it was marked before. */
function mark(marks: Marks, index: number): boolean {
  const bit = 1 << (index & 31);
  if (index < 32) {
    const was = (marks.low & bit) !== 0;
    marks.low |= bit;
    return was;
  }
  marks.high ??= [];
  const word = (index >> 5) - 1;
  while (marks.high.length <= word) marks.high.push(0);
  const before = marks.high[word] ?? 0;
  marks.high[word] = before | bit;
  return (before & bit) !== 0;
}
