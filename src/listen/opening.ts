/** A connection that has not said yet what it speaks: waits for its first bytes, as long as its bound lets it. */
import type { Socket } from 'node:net';
import type { ConnectionHost, ServerConnection } from '../call/server.ts';
import type { Timed } from '../lib/timer-wheel.ts';

export type Protocol = 'tls' | 'http2' | 'http1';

/** Of the preface of HTTP/2 (RFC 9113 section 3.4) the part that no request line of HTTP/1.1 begins with. */
const PREFACE = Buffer.from('PRI ');
/**
 * A line whose three words are neither a target (RFC 9112 section 3.2) nor a version: no request line that was got wrong, but the
 * invalid preface of RFC 9113 section 3.4.
 */
const NO_REQUEST_LINE = /^[^\s]+ [^\s/*:?]+ [^\s/]+\r?\n/;
/** Longer first lines are looked at by HTTP/1.1, which has a bound for them. */
const MAX_LINE_BYTES = 256;
/** The content type of a TLS handshake (RFC 8446 section 5.1). */
const HANDSHAKE = 0x16;

export class Opening implements ServerConnection, Timed {
  onFirst: ((protocol: Protocol, first: Buffer) => void) | null = null;
  dueMs: number = Infinity;
  wheelNext: Timed | null = null;
  wheelPrevious: Timed | null = null;
  wheelSlot: number = -1;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #tls: boolean;
  #first: Buffer | null = null;

  constructor(socket: Socket, host: ConnectionHost, tls: boolean) {
    this.#socket = socket;
    this.#host = host;
    this.#tls = tls;
  }

  start(): void {
    const { wheel, limits } = this.#host;
    wheel.arm(this, wheel.clock.nowMs() + limits.firstByteMs);
    this.#socket.on('data', this.#onData);
    this.#socket.on('end', this.#onEnd);
    this.#socket.on('close', this.#onClose);
    this.#socket.resume();
  }

  /** Its time is over: who speaks now has bounds of its own. */
  close(): void {
    this.#host.wheel.disarm(this);
  }

  drain(): void {
    this.#socket.destroy();
  }

  cut(): void {
    this.#socket.destroy();
  }

  onDue(): void {
    this.#host.onLimit('first_byte');
    this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    const first = this.#first === null ? chunk : Buffer.concat([this.#first, chunk]);
    const protocol = protocolOf(first, this.#tls);
    if (protocol === undefined) {
      this.#first = first;
      return;
    }
    this.#leave();
    // A handshake counts as long as it takes. Others leave nothing of this behind: it would live as long as the connection.
    if (protocol !== 'tls') {
      this.close();
      this.#socket.off('close', this.#onClose);
    }
    if (protocol === 'http1' && isNoRequest(first)) {
      // Whoever speaks no HTTP could not read an answer either.
      this.#socket.destroy();
      return;
    }
    this.onFirst?.(protocol, first);
  };

  readonly #onEnd = (): void => {
    this.#socket.destroy();
  };

  readonly #onClose = (): void => {
    this.close();
  };

  #leave(): void {
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
  }
}

function isNoRequest(first: Buffer): boolean {
  return NO_REQUEST_LINE.test(first.toString('latin1', 0, MAX_LINE_BYTES));
}

/** Undefined while the bytes may still become either. */
function protocolOf(first: Buffer, tls: boolean): Protocol | undefined {
  if (tls && first[0] === HANDSHAKE) return 'tls';
  const length = Math.min(first.length, PREFACE.length);
  if (first.compare(PREFACE, 0, length, 0, length) !== 0) return 'http1';
  return length === PREFACE.length ? 'http2' : undefined;
}
