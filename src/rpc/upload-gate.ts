/** The upload of a dialogue over HTTP/1.1, where many clients read nothing before they have sent everything: it tells when that is. */
import type { GatewayError } from '../call/error.ts';
import type { HeaderList, Sink, Source } from '../call/types.ts';

export class UploadGate implements Source, Sink {
  onDrain: (() => void) | null = null;
  readonly #source: Source;
  readonly #over = Promise.withResolvers<GatewayError | null>();
  #sink: Sink | null = null;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Resolves behind the last byte with null, or with what ended the upload before. */
  get over(): Promise<GatewayError | null> {
    return this.#over.promise;
  }

  pump(sink: Sink): void {
    this.#sink = sink;
    this.#source.pump(this);
  }

  pause(): void {
    this.#source.pause();
  }

  resume(): void {
    this.#source.resume();
  }

  cancel(reason: GatewayError): void {
    this.#sink = null;
    this.#over.resolve(reason);
    this.#source.cancel(reason);
  }

  write(chunk: Uint8Array): boolean {
    return this.#sink?.write(chunk) ?? true;
  }

  end(trailers: HeaderList | null): void {
    const sink = this.#sink;
    this.#sink = null;
    this.#over.resolve(null);
    sink?.end(trailers);
  }

  fail(reason: GatewayError): void {
    const sink = this.#sink;
    this.#sink = null;
    this.#over.resolve(reason);
    sink?.fail(reason);
  }
}
