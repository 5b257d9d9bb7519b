/** Chunks of a client on their way through: the heads of messages are checked, nothing is copied. */
import { GatewayError } from '../call/error.ts';
import type { HeaderList, Source } from '../call/types.ts';
import type { EnvelopeRules } from './envelope.ts';
import { EnvelopeScanner } from './envelope-scanner.ts';
import { PassingSource } from './passing-source.ts';

export class ScannedSource extends PassingSource {
  readonly #rules: EnvelopeRules;
  readonly #scanner: EnvelopeScanner;

  constructor(source: Source, rules: EnvelopeRules) {
    super(source);
    this.#rules = rules;
    this.#scanner = new EnvelopeScanner(rules);
  }

  write(chunk: Uint8Array): boolean {
    const { reader } = this;
    if (reader === null) return true;
    try {
      this.#scanner.scan(chunk);
    } catch (error) {
      this.break(GatewayError.from(error));
      return true;
    }
    return reader.write(chunk);
  }

  end(trailers: HeaderList | null): void {
    const reader = this.take();
    if (this.#scanner.atEnd) reader?.end(trailers);
    else reader?.fail(this.#rules.faults.malformed('cut off its last message'));
  }
}
