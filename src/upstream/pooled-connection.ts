/** One connection of a pool and its time: how long it may be idle, how old it may get, and whether the service is still there. */
import type { GatewayError } from '../call/error.ts';
import { ClientConnection, type ClientAddress, type ClientOwner } from '../http2/client.ts';
import type { StreamAbort } from '../http2/owner.ts';
import { ErrorCode } from '../http2/errors.ts';
import type { Stream } from '../http2/stream.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { ConnectionSettings, KeepaliveSettings } from './connection-settings.ts';

/** The pool as its connections see it. */
export interface PoolOfConnections {
  onReady(connection: PooledConnection): void;
  onRoom(): void;
  /** No new streams from here on. */
  onDraining(connection: PooledConnection): void;
  /** Whether a connection without streams is closed, and not kept warm. */
  mayEnd(): boolean;
  /** It is old: another one should take over. */
  onAged(connection: PooledConnection): void;
  /** The service has had enough of our pings. */
  onTooManyPings(): void;
  onAbort(how: StreamAbort['how']): void;
  onPing(): void;
  onClosed(connection: PooledConnection, reason: Error | undefined): void;
}

export interface ConnectionTerms {
  readonly settings: ConnectionSettings;
  /** What is left of `settings.keepalive` after a service has complained. */
  readonly keepalive: KeepaliveSettings | null;
  readonly clock: Clock;
  readonly random: Random;
}

/** How far ages differ, so that connections that were made together do not end together. */
const AGE_JITTER = 0.1;
/** The answer to a PING (RFC 9113 section 6.7): a frame of eight bytes. */
const PONG_BYTES = 17;

export class PooledConnection implements ClientOwner {
  readonly #pool: PoolOfConnections;
  readonly #terms: ConnectionTerms;
  readonly #client: ClientConnection;
  /** The one for all limits of time; null before it is ready and when it is over. */
  #timer: Timer | null = null;
  #idleSinceMs = 0;
  #agedAtMs = Infinity;
  /** How many bytes had come at `#quietSinceMs`. */
  #bytesSeen = 0;
  #quietSinceMs = 0;
  #pingedAtMs = -Infinity;
  #bytesAtPing = 0;
  /** A PING is out, and nothing has come since. */
  #pinging = false;

  constructor(address: ClientAddress, pool: PoolOfConnections, terms: ConnectionTerms) {
    this.#pool = pool;
    this.#terms = terms;
    this.#client = new ClientConnection(address, this, terms.clock);
  }

  /** How many more streams it takes. */
  get room(): number {
    return this.#client.connection?.room ?? 0;
  }

  /** How many are open. */
  get streams(): number {
    return this.#client.connection?.streams.size ?? 0;
  }

  get bytesReceived(): number {
    return this.#client.bytesReceived;
  }

  get bytesSent(): number {
    return this.#client.bytesSent;
  }

  /** There must be room. */
  open(stream: Stream): void {
    const { connection } = this.#client;
    if (connection === null) throw new Error('a stream on a connection that is none');
    connection.open(stream);
  }

  /**
   * No new streams; it ends behind the last one that is open. GOAWAY goes out then: it would say nothing about our own streams, and
   * there are servers that hang up on it.
   */
  drain(): void {
    this.#client.connection?.drain();
  }

  /** Ends streams with `reason`, and the connection. */
  close(reason: GatewayError): void {
    this.#client.close(reason);
  }

  onReady(): void {
    const { settings, clock, random } = this.#terms;
    const nowMs = clock.nowMs();
    this.#idleSinceMs = nowMs;
    this.#quietSinceMs = nowMs;
    this.#bytesSeen = this.bytesReceived;
    this.#agedAtMs = nowMs + settings.maxAgeMs * (1 - AGE_JITTER + random.next() * 2 * AGE_JITTER);
    this.#schedule(nowMs);
    this.#pool.onReady(this);
  }

  onRoom(): void {
    if (this.streams === 0) this.#idleSinceMs = this.#terms.clock.nowMs();
    this.#pool.onRoom();
  }

  onDraining(goaway: number | undefined): void {
    const pinged = this.#pingedAtMs > -Infinity;
    if (goaway === ErrorCode.enhanceYourCalm && pinged) this.#pool.onTooManyPings();
    this.#pool.onDraining(this);
  }

  /**
   * A connection that has died shows by calls that time out long before TCP gives up; one PING tells it from a slow service. A gRPC server
   * does not count one behind an answer of its own, so that another is asked of it only then, or when the interval has passed.
   */
  onUnanswered(): void {
    const { keepalive, clock } = this.#terms;
    const nowMs = clock.nowMs();
    if (keepalive === null || this.#pinging) return;
    const answeredSince = this.bytesReceived - this.#bytesAtPing > PONG_BYTES;
    if (!answeredSince && nowMs - this.#pingedAtMs < keepalive.intervalMs) return;
    this.#ping(nowMs);
    this.#schedule(nowMs);
  }

  onAbort(how: StreamAbort['how']): void {
    this.#pool.onAbort(how);
  }

  onClosed(reason: Error | undefined): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#pool.onClosed(this, reason);
  }

  readonly #onTime = (): void => {
    this.#timer = null;
    const { connection } = this.#client;
    if (connection === null) return;
    const nowMs = this.#terms.clock.nowMs();
    if (!this.#checkAlive(nowMs)) return;
    if (nowMs >= this.#idleDueMs(nowMs)) {
      if (this.#pool.mayEnd()) {
        connection.drain();
        return;
      }
      this.#idleSinceMs = nowMs;
    }
    if (nowMs >= this.#agedAtMs) {
      this.#agedAtMs = Infinity;
      this.#pool.onAged(this);
    }
    // To age may have been the end of it.
    if (this.#client.connection !== null) this.#schedule(nowMs);
  };

  /** False where the service was given up. */
  #checkAlive(nowMs: number): boolean {
    const { keepalive } = this.#terms;
    if (keepalive === null) return true;
    if (this.bytesReceived !== this.#bytesSeen) {
      this.#bytesSeen = this.bytesReceived;
      this.#quietSinceMs = nowMs;
      this.#pinging = false;
    }
    if (nowMs < this.#pingDueMs(keepalive)) return true;
    if (this.#pinging) {
      this.#client.abandon(new Error(`no answer to a PING within ${keepalive.timeoutMs} ms`));
      return false;
    }
    if (this.streams > 0 || keepalive.withoutStreams) this.#ping(nowMs);
    else this.#quietSinceMs = nowMs;
    return true;
  }

  #ping(nowMs: number): void {
    this.#pinging = true;
    this.#pingedAtMs = nowMs;
    this.#bytesSeen = this.bytesReceived;
    this.#bytesAtPing = this.#bytesSeen;
    this.#pool.onPing();
    this.#client.connection?.ping();
  }

  #schedule(nowMs: number): void {
    const { keepalive, clock } = this.#terms;
    const pingDueMs = keepalive === null ? Infinity : this.#pingDueMs(keepalive);
    const dueMs = Math.min(this.#idleDueMs(nowMs), this.#agedAtMs, pingDueMs);
    this.#timer?.cancel();
    this.#timer = dueMs === Infinity ? null : clock.after(dueMs - nowMs, this.#onTime);
  }

  /** While there are streams it cannot be due before this, so nothing is armed when they come and go. */
  #idleDueMs(nowMs: number): number {
    const sinceMs = this.streams > 0 ? nowMs : this.#idleSinceMs;
    return sinceMs + this.#terms.settings.idleTimeoutMs;
  }

  /** When to look again: for the answer to a PING, or for the next one. */
  #pingDueMs({ intervalMs, timeoutMs }: KeepaliveSettings): number {
    if (this.#pinging) return this.#pingedAtMs + timeoutMs;
    return Math.max(this.#quietSinceMs, this.#pingedAtMs) + intervalMs;
  }
}
