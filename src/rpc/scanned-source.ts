/** Chunks of a client on their way through: the heads of messages are checked, nothing is copied. */
import { GatewayError } from '../call/error.ts';
import type { HeaderList, Sink, Source } from '../call/types.ts';
import type { EnvelopeRules } from './envelope.ts';
import { EnvelopeScanner } from './envelope-scanner.ts';

export class ScannedSource implements Source, Sink {
  onDrain: (() => void) | null = null;
  readonly #source: Source;
  readonly #rules: EnvelopeRules;
  readonly #scanner: EnvelopeScanner;
  /** Null before the flow and behind its end. */
  #sink: Sink | null = null;

  constructor(source: Source, rules: EnvelopeRules) {
    this.#source = source;
    this.#rules = rules;
    this.#scanner = new EnvelopeScanner(rules);
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
    this.#source.cancel(reason);
  }

  write(chunk: Uint8Array): boolean {
    const sink = this.#sink;
    if (sink === null) return true;
    try {
      this.#scanner.scan(chunk);
    } catch (error) {
      const reason = GatewayError.from(error);
      this.cancel(reason);
      sink.fail(reason);
      return true;
    }
    return sink.write(chunk);
  }

  end(trailers: HeaderList | null): void {
    const sink = this.#sink;
    this.#sink = null;
    if (this.#scanner.atEnd) sink?.end(trailers);
    else sink?.fail(this.#rules.faults.malformed('cut off its last message'));
  }

  fail(reason: GatewayError): void {
    const sink = this.#sink;
    this.#sink = null;
    sink?.fail(reason);
  }
}
