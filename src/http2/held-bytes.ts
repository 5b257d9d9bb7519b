/**
 * Bytes of a body that nobody has asked for yet. They are copied, since a view of a few bytes would keep the whole chunk that they
 * came in; the window of their stream bounds them.
 */
const BLOCK_BYTES = 16_384;
const FIRST_BLOCK_BYTES = 512;

export class HeldBytes {
  #blocks: Uint8Array[] = [];
  /** How much of the last block is in use. */
  #filled = 0;

  get empty(): boolean {
    return this.#blocks.length === 0;
  }

  push(part: Uint8Array): void {
    let from = 0;
    while (from < part.length) {
      let block = this.#blocks.at(-1);
      if (block === undefined || this.#filled === block.length) {
        const least = Math.max(part.length - from, FIRST_BLOCK_BYTES, 2 * (block?.length ?? 0));
        block = new Uint8Array(Math.min(least, BLOCK_BYTES));
        this.#blocks.push(block);
        this.#filled = 0;
      }
      const taken = Math.min(block.length - this.#filled, part.length - from);
      block.set(part.subarray(from, from + taken), this.#filled);
      this.#filled += taken;
      from += taken;
    }
  }

  /** The oldest of them, as one piece; undefined where there are none. */
  shift(): Uint8Array | undefined {
    const block = this.#blocks.shift();
    if (block === undefined || this.#blocks.length > 0) return block;
    const last = block.subarray(0, this.#filled);
    this.#filled = 0;
    return last;
  }
}
