/** A source that hands on what another sends compressed, part by part. */
import type { Transform } from 'node:stream';
import { GatewayError } from '../call/error.ts';
import type { HeaderList, Sink, Source } from '../call/types.ts';
import type { ContentCoding } from './content-coding.ts';

/** Real messages shrink to a tenth, very repetitive ones to a hundredth; bombs to a thousandth and far less. */
const MOST_MADE_OF_ONE = 200;

/**
 * Fails with PG_MALFORMED_ENCODING on what cannot be inflated, and with PG_BODY_TOO_LARGE on what becomes 200 times as large as what came
 * and larger than `freeBytes`. What waits inflated is what the stream of node:zlib holds, some 16 KB.
 */
export class InflatingSource implements Source, Sink {
  onDrain: (() => void) | null = null;
  readonly #source: Source;
  readonly #stream: Transform;
  #reader: Sink | null = null;
  #spareBytes: number;

  constructor(source: Source, coding: ContentCoding, freeBytes: number) {
    this.#source = source;
    this.#spareBytes = freeBytes;
    const stream = coding.decompressor();
    this.#stream = stream;
    stream.on('data', (chunk: Uint8Array) => this.#onInflated(chunk));
    stream.on('drain', () => source.resume());
    stream.on('end', () => this.#take()?.end(null));
    stream.on('error', (cause) => this.#break(malformed(cause)));
    // It flows from `pump` on.
    stream.pause();
  }

  pump(sink: Sink): void {
    this.#reader = sink;
    this.#stream.resume();
    this.#source.pump(this);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  cancel(reason: GatewayError): void {
    this.#reader = null;
    this.#stream.destroy();
    this.#source.cancel(reason);
  }

  write(chunk: Uint8Array): boolean {
    this.#spareBytes += chunk.length * MOST_MADE_OF_ONE;
    return this.#stream.write(chunk);
  }

  end(_trailers: HeaderList | null): void {
    this.#stream.end();
  }

  fail(reason: GatewayError): void {
    this.#stream.destroy();
    this.#take()?.fail(reason);
  }

  #onInflated(chunk: Uint8Array): void {
    this.#spareBytes -= chunk.length;
    if (this.#spareBytes < 0) {
      const message = `the request body inflates to more than ${MOST_MADE_OF_ONE} times its size`;
      this.#break(new GatewayError('PG_BODY_TOO_LARGE', message));
    } else if (this.#reader?.write(chunk) === false) {
      this.#stream.pause();
    }
  }

  #break(reason: GatewayError): void {
    const reader = this.#take();
    this.#stream.destroy();
    this.#source.cancel(reason);
    reader?.fail(reason);
  }

  #take(): Sink | null {
    const reader = this.#reader;
    this.#reader = null;
    return reader;
  }
}

/** What the client has sent is not what its Content-Encoding says, or breaks off. */
export function malformed(cause: unknown): GatewayError {
  const message =
    'the request body cannot be decompressed: it is corrupt, cut off, or not what Content-Encoding says';
  return new GatewayError('PG_MALFORMED_ENCODING', message, { cause });
}
