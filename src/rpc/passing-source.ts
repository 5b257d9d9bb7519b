/** A body on its way through: what stands between a source and its reader, and is both to them. */
import type { GatewayError } from '../call/error.ts';
import type { HeaderList, Sink, Source } from '../call/types.ts';

export abstract class PassingSource implements Source, Sink {
  onDrain: (() => void) | null = null;
  readonly #source: Source;
  #reader: Sink | null = null;

  constructor(source: Source) {
    this.#source = source;
  }

  pump(sink: Sink): void {
    this.#reader = sink;
    this.#source.pump(this);
  }

  pause(): void {
    this.#source.pause();
  }

  resume(): void {
    this.#source.resume();
  }

  cancel(reason: GatewayError): void {
    this.#reader = null;
    this.#source.cancel(reason);
  }

  abstract write(chunk: Uint8Array): boolean;

  abstract end(trailers: HeaderList | null): void;

  fail(reason: GatewayError): void {
    this.take()?.fail(reason);
  }

  /** Null before the flow and behind its end. */
  protected get reader(): Sink | null {
    return this.#reader;
  }

  /** The reader, for its last word: nothing reaches it any more. */
  protected take(): Sink | null {
    const reader = this.#reader;
    this.#reader = null;
    return reader;
  }

  /** What came cannot be handed on. */
  protected break(reason: GatewayError): void {
    const reader = this.#reader;
    this.cancel(reason);
    reader?.fail(reason);
  }
}
