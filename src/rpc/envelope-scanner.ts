/** Looks at the heads of messages in chunks that are handed through, and at nothing else; copies nothing. */
import { checkEnvelope, ENVELOPE_BYTES, type EnvelopeRules, lengthAt } from './envelope.ts';

export class EnvelopeScanner {
  readonly #rules: EnvelopeRules | null;
  /** How many messages have begun. */
  messages = 0;
  /** How many bytes of the last chunk stand before the message that it has not ended. */
  wholeBytes = 0;
  /** Of the message that has begun, still to come. */
  #left = 0;
  /** Of a head that is cut between chunks: how many bytes were there, and what they said. */
  #headBytes = 0;
  #flag = 0;
  #length = 0;

  /** Null where somebody else has checked them. */
  constructor(rules: EnvelopeRules | null) {
    this.#rules = rules;
  }

  /** Whether the last message that has begun is complete. */
  get atEnd(): boolean {
    return this.#left === 0 && this.#headBytes === 0;
  }

  /** Throws a {@link GatewayError} for a message that is not allowed; then nothing of this chunk may be handed on. */
  scan(chunk: Uint8Array): void {
    const end = chunk.length;
    let at = 0;
    this.wholeBytes = 0;
    while (at < end) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, end - at);
        this.#left -= taken;
        at += taken;
      } else if (this.#headBytes === 0 && end - at >= ENVELOPE_BYTES) {
        this.#begin(chunk[at] ?? 0, lengthAt(chunk, at));
        at += ENVELOPE_BYTES;
      } else {
        this.#readHead(chunk[at] ?? 0);
        at++;
      }
      if (this.#left === 0 && this.#headBytes === 0) this.wholeBytes = at;
    }
  }

  #readHead(byte: number): void {
    if (this.#headBytes === 0) this.#flag = byte;
    else this.#length = this.#length * 256 + byte;
    this.#headBytes++;
    if (this.#headBytes < ENVELOPE_BYTES) return;
    const length = this.#length;
    this.#headBytes = 0;
    this.#length = 0;
    this.#begin(this.#flag, length);
  }

  #begin(flag: number, length: number): void {
    if (this.#rules !== null) checkEnvelope(flag, length, this.#rules);
    this.messages++;
    this.#left = length;
  }
}
