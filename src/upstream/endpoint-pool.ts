/** The connections to one endpoint: made when a call needs one, more where the streams of one are used up, none while it fails. */
import { GatewayError } from '../call/error.ts';
import { ClientConnection, type ClientAddress } from '../http2/client.ts';
import type { Stream } from '../http2/stream.ts';
import { backoffMs, type BackoffBounds } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';

export interface PoolClocks {
  readonly clock: Clock;
  readonly random: Random;
}

const BACKOFF: BackoffBounds = { baseMs: 100, maxMs: 5_000 };
/** With 100 streams each, which is what servers allow, this is more than one event loop can serve. */
const MAX_CONNECTIONS = 32;
/** After how long a new try makes sense when no connection could be made. */
const RETRY_AFTER_MS = 1_000;
/** Calls that wait for a connection or for a stream. */
const MAX_WAITING = 10_000;

export class EndpointPool {
  readonly #address: ClientAddress;
  readonly #clocks: PoolClocks;
  readonly #ready: ClientConnection[] = [];
  readonly #all = new Set<ClientConnection>();
  /** In the order of their coming. */
  readonly #waiting = new Set<Stream>();
  #connecting = 0;
  #failures = 0;
  #lastFailure: Error | undefined;
  #retryAtMs = 0;
  #closed: GatewayError | null = null;

  constructor(address: ClientAddress, clocks: PoolClocks) {
    this.#address = address;
    this.#clocks = clocks;
  }

  /** Sends `stream` off, now or when there is room; its listener hears where there will be none. Never calls it back synchronously. */
  open(stream: Stream): void {
    if (this.#waiting.size === 0) {
      for (const { connection } of this.#ready) {
        if (connection !== null && connection.room > 0) {
          connection.open(stream);
          return;
        }
      }
    }
    stream.queue = this.#waiting;
    this.#waiting.add(stream);
    const refusal = this.#refusal();
    if (refusal !== undefined) queueMicrotask(() => this.#refuse(stream, refusal));
    else this.#grow();
  }

  close(reason: GatewayError): void {
    this.#closed = reason;
    for (const stream of this.#waiting) this.#refuse(stream, reason);
    for (const connection of this.#all) connection.close(reason);
  }

  #refusal(): GatewayError | undefined {
    if (this.#closed !== null) return this.#closed;
    if (this.#waiting.size > MAX_WAITING) return this.#unavailable('too many calls wait for it');
    const waitMs = this.#retryAtMs - this.#clocks.clock.nowMs();
    const hopeless = this.#all.size === 0 && waitMs > 0;
    return hopeless
      ? this.#unavailable(this.#lastFailure?.message ?? 'it failed before')
      : undefined;
  }

  #refuse(stream: Stream, reason: GatewayError): void {
    if (stream.closed) return;
    stream.close();
    stream.listener.onFailed(reason);
  }

  /** One more connection at a time: what it can carry is known when it is ready. */
  #grow(): void {
    if (this.#closed !== null || this.#waiting.size === 0 || this.#connecting > 0) return;
    if (this.#ready.length >= MAX_CONNECTIONS) return;
    if (this.#retryAtMs > this.#clocks.clock.nowMs()) return;
    this.#connecting++;
    let state: 'connecting' | 'ready' | 'gone' = 'connecting';
    const leave = (): void => {
      if (state === 'connecting') this.#connecting--;
      const at = this.#ready.indexOf(made);
      if (at >= 0) this.#ready.splice(at, 1);
      state = 'gone';
    };
    const made: ClientConnection = new ClientConnection(
      this.#address,
      {
        onReady: () => {
          leave();
          state = 'ready';
          this.#failures = 0;
          this.#retryAtMs = 0;
          this.#ready.push(made);
          this.#serve();
        },
        onRoom: () => this.#serve(),
        onDraining: () => {
          leave();
          this.#grow();
        },
        onClosed: (reason) => {
          const failed = state === 'connecting';
          leave();
          this.#all.delete(made);
          if (failed && this.#closed === null) this.#onFailed(reason);
          else this.#grow();
          // Nobody is left whose room they could wait for.
          if (this.#all.size === 0) this.#refuseAll(reason);
        },
      },
      this.#clocks.clock,
    );
    this.#all.add(made);
  }

  #onFailed(reason: Error | undefined): void {
    const { clock, random } = this.#clocks;
    this.#failures++;
    this.#lastFailure = reason;
    this.#retryAtMs = clock.nowMs() + backoffMs(this.#failures, BACKOFF, random);
    // While other connections serve, who waits for a stream goes on waiting for theirs.
    if (this.#ready.length === 0) this.#refuseAll(reason);
  }

  #refuseAll(reason: Error | undefined): void {
    if (this.#waiting.size === 0) return;
    const error = this.#unavailable(reason?.message ?? 'the connection was closed');
    for (const stream of this.#waiting) this.#refuse(stream, error);
  }

  #serve(): void {
    for (const stream of this.#waiting) {
      const free = this.#ready.find(({ connection }) => (connection?.room ?? 0) > 0);
      if (free === undefined || free.connection === null) break;
      this.#waiting.delete(stream);
      stream.queue = null;
      free.connection.open(stream);
    }
    this.#grow();
  }

  #unavailable(detail: string): GatewayError {
    const { host, port } = this.#address;
    return new GatewayError('PG_UPSTREAM_UNAVAILABLE', 'no connection to the service', {
      reached: 'no',
      retryAfterMs: RETRY_AFTER_MS,
      cause: new Error(`${host}:${port}: ${detail}`),
    });
  }
}
