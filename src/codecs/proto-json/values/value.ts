/** Messages as values, for whoever must look inside. All lookups are in maps: no name or key of a message becomes a property of an object. */
import { CodecError } from '../error.ts';
import type { FieldLayout, MessageLayout } from '../layout.ts';

/**
 * Integers of 32 bits, enums, float and double are numbers; those of 64 bits are bigints. A string is a string; one that is not UTF-8,
 * which only proto2 allows, is kept as its bytes.
 */
export type Scalar = number | bigint | boolean | string | Uint8Array;

export type Single = Scalar | MessageValue;

/** By their values: 64-bit keys are bigints, and equal ones are one key. */
export type MapKey = number | bigint | boolean | string;

export type FieldValue = Single | Single[] | Map<MapKey, Single>;

export interface MessageValue {
  readonly layout: MessageLayout;
  /** By field number. A field without presence is there only with another value than its default; lists and maps are never empty. */
  readonly fields: Map<number, FieldValue>;
  /** Fields that the layout has not, each with its tag; also enum numbers that a closed enum has not. In the order of the wire. */
  readonly unknown: Uint8Array[];
}

/** A message without fields. */
export function newMessage(layout: MessageLayout): MessageValue {
  return { layout, fields: new Map(), unknown: [] };
}

/** The value of a field by its proto or JSON name; undefined where it is not set or not known. */
export function valueOf(message: MessageValue, name: string): FieldValue | undefined {
  const field = message.layout.byName.get(name);
  return field === undefined ? undefined : message.fields.get(field.number);
}

/** Whether a value is the default of a field without presence. A negative zero is not. */
export function isDefaultValue(value: FieldValue): boolean {
  if (typeof value === 'number') return Object.is(value, 0);
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length === 0;
  return value === 0n || value === false;
}

/** Sets a field that is not a list or map, as the wire does: the other members of its oneof are gone, and a default without presence is none. */
export function setSingle(
  { layout, fields }: MessageValue,
  field: FieldLayout,
  value: Single,
): void {
  if (field.oneof >= 0) {
    for (const other of layout.fields) if (other.oneof === field.oneof) fields.delete(other.number);
  }
  if (field.presence || !isDefaultValue(value)) fields.set(field.number, value);
  else fields.delete(field.number);
}

/** Whether it is a message and neither bytes, a list nor a map. */
export function isMessage(value: FieldValue): value is MessageValue {
  return typeof value === 'object' && 'layout' in value;
}

/** For a value that is none of its field's type: whoever made it made a mistake. */
export function wrongValue(kind: string, value: unknown): never {
  throw new CodecError(`a ${kind} field cannot hold a value of type ${typeof value}`);
}
