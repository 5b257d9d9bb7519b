/** Messages on the wire (gRPC over HTTP/2, "Length-Prefixed-Message"): a flag, four bytes of length, the message. */
import { GatewayError } from '../../call/error.ts';

export const ENVELOPE_BYTES = 5;
const NOTHING = new Uint8Array();

/** The envelope of a message that is not compressed; written into `target`. */
export function writeEnvelope(target: Uint8Array, length: number): Uint8Array {
  target[0] = 0;
  target[1] = length >>> 24;
  target[2] = length >>> 16;
  target[3] = length >>> 8;
  target[4] = length;
  return target;
}

/** Takes messages out of chunks of any size; the bytes of a message that came in one chunk are not copied. */
export class EnvelopeReader {
  readonly #maxBytes: number;
  /** What came and was not taken, in `#block[#from, #to)`. */
  #block: Uint8Array = NOTHING;
  #from = 0;
  #to = 0;
  /** The block is ours and has room behind `#to`; nothing of it is ever written twice, since messages are views of it. */
  #owned = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
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
   * The next message that is complete, or undefined. Throws a {@link GatewayError} for one that is larger than allowed, as soon as its
   * length is known, and for one that is compressed, which was not offered.
   */
  next(): Uint8Array | undefined {
    if (this.buffered < ENVELOPE_BYTES) return undefined;
    const block = this.#block;
    const at = this.#from;
    if (block[at] !== 0) {
      throw new GatewayError(
        'PG_UPSTREAM_PROTOCOL',
        'the service compressed a message, which it was not asked to',
        { reached: 'yes' },
      );
    }
    const length = lengthAt(block, at);
    if (length > this.#maxBytes) {
      throw new GatewayError('PG_RESPONSE_TOO_LARGE', 'a message of the service is too large', {
        reached: 'yes',
      });
    }
    const end = at + ENVELOPE_BYTES + length;
    if (end > this.#to) return undefined;
    this.#from = end;
    return block.subarray(at + ENVELOPE_BYTES, end);
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

function lengthAt(block: Uint8Array, at: number): number {
  return (
    (block[at + 1] ?? 0) * 0x100_0000 +
    (((block[at + 2] ?? 0) << 16) | ((block[at + 3] ?? 0) << 8) | (block[at + 4] ?? 0))
  );
}
