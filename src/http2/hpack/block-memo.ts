/** Header blocks that are remembered by their bytes: those of a connection repeat themselves, and one that is known costs no decoding. */
import type { FieldSection } from '../../call/transport.ts';

/** A power of two. A block takes the place of another with the same hash. */
const SLOTS = 64;
/** Longer ones are not worth their memory. */
export const MEMO_BYTES = 512;

/** What a block was decoded to, given out again when the same block comes. */
export interface DecodedSection extends FieldSection {
  /** Which bound it goes beyond, so that `fields` is cut off: the table is in step all the same. */
  readonly beyond: 'bytes' | 'count' | null;
  /** As what it was found to be valid. */
  soundAs: 'head' | 'trailers' | null;
  /** What a head that was found to be valid promises; -1 is nothing. */
  contentLength: number;
}

export interface KnownBlock {
  /** A copy. */
  readonly bytes: Uint8Array;
  readonly section: DecodedSection;
  /** What it adds to the dynamic table each time: name, value, name, value. */
  readonly added: readonly string[];
  /** The state of the dynamic table that it was read with; -1 where it reads the same whatever is in there. */
  readonly tableVersion: number;
}

/** Keyed by the bytes themselves: a string for each lookup costs 650 bytes of garbage per call. */
export class BlockMemo {
  /** Made when there is something to remember: most connections of a large number are idle. */
  #slots: (KnownBlock | undefined)[] = [];

  find(block: Uint8Array, tableVersion: number): KnownBlock | undefined {
    const known = this.#slots[slotOf(block)];
    if (known === undefined || !sameBytes(known.bytes, block)) return undefined;
    return known.tableVersion < 0 || known.tableVersion === tableVersion ? known : undefined;
  }

  keep(block: Uint8Array, known: Omit<KnownBlock, 'bytes'>): void {
    if (this.#slots.length === 0) this.#slots = Array.from({ length: SLOTS }, () => undefined);
    this.#slots[slotOf(block)] = { bytes: Uint8Array.prototype.slice.call(block), ...known };
  }
}

/** FNV-1a. */
function slotOf(block: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < block.length; i++) hash = Math.imul(hash ^ (block[i] ?? 0), 0x01000193);
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
