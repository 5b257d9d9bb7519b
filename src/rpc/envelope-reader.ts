/** Takes messages out of chunks of any size. */
import { checkEnvelope, ENVELOPE_BYTES, type EnvelopeRules, lengthAt } from './envelope.ts';

const NOTHING = new Uint8Array();

/** The bytes of a message that came in one chunk are not copied. */
export class EnvelopeReader {
  readonly #rules: EnvelopeRules;
  /** What came and was not taken, in `#block[#from, #to)`. */
  #block: Uint8Array = NOTHING;
  #from = 0;
  #to = 0;
  /** The block is ours and has room behind `#to`; nothing of it is ever written twice, since messages are views of it. */
  #owned = false;

  constructor(rules: EnvelopeRules) {
    this.#rules = rules;
  }

  /** Bytes that wait. */
  get buffered(): number {
    return this.#to - this.#from;
  }

  push(chunk: Uint8Array): void {
    if (this.buffered === 0) {
      this.#block = chunk;
      this.#from = 0;
      this.#to = chunk.length;
      this.#owned = false;
      return;
    }
    if (!this.#owned || this.#to + chunk.length > this.#block.length) this.#grow(chunk.length);
    this.#block.set(chunk, this.#to);
    this.#to += chunk.length;
  }

  /**
   * The next message that is complete, in its envelope, or undefined. Throws a {@link GatewayError} for one that is not allowed as soon
   * as its head is there.
   */
  next(): Uint8Array | undefined {
    if (this.buffered < ENVELOPE_BYTES) return undefined;
    const block = this.#block;
    const at = this.#from;
    const length = lengthAt(block, at);
    checkEnvelope(block[at] ?? 0, length, this.#rules);
    const end = at + ENVELOPE_BYTES + length;
    if (end > this.#to) return undefined;
    this.#from = end;
    return at === 0 && end === block.length ? block : block.subarray(at, end);
  }

  /** All that waits, complete or not. */
  takeAll(): Uint8Array {
    const all = this.#block.subarray(this.#from, this.#to);
    this.clear();
    return all;
  }

  /** Lets go of what waits. */
  clear(): void {
    this.#block = NOTHING;
    this.#from = 0;
    this.#to = 0;
    this.#owned = false;
  }

  /** Doubles, so that each byte is copied a bounded number of times however small the chunks are. */
  #grow(more: number): void {
    const { buffered } = this;
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * (buffered + more), 1024));
    grown.set(this.#block.subarray(this.#from, this.#to));
    this.#block = grown;
    this.#from = 0;
    this.#to = buffered;
    this.#owned = true;
  }
}
