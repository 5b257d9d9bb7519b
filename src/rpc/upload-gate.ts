/** The upload of a dialogue over HTTP/1.1, where many clients read nothing before they have sent everything: it tells when that is. */
import { GatewayError } from '../call/error.ts';
import type { HeaderList, Sink } from '../call/types.ts';
import { collect } from '../framing/collect.ts';
import { PassingSource } from './passing-source.ts';

export class UploadGate extends PassingSource {
  readonly #over = Promise.withResolvers<GatewayError | null>();
  #pumped = false;
  /** What came before somebody read it. */
  #ahead: Promise<Uint8Array> | null = null;

  /** Resolves behind the last byte with null, or with what ended the upload before. */
  get over(): Promise<GatewayError | null> {
    return this.#over.promise;
  }

  /**
   * A service of the gateway itself reads only as it answers, and the answer waits for the upload: then this reads it, to no more than
   * `maxBytes`. No work where it is read already.
   */
  readAhead(maxBytes: number): void {
    if (this.#pumped) return;
    const source = {
      pump: (sink: Sink) => super.pump(sink),
      pause: () => this.pause(),
      resume: () => this.resume(),
      cancel: (reason: GatewayError) => this.cancel(reason),
    };
    this.#ahead = collect(source, maxBytes);
    // Whoever reads it hears of a failure.
    this.#ahead.catch(() => {});
  }

  override pump(sink: Sink): void {
    this.#pumped = true;
    if (this.#ahead === null) {
      super.pump(sink);
      return;
    }
    this.#ahead.then(
      (bytes) => {
        if (bytes.length > 0) sink.write(bytes);
        sink.end(null);
      },
      (error: unknown) => sink.fail(GatewayError.from(error)),
    );
  }

  override cancel(reason: GatewayError): void {
    this.#over.resolve(reason);
    super.cancel(reason);
  }

  write(chunk: Uint8Array): boolean {
    return this.reader?.write(chunk) ?? true;
  }

  end(trailers: HeaderList | null): void {
    this.#over.resolve(null);
    this.take()?.end(trailers);
  }

  override fail(reason: GatewayError): void {
    this.#over.resolve(reason);
    super.fail(reason);
  }
}
