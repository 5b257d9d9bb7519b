/**
 * The open streams of a connection by their id: open addressing, since ids follow each other and most streams are short.
 *
 * Not a Map: a Map of V8 that is filled and emptied is copied every few changes, and the copy that it leaves behind goes on pointing at
 * the next one. Once one of them was promoted, the scavenger keeps whatever was open in any later one, call and all, until the
 * next full collection: a quarter of everything that calls allocated, and most of the resident memory under load.
 */
import type { Stream } from './stream.ts';

/** A power of two. */
const FIRST_SLOTS = 8;

export class StreamTable {
  /** At most half full, so that every search ends at an empty slot. */
  #slots: (Stream | null)[] = emptySlots(FIRST_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Stream | undefined {
    return this.#slots[this.#find(id)] ?? undefined;
  }

  /** Adds a stream whose id is not in the table. */
  add(stream: Stream): void {
    if (2 * (this.#size + 1) > this.#slots.length) this.#grow();
    this.#slots[this.#find(stream.id)] = stream;
    this.#size++;
  }

  /** Whether it was there. */
  delete(id: number): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#find(id);
    if (slots[hole] === null) return false;
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const stream = slots[at] ?? null;
      if (stream === null) break;
      // One that would no longer be found behind the hole moves into it.
      if (((at - homeOf(stream.id)) & mask) < ((at - hole) & mask)) continue;
      slots[hole] = stream;
      hole = at;
    }
    slots[hole] = null;
    this.#size--;
    return true;
  }

  clear(): void {
    this.#slots = emptySlots(FIRST_SLOTS);
    this.#size = 0;
  }

  /** A copy in no order, since whoever walks over it may end streams. */
  all(): Stream[] {
    return this.#size === 0 ? [] : this.#slots.filter((stream) => stream !== null);
  }

  /** The slot of `id`, or the empty one where it would be. */
  #find(id: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = homeOf(id) & mask;
    for (let stream = slots[at]; stream; stream = slots[at]) {
      if (stream.id === id) break;
      at = (at + 1) & mask;
    }
    return at;
  }

  #grow(): void {
    const streams = this.all();
    this.#slots = emptySlots(2 * this.#slots.length);
    for (const stream of streams) this.#slots[this.#find(stream.id)] = stream;
  }
}

/** The ids of one side are all odd or all even. */
function homeOf(id: number): number {
  return id >>> 1;
}

function emptySlots(count: number): (Stream | null)[] {
  return Array.from({ length: count }, () => null);
}
