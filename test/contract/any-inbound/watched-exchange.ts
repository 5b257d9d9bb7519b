/** An exchange that tells how often it was answered, and whether it is over; it holds the inbound to one answer. */
import type { Duplex } from 'node:stream';
import type { Exchange, HeaderList, RequestHead, Sink, Source } from '../../../src/call/types.ts';

export interface ExchangeCounts {
  answers: number;
  open: number;
}

export class WatchedExchange implements Exchange {
  readonly head: RequestHead;
  readonly body: Source;
  onGone: (() => void) | null = null;
  onDone: (() => void) | null = null;
  readonly #exchange: Exchange;
  readonly #counts: ExchangeCounts;
  #answered = false;

  constructor(exchange: Exchange, counts: ExchangeCounts) {
    this.#exchange = exchange;
    this.#counts = counts;
    this.head = exchange.head;
    this.body = exchange.body;
    counts.open++;
    exchange.onGone = () => this.onGone?.();
    exchange.onDone = () => {
      counts.open--;
      this.onDone?.();
    };
  }

  answer(status: number, headers: HeaderList, body: Uint8Array, trailers?: HeaderList): void {
    this.#once();
    if (trailers === undefined) this.#exchange.answer(status, headers, body);
    else this.#exchange.answer(status, headers, body, trailers);
  }

  start(status: number, headers: HeaderList): Sink {
    this.#once();
    return this.#exchange.start(status, headers);
  }

  upgrade(headers: HeaderList): Duplex {
    this.#once();
    return this.#exchange.upgrade(headers);
  }

  reset(): void {
    this.#exchange.reset();
  }

  #once(): void {
    if (this.#answered) throw new Error('an exchange is answered once');
    this.#answered = true;
    this.#counts.answers++;
  }
}
