/** Messages over a Source: pulls chunks through a decoder and pauses the sender while messages wait. */
import { PushBody } from '../call/body.ts';
import { GatewayError } from '../call/error.ts';
import type { CodecName } from '../call/message.ts';
import type { Body, Sink, Source } from '../call/types.ts';
import type { FrameDecoder } from './types.ts';

/**
 * What waits is what one chunk held: the source is paused while anything does, and resumed by the consumer's next pull.
 * `maxBytes` bounds the whole body; Infinity for streams, whose messages have a bound of their own.
 */
export function framedBody(
  source: Source,
  decoder: FrameDecoder,
  options: { readonly codec: CodecName; readonly maxBytes: number },
): Body {
  const sink = new FrameSink(source, decoder, options);
  return sink.body;
}

class FrameSink implements Sink {
  onDrain: (() => void) | null = null;
  readonly body: PushBody;
  readonly #source: Source;
  readonly #decoder: FrameDecoder;
  readonly #maxBytes: number;
  readonly #emit: (bytes: Uint8Array) => void;
  #bytes = 0;
  #started = false;

  constructor(
    source: Source,
    decoder: FrameDecoder,
    options: { readonly codec: CodecName; readonly maxBytes: number },
  ) {
    this.#source = source;
    this.#decoder = decoder;
    this.#maxBytes = options.maxBytes;
    this.body = new PushBody({
      pull: () => this.#pull(),
      cancel: (reason) => source.cancel(reason),
    });
    this.#emit = (bytes) => this.body.push({ codec: options.codec, bytes });
  }

  #pull(): void {
    if (this.#started) {
      this.#source.resume();
      return;
    }
    this.#started = true;
    this.#source.pump(this);
  }

  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) {
      this.#refuse(
        new GatewayError(
          'PG_BODY_TOO_LARGE',
          `the request body is larger than ${this.#maxBytes} bytes`,
        ),
      );
      return false;
    }
    this.#decode(() => this.#decoder.push(chunk, this.#emit));
    return this.body.waiting === 0;
  }

  end(): void {
    this.#decode(() => this.#decoder.finish(this.#emit));
    this.body.end();
  }

  fail(reason: GatewayError): void {
    this.body.fail(reason);
  }

  #decode(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#refuse(GatewayError.from(error));
    }
  }

  #refuse(reason: GatewayError): void {
    this.body.fail(reason);
    this.#source.cancel(reason);
  }
}
