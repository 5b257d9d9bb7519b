/**
 * The fields of one message, gathered from the wire whatever their order: what protobuf's merge rules say about repeats, oneofs and runs
 * that are interrupted. The exact and slower half of writing JSON; also how well-known types are looked into.
 */
import { CodecError } from '../error.ts';
import type { FieldLayout, MessageLayout, ValueLayout } from '../layout.ts';
import { cursor, groupEnd, readTag, skip, varint } from '../wire.ts';

/** Where a value stands: the content of a message or a string without its length, a packed run, or one number. */
export interface Place {
  readonly start: number;
  readonly end: number;
  readonly packed: boolean;
}

/** By field index: every occurrence in wire order; for a oneof only the member that came last. */
export type Gathered = readonly (readonly Place[] | undefined)[];

/** Unknown fields and numbers of closed enums, and known fields of another wire type, are passed over. */
export function gather(layout: MessageLayout, b: Uint8Array, start: number, end: number): Gathered {
  const places: (Place[] | undefined)[] = Array.from({ length: layout.fields.length });
  const winners: (FieldLayout | undefined)[] = [];
  let p = start;
  while (p < end) {
    const tag = readTag(b, p, end);
    const at = cursor.pos;
    const field = layout.byNumber.get(tag >>> 3);
    p = skip(tag, b, at, end);
    const place = field === undefined ? undefined : placeOf(field, tag, b, { start: at, end: p });
    if (field === undefined || place === undefined) continue;
    if (!place.packed && field.shape !== 'map' && isForeign(field.value, b, place)) continue;
    if (field.oneof >= 0) {
      const before = winners[field.oneof];
      if (before !== undefined && before !== field) places[before.index] = undefined;
      winners[field.oneof] = field;
    }
    (places[field.index] ??= []).push(place);
  }
  if (p !== end) throw new CodecError('a message is cut off');
  return places;
}

/** Whether it is a number that a closed enum has not: that counts as an unknown field. */
export function isForeign(
  { enum: names }: ValueLayout,
  b: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  return names !== null && names.model.closed && !names.text.has(varint(b, start, end) | 0);
}

/** Undefined where the wire type is not one of the field. */
function placeOf(
  { shape, value }: FieldLayout,
  tag: number,
  b: Uint8Array,
  span: { readonly start: number; readonly end: number },
): Place | undefined {
  const wire = tag & 7;
  const expected = shape === 'map' ? 2 : value.wire;
  if (wire === 2 && expected !== 2) {
    // Packed or not, a parser must take both.
    const packable = shape === 'repeated' && expected !== 3;
    return packable ? { ...delimited(b, span), packed: true } : undefined;
  }
  if (wire !== expected) return undefined;
  if (wire === 2) return { ...delimited(b, span), packed: false };
  if (wire === 3) {
    return { start: span.start, end: groupEnd(tag, b, span.start, span.end).end, packed: false };
  }
  return { ...span, packed: false };
}

/** Without the length in front. */
function delimited(
  b: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
): { start: number; end: number } {
  let at = start;
  while ((b[at] ?? 0) > 0x7f) at++;
  return { start: at + 1, end };
}
