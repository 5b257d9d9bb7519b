/** The upload of a dialogue over HTTP/1.1, where many clients read nothing before they have sent everything: it tells when that is. */
import type { GatewayError } from '../call/error.ts';
import type { HeaderList } from '../call/types.ts';
import { PassingSource } from './passing-source.ts';

export class UploadGate extends PassingSource {
  readonly #over = Promise.withResolvers<GatewayError | null>();

  /** Resolves behind the last byte with null, or with what ended the upload before. */
  get over(): Promise<GatewayError | null> {
    return this.#over.promise;
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
