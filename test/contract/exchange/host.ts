/** What the cases of the exchange contract run on: a server of the implementation under test whose exchanges the test takes one by one. */
import type { TestContext } from 'node:test';
import type { GatewayError } from '../../../src/call/error.ts';
import type { Exchange, Sink } from '../../../src/call/types.ts';
import { openConnection, type RawConnection } from '../../support/raw-connection.ts';
import type { ManualClock } from '../../support/manual-clock.ts';

export interface OpenExchanges {
  readonly port: number;
  /** The clock of the implementation: bounds of time pass when the test says so. */
  readonly clock: ManualClock;
  /** Closes at once whatever is open. */
  close(): void | Promise<void>;
}

/** What only some implementations can do; the contract holds each of them to what it says. */
export interface Capabilities {
  /** What becomes of a request for another protocol. One that is passed over is served as any other, one that is refused by none of us. */
  readonly upgrades: 'given' | 'passed over' | 'refused';
  /** The trailers of a request reach who reads its body; else they are discarded (RFC 9110 section 6.5.1). */
  readonly requestTrailers: boolean;
}

/** Starts an implementation that gives each of its exchanges to `serve`. */
export type OpenExchangeHost = (serve: (exchange: Exchange) => void) => Promise<OpenExchanges>;

/** An exchange with what it has called back. */
export interface Served {
  readonly exchange: Exchange;
  readonly goneCount: number;
  readonly doneCount: number;
  readonly gone: Promise<void>;
  readonly done: Promise<void>;
}

export interface Host {
  readonly port: number;
  readonly clock: ManualClock;
  /** How many exchanges have been served so far. */
  readonly served: number;
  /** The next exchange that nobody has taken yet. */
  next(): Promise<Served>;
  connect(): RawConnection;
}

/** Closed behind the test. */
export async function startHost(t: TestContext, open: OpenExchangeHost): Promise<Host> {
  const waiting: Served[] = [];
  const takers: ((served: Served) => void)[] = [];
  let count = 0;
  const opened = await open((exchange) => {
    count++;
    const served = watch(exchange);
    const taker = takers.shift();
    if (taker === undefined) waiting.push(served);
    else taker(served);
  });
  t.after(() => opened.close());
  return {
    port: opened.port,
    clock: opened.clock,
    get served() {
      return count;
    },
    next: () =>
      new Promise((resolve) => {
        const served = waiting.shift();
        if (served === undefined) takers.push(resolve);
        else resolve(served);
      }),
    connect: () => openConnection(t, opened.port),
  };
}

function watch(exchange: Exchange): Served {
  const counts = { gone: 0, done: 0 };
  const gone = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  exchange.onGone = () => {
    counts.gone++;
    gone.resolve();
  };
  exchange.onDone = () => {
    counts.done++;
    done.resolve();
  };
  return {
    exchange,
    gone: gone.promise,
    done: done.promise,
    get goneCount() {
      return counts.gone;
    },
    get doneCount() {
      return counts.done;
    },
  };
}

/** A sink that keeps what it is given; `accept` says whether it wants more. */
export class KeepingSink implements Sink {
  onDrain: (() => void) | null = null;
  readonly chunks: Uint8Array[] = [];
  bytes = 0;
  ends = 0;
  trailers: readonly string[] | null = null;
  readonly failures: GatewayError[] = [];
  readonly settled: Promise<void>;
  accept: (chunk: Uint8Array) => boolean = () => true;
  readonly #settle: () => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.settled = promise;
    this.#settle = resolve;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  write(chunk: Uint8Array): boolean {
    this.bytes += chunk.length;
    this.chunks.push(chunk);
    return this.accept(chunk);
  }

  end(trailers: readonly string[] | null): void {
    this.ends++;
    this.trailers = trailers;
    this.#settle();
  }

  fail(reason: GatewayError): void {
    this.failures.push(reason);
    this.#settle();
  }
}

/** Turns of the event loop enough for everything that is on its way on the loopback to arrive. */
export async function turns(count = 50): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
