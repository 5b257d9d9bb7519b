/**
 * The bounds of time of a client's connection. Nothing is noted while it is busy: from time to time all that could stand still is
 * looked at, and what has not moved since an earlier look for as long as its bound is over. So a bound passes late by a quarter
 * of the shortest one at most, and never early.
 */
import type { Socket } from 'node:net';
import type { ConnectionHost, LimitName } from '../call/server.ts';
import type { Timed } from '../lib/timer-wheel.ts';
import type { Connection } from './connection.ts';
import { Http2Exchange } from './exchange.ts';
import { Still } from './still.ts';

/** What the watch has found; each may be answered in another way. */
export interface WatchOwner {
  /** Nothing was asked for a while. */
  onIdle(): void;
  /** The connection makes no progress: nothing that is said to it would be read. */
  onStuck(limit: LimitName): void;
  /** A stream makes no progress. */
  onStreamStuck(exchange: Http2Exchange, limit: LimitName): void;
}

const LOOKS_PER_BOUND = 4;

export class Watch implements Timed {
  dueMs: number = Infinity;
  wheelNext: Timed | null = null;
  wheelPrevious: Timed | null = null;
  wheelSlot = -1;
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #owner: WatchOwner;
  readonly #startMs: number;
  readonly #everyMs: number;
  readonly #frame = new Still();
  readonly #block = new Still();
  readonly #written = new Still();
  readonly #requests = new Still();

  constructor(connection: Connection, socket: Socket, host: ConnectionHost, owner: WatchOwner) {
    this.#connection = connection;
    this.#socket = socket;
    this.#host = host;
    this.#owner = owner;
    const { firstByteMs, headMs, bodyMs, writeMs, idleMs } = host.limits;
    this.#everyMs = Math.min(firstByteMs, headMs, bodyMs, writeMs, idleMs) / LOOKS_PER_BOUND;
    this.#startMs = host.wheel.clock.nowMs();
    host.wheel.arm(this, this.#startMs + this.#everyMs);
  }

  stop(): void {
    this.#host.wheel.disarm(this);
  }

  onDue(nowMs: number): void {
    this.#look(nowMs);
    if (!this.#connection.closed) this.#host.wheel.arm(this, nowMs + this.#everyMs);
  }

  #look(nowMs: number): void {
    const { limits } = this.#host;
    const stuck = this.#stuck(nowMs);
    if (stuck !== undefined) {
      this.#owner.onStuck(stuck);
      return;
    }
    const { streams, past } = this.#connection;
    if (streams.size === 0) {
      this.#connection.output.relax();
      if (this.#requests.forMs(past.lastId, nowMs) >= limits.idleMs) this.#owner.onIdle();
      return;
    }
    this.#requests.moved();
    for (const stream of streams.all()) {
      if (stream instanceof Http2Exchange) this.#lookAt(stream, nowMs);
    }
  }

  #stuck(nowMs: number): LimitName | undefined {
    const { firstByteMs, headMs, writeMs } = this.#host.limits;
    const connection = this.#connection;
    if (!connection.ready) {
      // Its preface and SETTINGS are the head of the connection.
      const sinceMs = nowMs - this.#startMs;
      if (this.#socket.bytesRead === 0) return sinceMs >= firstByteMs ? 'first_byte' : undefined;
      return sinceMs >= headMs ? 'head' : undefined;
    }
    if (this.#frame.forMs(connection.cutFrame, nowMs) >= headMs) return 'head';
    if (this.#block.forMs(connection.openBlock, nowMs) >= headMs) return 'head';
    const { writableLength, bytesWritten } = this.#socket;
    const written = writableLength === 0 ? -1 : bytesWritten - writableLength;
    return this.#written.forMs(written, nowMs) >= writeMs ? 'write' : undefined;
  }

  #lookAt(exchange: Http2Exchange, nowMs: number): void {
    const { bodyMs, writeMs } = this.#host.limits;
    const { body } = exchange;
    const received = body.awaited ? body.received : -1;
    const sent = exchange.pendingBytes > 0 ? exchange.sentLate : -1;
    if (exchange.receiving.forMs(received, nowMs) >= bodyMs) {
      this.#owner.onStreamStuck(exchange, 'body');
    } else if (exchange.sending.forMs(sent, nowMs) >= writeMs) {
      this.#owner.onStreamStuck(exchange, 'write');
    }
  }
}
