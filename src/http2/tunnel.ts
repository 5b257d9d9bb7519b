/** The bytes of both sides behind an extended CONNECT (RFC 8441 section 5), as a stream of Node: what takes one over expects that. */
import { Duplex } from 'node:stream';
import type { Sink, Source } from '../call/types.ts';

export class Tunnel extends Duplex {
  readonly #source: Source;
  readonly #sink: Sink;
  readonly #cut: () => void;
  #pumped = false;
  /** Whoever wrote waits for this. */
  #written: (() => void) | null = null;

  /** `cut` ends both sides at once. */
  constructor(source: Source, sink: Sink, cut: () => void) {
    // One side may end long before the other.
    super({ allowHalfOpen: true });
    this.#source = source;
    this.#sink = sink;
    this.#cut = cut;
    sink.onDrain = () => {
      const written = this.#written;
      this.#written = null;
      written?.();
    };
  }

  override _read(): void {
    if (this.#pumped) {
      this.#source.resume();
      return;
    }
    this.#pumped = true;
    this.#source.pump({
      onDrain: null,
      write: (chunk) => this.push(chunk),
      end: () => void this.push(null),
      fail: (reason) => void this.destroy(reason),
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#sink.write(chunk)) done();
    else this.#written = done;
  }

  override _final(done: () => void): void {
    this.#sink.end(null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#cut();
    done(error);
  }
}
