/** The connections to one endpoint: made when a call needs one or ahead of it, more where the streams of one are used up, none while it fails. */
import { GatewayError } from '../call/error.ts';
import type { ClientAddress } from '../http2/client.ts';
import type { StreamAbort } from '../http2/owner.ts';
import type { Stream } from '../http2/stream.ts';
import { backoffMs, type BackoffBounds } from '../lib/backoff.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { LinkedList } from '../lib/linked-list.ts';
import type { Random } from '../lib/random.ts';
import type { EndpointNumbers } from '../telemetry/endpoint-numbers.ts';
import type { ConnectionSettings, KeepaliveSettings } from './connection-settings.ts';
import { PooledConnection, type PoolOfConnections } from './pooled-connection.ts';

export interface PoolClocks {
  readonly clock: Clock;
  readonly random: Random;
}

const BACKOFF: BackoffBounds = { baseMs: 100, maxMs: 5_000 };
/** After how long a new try makes sense when no connection could be made. */
const RETRY_AFTER_MS = 1_000;

export class EndpointPool implements PoolOfConnections, EndpointNumbers {
  connectionsMade = 0;
  connectionsFailed = 0;
  streamsOpened = 0;
  refused = 0;
  resets = 0;
  lost = 0;
  violations = 0;
  pings = 0;
  readonly #address: ClientAddress;
  readonly #settings: ConnectionSettings;
  readonly #clocks: PoolClocks;
  /** Those that take streams; the first ones are filled first, so that the last ones become idle. */
  readonly #ready: PooledConnection[] = [];
  readonly #all = new Set<PooledConnection>();
  /** Still among the ready ones, each until another takes over. */
  readonly #aged = new Set<PooledConnection>();
  #connecting: PooledConnection | null = null;
  /** In the order of their coming. */
  readonly #waiting = new LinkedList<Stream>();
  #keepalive: KeepaliveSettings | null;
  #failures = 0;
  #lastFailure: Error | undefined;
  #retryAtMs = 0;
  #retry: Timer | null = null;
  /** Of connections that are over. */
  #pastReceived = 0;
  #pastSent = 0;
  #draining = false;
  #closed: GatewayError | null = null;

  constructor(address: ClientAddress, settings: ConnectionSettings, clocks: PoolClocks) {
    this.#address = address;
    this.#settings = settings;
    this.#keepalive = settings.keepalive;
    this.#clocks = clocks;
  }

  get connections(): number {
    return this.#all.size - (this.#connecting === null ? 0 : 1);
  }

  get streams(): number {
    let open = 0;
    for (const { streams } of this.#all) open += streams;
    return open;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  get bytesReceived(): number {
    let bytes = this.#pastReceived;
    for (const { bytesReceived } of this.#all) bytes += bytesReceived;
    return bytes;
  }

  get bytesSent(): number {
    let bytes = this.#pastSent;
    for (const { bytesSent } of this.#all) bytes += bytesSent;
    return bytes;
  }

  /** Makes the connections that stand ready without calls; a service that is not there yet is tried again and again. */
  warm(): void {
    this.#grow();
  }

  /** Sends `stream` off, now or when there is room; its listener hears where there will be none. Never calls it back synchronously. */
  open(stream: Stream): void {
    if (this.#waiting.size === 0) {
      const free = this.#free();
      if (free !== undefined) {
        this.streamsOpened++;
        free.open(stream);
        return;
      }
    }
    this.#waiting.add(stream);
    const refusal = this.#refusal();
    if (refusal !== undefined) queueMicrotask(() => this.#refuse(stream, refusal));
    else this.#grow();
  }

  /** Keeps nothing ready any more: each connection is closed behind its last stream, one that a call still needs as well. */
  drain(): void {
    this.#draining = true;
    this.#aged.clear();
    for (const connection of Array.from(this.#ready)) {
      if (connection.streams === 0) connection.drain();
    }
  }

  close(reason: GatewayError): void {
    this.#closed = reason;
    this.#retry?.cancel();
    this.#retry = null;
    for (const stream of this.#waiting.all()) this.#refuse(stream, reason);
    for (const connection of this.#all) connection.close(reason);
  }

  onReady(connection: PooledConnection): void {
    this.#connecting = null;
    this.connectionsMade++;
    this.#failures = 0;
    this.#retryAtMs = 0;
    this.#ready.push(connection);
    const [old] = this.#aged;
    old?.drain();
    this.#serve();
    this.#endIfDrained();
  }

  onRoom(): void {
    this.#serve();
    this.#endIfDrained();
  }

  onDraining(connection: PooledConnection): void {
    this.#leave(connection);
    this.#grow();
  }

  onAged(connection: PooledConnection): void {
    // Without calls there is nobody to take over.
    if (connection.streams === 0 && this.mayEnd()) {
      connection.drain();
      return;
    }
    this.#aged.add(connection);
    this.#grow();
  }

  mayEnd(): boolean {
    return this.#draining || this.#ready.length > this.#settings.warm;
  }

  /** As gRPC clients do (gRFC A8, "Client Behavior"). It holds for the connections to come. */
  onTooManyPings(): void {
    if (this.#keepalive === null) return;
    const { intervalMs } = this.#keepalive;
    this.#keepalive = { ...this.#keepalive, intervalMs: intervalMs * 2 };
  }

  onAbort(how: StreamAbort['how']): void {
    if (how === 'reset') this.resets++;
    else if (how === 'lost') this.lost++;
    else this.violations++;
  }

  onPing(): void {
    this.pings++;
  }

  onClosed(connection: PooledConnection, reason: Error | undefined): void {
    const failed = this.#connecting === connection;
    this.#leave(connection);
    this.#all.delete(connection);
    this.#pastReceived += connection.bytesReceived;
    this.#pastSent += connection.bytesSent;
    if (failed && this.#closed === null) this.#onFailed(reason);
    this.#grow();
    // Nobody is left whose room they could wait for.
    if (this.#all.size === 0) this.#refuseAll(reason);
  }

  #free(): PooledConnection | undefined {
    for (const connection of this.#ready) if (connection.room > 0) return connection;
    return undefined;
  }

  #refusal(): GatewayError | undefined {
    if (this.#closed !== null) return this.#closed;
    if (this.#waiting.size > this.#settings.maxPending) {
      return this.#unavailable('too many calls wait for it');
    }
    const waitMs = this.#retryAtMs - this.#clocks.clock.nowMs();
    const hopeless = this.#all.size === 0 && waitMs > 0;
    return hopeless
      ? this.#unavailable(this.#lastFailure?.message ?? 'it failed before')
      : undefined;
  }

  #refuse(stream: Stream, reason: GatewayError): void {
    if (stream.closed) return;
    this.refused++;
    stream.close();
    stream.listener.onFailed(reason);
  }

  /** One more connection at a time: what it can carry is known when it is ready. */
  #grow(): void {
    if (this.#closed !== null || this.#connecting !== null || !this.#wantsMore()) return;
    const { clock } = this.#clocks;
    const waitMs = this.#retryAtMs - clock.nowMs();
    if (waitMs > 0) {
      this.#retry ??= clock.after(waitMs, this.#onRetry);
      return;
    }
    const terms = { ...this.#clocks, settings: this.#settings, keepalive: this.#keepalive };
    this.#connecting = new PooledConnection(this.#address, this, terms);
    this.#all.add(this.#connecting);
  }

  #wantsMore(): boolean {
    const lasting = this.#ready.length - this.#aged.size;
    if (lasting >= this.#settings.max) return false;
    if (this.#waiting.size > 0) return true;
    return !this.#draining && (this.#aged.size > 0 || lasting < this.#settings.warm);
  }

  readonly #onRetry = (): void => {
    this.#retry = null;
    this.#grow();
  };

  /** It takes no streams any more. */
  #leave(connection: PooledConnection): void {
    if (this.#connecting === connection) this.#connecting = null;
    this.#aged.delete(connection);
    const at = this.#ready.indexOf(connection);
    if (at >= 0) this.#ready.splice(at, 1);
  }

  #onFailed(reason: Error | undefined): void {
    const { clock, random } = this.#clocks;
    this.connectionsFailed++;
    this.#failures++;
    this.#lastFailure = reason;
    this.#retryAtMs = clock.nowMs() + backoffMs(this.#failures, BACKOFF, random);
    // While other connections serve, who waits for a stream goes on waiting for theirs.
    if (this.#ready.length === 0) this.#refuseAll(reason);
  }

  #refuseAll(reason: Error | undefined): void {
    if (this.#waiting.size === 0) return;
    const error = this.#unavailable(reason?.message ?? 'the connection was closed');
    for (const stream of this.#waiting.all()) this.#refuse(stream, error);
  }

  #serve(): void {
    for (let stream = this.#waiting.first; stream !== null; stream = this.#waiting.first) {
      const free = this.#free();
      if (free === undefined) break;
      this.#waiting.delete(stream);
      this.streamsOpened++;
      free.open(stream);
    }
    this.#grow();
  }

  #endIfDrained(): void {
    if (this.#draining) this.drain();
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
