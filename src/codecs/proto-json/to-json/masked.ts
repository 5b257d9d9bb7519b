/**
 * Messages of which only a part is wanted. They are gathered and written by the layout, whatever the rest of the process does; what a
 * mask keeps whole goes to the writer of whole messages again, compiled where there is one.
 */
import { CodecError } from '../error.ts';
import type { FieldLayout } from '../layout.ts';
import { MAX_DEPTH } from '../wire.ts';
import {
  mapEntries,
  type Target,
  writeEntry,
  writeFieldOrDefault,
  writeMembers,
  type WriteMessage,
} from './fields.ts';
import { gather, type Place } from './gather.ts';
import type { MapMask, Mask, MessageMask } from './mask.ts';

/** A writer of messages that keeps what `mask` keeps; `whole` writes what is kept whole. */
export function maskedMessage(mask: MessageMask, whole: WriteMessage): WriteMessage {
  const masks = new Map(mask.parts.map((part) => [part.field, part.mask]));
  const fields = mask.parts.map(({ field }) => field);
  return (layout, b, { start, end }, to) => {
    if (++to.depth > MAX_DEPTH) throw new CodecError('messages nest too deep');
    const gathered = gather(layout, b, start, end);
    const all: Target = { ...to, writeMessage: whole };
    writeMembers(fields, to, (field) => {
      const part = masks.get(field) ?? null;
      return writeMaskedField({ field, mask: part }, b, gathered[field.index], all);
    });
    to.depth--;
  };
}

/** False where the field has nothing to show. `to` writes whole messages. */
export function writeMaskedField(
  { field, mask }: { readonly field: FieldLayout; readonly mask: Mask | null },
  b: Uint8Array,
  places: readonly Place[] | undefined,
  to: Target,
): boolean {
  if (mask === null || places === undefined) return writeFieldOrDefault(field, b, places, to);
  if (mask.kind === 'message') {
    const writeMessage = maskedMessage(mask, to.writeMessage);
    return writeFieldOrDefault(field, b, places, { ...to, writeMessage });
  }
  writeMaskedMap({ field, mask }, b, places, to);
  return true;
}

function writeMaskedMap(
  { field, mask }: { readonly field: FieldLayout; readonly mask: MapMask },
  b: Uint8Array,
  places: readonly Place[],
  to: Target,
): void {
  const { out } = to;
  const every = mask.every === undefined ? undefined : targetFor(mask.every, to);
  const entries = mapEntries(field, b, places, to);
  out.byte(0x7b);
  const empty = out.pos;
  for (const [key, entry] of entries) {
    const own = mask.keys.get(key);
    const target = own === undefined ? every : targetFor(own, to);
    if (target === undefined) continue;
    if (out.pos > empty) out.byte(0x2c);
    writeEntry(field, b, entry, target);
  }
  out.byte(0x7d);
}

/** Values of maps are no maps. */
function targetFor(mask: Mask | null, to: Target): Target {
  if (mask?.kind !== 'message') return to;
  return { ...to, writeMessage: maskedMessage(mask, to.writeMessage) };
}
