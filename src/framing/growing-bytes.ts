/** Bytes that arrive in parts of any size, kept in one block. */

const FIRST_BLOCK = 1024;

/**
 * The block doubles when it is full, so each byte is copied a bounded number of times. A list of parts would cost an object for each
 * and pin the chunk that it came in: a client that sends one byte at a time would make a megabyte cost hundreds.
 */
export class GrowingBytes {
  #block: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(part: Uint8Array): void {
    const needed = this.#length + part.length;
    if (needed > this.#block.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#block.length, FIRST_BLOCK));
      grown.set(this.#block.subarray(0, this.#length));
      this.#block = grown;
    }
    this.#block.set(part, this.#length);
    this.#length = needed;
  }

  /** All that was appended; who takes it owns it, and the next part begins anew. */
  take(): Uint8Array {
    const whole = this.#block.subarray(0, this.#length);
    this.#block = Buffer.alloc(0);
    this.#length = 0;
    return whole;
  }
}
