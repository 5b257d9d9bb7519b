/**
 * One connection of somebody's node:http, which parses pipelined requests ahead and would have them all worked on at once. Here one exchange runs at
 * a time (RFC 9112 section 9.3.2 demands answers in order), and those behind it wait unread.
 */
import type { Socket } from 'node:net';
import type { NodeExchange } from './node-exchange.ts';

/** How many parsed requests may wait before the socket is no longer read. One that is not read cannot tell that its client has left. */
const MAX_WAITING = 16;

export class MountedConnection {
  readonly #socket: Socket;
  readonly #waiting: NodeExchange[] = [];
  readonly #serve: (exchange: NodeExchange) => void;
  #current: NodeExchange | null = null;
  /** The last one that was parsed: what the parser refuses next lies in it or behind it. */
  latest: NodeExchange | null = null;

  constructor(socket: Socket, serve: (exchange: NodeExchange) => void) {
    this.#socket = socket;
    this.#serve = serve;
  }

  take(exchange: NodeExchange): void {
    this.latest = exchange;
    exchange.onClosed = this.#next;
    if (this.#current === null) {
      this.#run(exchange);
      return;
    }
    this.#waiting.push(exchange);
    // The parser starts reading again at the end of each message, so the pause must come after it.
    if (this.#waiting.length === MAX_WAITING) setImmediate(() => this.#pause());
  }

  readonly #next = (): void => {
    this.#current = null;
    const exchange = this.#waiting.shift();
    if (exchange === undefined) return;
    this.#run(exchange);
    if (this.#waiting.length < MAX_WAITING && this.#socket.isPaused()) this.#socket.resume();
  };

  /** What waits behind a connection's last answer is never served; its client may ask again elsewhere (RFC 9112 section 9.3.2). */
  #run(exchange: NodeExchange): void {
    if (!this.#socket.writable) {
      this.#waiting.length = 0;
      return;
    }
    this.#current = exchange;
    this.#serve(exchange);
  }

  #pause(): void {
    if (this.#waiting.length >= MAX_WAITING) this.#socket.pause();
  }
}
