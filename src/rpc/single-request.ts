/** The one message of a client whose method takes one: collected in its envelope, and counted. */
import { GatewayError } from '../call/error.ts';
import type { Sink, Source } from '../call/types.ts';
import type { EnvelopeRules } from './envelope.ts';
import { EnvelopeReader } from './envelope-reader.ts';

/** Resolves at the end of the body, since only then it is known that nothing else comes. */
export function collectEnvelope(source: Source, rules: EnvelopeRules): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    source.pump(new Collector(source, rules, { resolve, reject }));
  });
}

interface Settle {
  resolve(envelope: Uint8Array): void;
  reject(reason: GatewayError): void;
}

class Collector implements Sink {
  onDrain: (() => void) | null = null;
  readonly #source: Source;
  readonly #rules: EnvelopeRules;
  readonly #settle: Settle;
  readonly #reader: EnvelopeReader;
  #envelope: Uint8Array | null = null;
  #over = false;

  constructor(source: Source, rules: EnvelopeRules, settle: Settle) {
    this.#source = source;
    this.#rules = rules;
    this.#settle = settle;
    this.#reader = new EnvelopeReader(rules);
  }

  write(chunk: Uint8Array): boolean {
    if (this.#over) return true;
    try {
      this.#reader.push(chunk);
      for (let next = this.#reader.next(); next !== undefined; next = this.#reader.next()) {
        if (this.#envelope !== null) throw cardinality('more than one');
        this.#envelope = next;
      }
    } catch (error) {
      const reason = GatewayError.from(error);
      this.#source.cancel(reason);
      this.fail(reason);
    }
    return true;
  }

  end(): void {
    if (this.#over) return;
    if (this.#reader.buffered > 0) {
      this.fail(this.#rules.faults.malformed('cut off its last message'));
    } else if (this.#envelope === null) {
      this.fail(cardinality('none'));
    } else {
      this.#over = true;
      this.#settle.resolve(this.#envelope);
    }
  }

  fail(reason: GatewayError): void {
    if (this.#over) return;
    this.#over = true;
    this.#reader.clear();
    this.#settle.reject(reason);
  }
}

function cardinality(found: string): GatewayError {
  return new GatewayError(
    'PG_CARDINALITY',
    `the method takes exactly one request message, and the client sent ${found}`,
  );
}
