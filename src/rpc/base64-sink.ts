/** Writes base64: each chunk is a padded part for itself, so that a client can read it at once (PROTOCOL-WEB.md, "Text-encoded"). */
import type { GatewayError } from '../call/error.ts';
import type { HeaderList, Sink } from '../call/types.ts';

export class Base64Sink implements Sink {
  readonly #sink: Sink;

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
    return this.#sink.write(base64(chunk));
  }

  end(trailers: HeaderList | null): void {
    this.#sink.end(trailers);
  }

  fail(reason: GatewayError): void {
    this.#sink.fail(reason);
  }
}

export function base64(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
  return Buffer.from(text, 'latin1');
}
