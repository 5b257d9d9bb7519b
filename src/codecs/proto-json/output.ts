/** A growing buffer that messages are written into: one per call, or one per connection, never one per field. */

const FIRST_BYTES = 1024;

/**
 * Writers may read `buf` and `pos` into locals, but must take them anew behind every call that may grow the buffer.
 * What is behind `pos` is garbage.
 */
export class Output {
  buf: Buffer;
  pos = 0;

  constructor(bytes: number = FIRST_BYTES) {
    this.buf = Buffer.allocUnsafeSlow(bytes);
  }

  /** Room for `bytes` more behind `pos`; what is written stays. */
  ensure(bytes: number): void {
    if (this.pos + bytes > this.buf.length) this.#grow(bytes);
  }

  /** Copies raw bytes, as a key that is encoded already. */
  bytes(source: Uint8Array): void {
    this.ensure(source.length);
    this.buf.set(source, this.pos);
    this.pos += source.length;
  }

  byte(value: number): void {
    this.ensure(1);
    this.buf[this.pos++] = value;
  }

  /** ASCII text. */
  ascii(text: string): void {
    this.ensure(text.length);
    this.pos += this.buf.write(text, this.pos, 'latin1');
  }

  /** What has been written since `from`, as a copy that outlives this buffer. */
  copy(from = 0): Buffer {
    return Buffer.from(this.buf.subarray(from, this.pos));
  }

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buf.length * 2, this.pos + bytes));
    this.buf.copy(grown, 0, 0, this.pos);
    this.buf = grown;
  }
}

/** A larger buffer is given back rather than kept for messages that may never come again. */
const KEPT_BYTES = 1024 * 1024;

/** One output for all calls of a place, since nothing is asynchronous between `take` and `finish`; what is written leaves it as a copy. */
export class Scratch {
  #output = new Output();

  /** Empty. What an earlier call wrote and did not finish is gone. */
  take(): Output {
    this.#trim();
    this.#output.pos = 0;
    return this.#output;
  }

  /** What has been written since `take`, in a buffer of its own size. */
  finish(): Buffer {
    const written = this.#output.copy();
    this.#trim();
    return written;
  }

  #trim(): void {
    if (this.#output.buf.length > KEPT_BYTES) this.#output = new Output();
  }
}
