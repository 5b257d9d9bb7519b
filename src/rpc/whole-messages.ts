/** Envelopes on their way to a client whose end is part of the body: behind half a message no end could be told from the rest of it. */
import type { GatewayError } from '../call/error.ts';
import type { HeaderList, Sink } from '../call/types.ts';
import { GrowingBytes } from '../framing/growing-bytes.ts';
import { EnvelopeScanner } from './envelope-scanner.ts';

/** Hands whole messages on as they came; only one that is cut between chunks is copied, and is never longer than the source allows. */
export class WholeMessages implements Sink {
  readonly #sink: Sink;
  /** Who hands the chunks on has checked them. */
  readonly #scanner = new EnvelopeScanner(null);
  readonly #begun = new GrowingBytes();

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  get onDrain(): (() => void) | null {
    return this.#sink.onDrain;
  }

  set onDrain(handler: (() => void) | null) {
    this.#sink.onDrain = handler;
  }

  write(chunk: Uint8Array): boolean {
    this.#scanner.scan(chunk);
    const { wholeBytes } = this.#scanner;
    let ready = true;
    if (wholeBytes > 0) {
      const whole = wholeBytes === chunk.length ? chunk : chunk.subarray(0, wholeBytes);
      ready = this.#sink.write(this.#joined(whole));
    }
    if (wholeBytes < chunk.length) this.#begun.append(chunk.subarray(wholeBytes));
    return ready;
  }

  end(trailers: HeaderList | null): void {
    this.#sink.end(trailers);
  }

  fail(reason: GatewayError): void {
    this.#sink.fail(reason);
  }

  #joined(rest: Uint8Array): Uint8Array {
    if (this.#begun.length === 0) return rest;
    this.#begun.append(rest);
    return this.#begun.take();
  }
}
