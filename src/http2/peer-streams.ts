/** Which streams there have been: what a frame on one that is no more means depends on how it went (RFC 9113 section 5.1). */

/** How many streams that we have reset are remembered: the peer may still send on them for a while. */
const REMEMBERED_RESETS = 1_000;
/** Streams that the peer has passed over, as ranges; older ones count as closed. */
const REMEMBERED_GAPS = 16;

export class PeerStreams {
  /** The highest that the peer has opened; 0 is none. */
  lastId = 0;
  /** First and last of each range that was passed over. */
  #gaps: number[] = [];
  readonly #resets = new Set<number>();
  #forgotResets = false;

  /** The peer opens `id`, which is higher than the last one. */
  open(id: number): void {
    const next = this.lastId === 0 ? 1 : this.lastId + 2;
    if (id > next) {
      if (this.#gaps.length >= 2 * REMEMBERED_GAPS) this.#gaps = this.#gaps.slice(2);
      this.#gaps.push(next, id - 2);
    }
    this.lastId = id;
  }

  /** Whether the peer went by `id` without opening it; it can't any more (RFC 9113 section 5.1.1). */
  passedOver(id: number): boolean {
    for (let i = 0; i < this.#gaps.length; i += 2) {
      if (id >= (this.#gaps[i] ?? 0) && id <= (this.#gaps[i + 1] ?? 0)) return true;
    }
    return false;
  }

  reset(id: number): void {
    if (this.#resets.size >= REMEMBERED_RESETS) {
      this.#resets.clear();
      this.#forgotResets = true;
    }
    this.#resets.add(id);
  }

  /** Whether we have reset `id`, so that the peer may not know yet that it is over. */
  wasReset(id: number): boolean {
    return this.#forgotResets || this.#resets.has(id);
  }
}
