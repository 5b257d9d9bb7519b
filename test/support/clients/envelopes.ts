/** Messages in the envelopes of gRPC, for both ends of the tests. Source: gRPC over HTTP/2, "Length-Prefixed-Message". */

const HEAD_BYTES = 5;

export interface Envelope {
  readonly flag: number;
  readonly bytes: Buffer;
}

export function inEnvelope(flag: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head[0] = flag;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** Takes bytes as they come, and tells of those that are not a whole envelope yet. */
export class EnvelopeQueue {
  /** Of the call. */
  total = 0;
  #left: Buffer = Buffer.alloc(0);
  #ended = false;
  #waiting: (() => void)[] = [];

  push(bytes: Uint8Array): void {
    this.total += bytes.length;
    this.#left = Buffer.concat([this.#left, bytes]);
    this.#wake();
  }

  /** No byte follows. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The next whole one, undefined at the end. What is left of one that was cut is in {@link rest}. */
  async next(): Promise<Envelope | undefined> {
    for (;;) {
      const found = this.#take();
      if (found !== undefined || this.#ended) return found;
      await this.#change();
    }
  }

  async arrived(bytes: number): Promise<void> {
    while (this.total < bytes && !this.#ended) await this.#change();
  }

  get rest(): number {
    return this.#left.length;
  }

  #take(): Envelope | undefined {
    const { length } = this.#left;
    if (length < HEAD_BYTES || length < HEAD_BYTES + this.#left.readUInt32BE(1)) return undefined;
    const end = HEAD_BYTES + this.#left.readUInt32BE(1);
    const envelope = { flag: this.#left[0] ?? 0, bytes: this.#left.subarray(HEAD_BYTES, end) };
    this.#left = this.#left.subarray(end);
    return envelope;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
