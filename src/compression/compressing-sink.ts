/** A sink that hands on what it gets compressed, each part at once: a message of a stream arrives when it is sent. */
import type { Transform } from 'node:stream';
import { GatewayError } from '../call/error.ts';
import type { HeaderList, Sink } from '../call/types.ts';
import type { ContentCoding } from './content-coding.ts';

/**
 * What waits is what the compressor holds, about 64 KB, and what the reader behind it holds: where that stops taking, so does this.
 * `fail` and {@link CompressingSink.drop} release the compressor.
 */
export class CompressingSink implements Sink {
  onDrain: (() => void) | null = null;
  readonly #target: Sink;
  readonly #stream: Transform;
  #trailers: HeaderList | null = null;
  #ended = false;

  constructor(target: Sink, coding: ContentCoding) {
    this.#target = target;
    const stream = coding.compressor();
    this.#stream = stream;
    target.onDrain = () => stream.resume();
    stream.on('data', (chunk: Uint8Array) => {
      if (!target.write(chunk)) stream.pause();
    });
    stream.on('drain', () => this.onDrain?.());
    stream.on('end', () => target.end(this.#trailers));
    stream.on('error', (cause) =>
      this.fail(new GatewayError('PG_INTERNAL', 'the answer could not be compressed', { cause })),
    );
  }

  write(chunk: Uint8Array): boolean {
    if (this.#ended) return true;
    return this.#stream.write(chunk);
  }

  end(trailers: HeaderList | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#trailers = trailers;
    this.#stream.end();
  }

  fail(reason: GatewayError): void {
    this.drop();
    this.#target.fail(reason);
  }

  /** The reader is gone, also behind `end`. */
  drop(): void {
    this.#ended = true;
    this.#stream.destroy();
  }
}
