/**
 * The server's side of an HTTP/1.1 connection. One exchange runs at a time: what is pipelined behind it stays unparsed until its answer
 * has ended (RFC 9112 section 9.3.2 demands answers in order), and beyond a bound unread.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { GatewayError } from '../call/error.ts';
import type { ConnectionHost, LimitName, ServerConnection } from '../call/server.ts';
import type { Clock } from '../lib/clock.ts';
import type { Timed } from '../lib/timer-wheel.ts';
import { ending, headText } from './answer-head.ts';
import { BodyReader } from './body-reader.ts';
import { type ExchangeConnection, Http1Exchange } from './exchange.ts';
import { HeadReader } from './head-reader.ts';
import type { Http1Head, Peer } from './head.ts';
import { Output } from './output.ts';
import { malformed } from './request-line.ts';

/** What waits of a body that is not read yet. Reading goes on until then: a socket that is not read cannot tell that its client has left. */
const MAX_UNREAD_BYTES = 65_536;
/** What is still read behind the last answer, and for how long (RFC 9112 section 9.6). */
const MAX_DISCARD_BYTES = 256 * 1024;
const MAX_DISCARD_MS = 1_000;
const NOTHING: Buffer = Buffer.alloc(0);

/** `first` has been read already. Takes over the socket. */
export function createHttp1Connection(
  socket: Socket,
  host: ConnectionHost,
  first: Buffer | null,
): ServerConnection {
  const connection = new Http1Connection(socket, host);
  connection.open(first);
  return connection;
}

/** What ends when its time has come: a bound, or the patience with a client that has its last answer. */
type Waiting = Extract<LimitName, 'head' | 'body' | 'idle'> | 'close';

class Http1Connection implements ServerConnection, ExchangeConnection, Peer, Timed {
  readonly output: Output;
  readonly scheme: 'http' | 'https';
  readonly peer: string;
  readonly clock: Clock;
  closing = false;
  dueMs: number = Infinity;
  wheelNext: Timed | null = null;
  wheelPrevious: Timed | null = null;
  wheelSlot: number = -1;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #heads: HeadReader;
  readonly #bodies: BodyReader;
  /** Received and not yet read, from `#at` on. */
  #input: Buffer = NOTHING;
  #at = 0;
  #exchange: Http1Exchange | null = null;
  #answered = false;
  /** Inside of {@link #advance}: answers that come at once must not make it call itself. */
  #advancing = false;
  #reading = false;
  #upgraded = false;
  /** How much of what still comes is passed over; -1 unless the last answer has gone out. */
  #discard = -1;
  #waiting: Waiting | null = null;
  #waitingDueMs = Infinity;
  #writeDueMs = Infinity;
  /** What the client had not read when the bound of writing was set. */
  #unsent = 0;

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.scheme = host.scheme;
    this.peer = socket.remoteAddress ?? '';
    this.clock = host.wheel.clock;
    this.#heads = new HeadReader(host.limits, this);
    this.#bodies = new BodyReader(host.limits);
    this.output = new Output(socket);
    this.output.onDrain = this.#onDrain;
  }

  open(first: Buffer | null): void {
    const socket = this.#socket;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    // What went wrong is of no interest: `close` follows.
    socket.on('error', ignore);
    socket.on('close', this.#onClose);
    this.#wait('idle', this.#host.limits.idleMs);
    socket.resume();
    if (first !== null) this.#onData(first);
  }

  drain(): void {
    if (this.#upgraded) return;
    this.closing = true;
    if (this.#exchange === null && this.#discard < 0) this.#socket.destroy();
  }

  cut(): void {
    this.#socket.destroy();
  }

  reset(): void {
    if (this.scheme === 'http') this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  readBody(): void {
    const exchange = this.#exchange;
    if (exchange === null || this.#reading || exchange.bodyEnded) return;
    this.#reading = true;
    const at = this.#bodies.read(exchange, this.#input, this.#at, false);
    this.#reading = false;
    this.#readTo(at);
    // What was delivered may have been answered.
    if (this.#answered) this.onAnswered();
    if (this.#exchange !== exchange) return;
    if (this.#socket.readableEnded && !exchange.bodyEnded && this.#at === this.#input.length) {
      if (exchange.reading) exchange.breakBody();
      return;
    }
    if (exchange.bodyEnded || !exchange.reading) this.#waiting = null;
    else this.#wait('body', this.#host.limits.bodyMs);
    this.#settleFlow();
  }

  skipBody(): boolean {
    const exchange = this.#exchange;
    if (exchange === null) return true;
    // From within a delivery: how far the body has been read is known behind it.
    if (this.#reading) return exchange.bodyEnded;
    this.#readTo(this.#bodies.read(exchange, this.#input, this.#at, true));
    return exchange.bodyEnded;
  }

  onStalled(): void {
    if (this.#writeDueMs !== Infinity) return;
    this.#unsent = this.output.waiting;
    this.#writeDueMs = this.clock.nowMs() + this.#host.limits.writeMs;
    this.#arm();
  }

  onAnswered(): void {
    this.#answered = true;
    if (this.#reading) return;
    if (this.output.busy) this.onStalled();
    else this.#finish();
  }

  takeSocket(): Duplex {
    const socket = this.#socket;
    this.#upgraded = true;
    this.#waiting = null;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    // As if nobody had read from it: its first listener makes it flow.
    Reflect.set(socket, 'readableFlowing', null);
    const rest = this.#input.subarray(this.#at);
    this.#input = NOTHING;
    this.#at = 0;
    if (rest.length > 0) socket.unshift(rest);
    return socket;
  }

  onDue(nowMs: number): void {
    if (nowMs >= this.#writeDueMs) this.#onUnread(nowMs);
    const waiting = this.#waiting;
    if (waiting !== null && nowMs >= this.#waitingDueMs) {
      this.#waiting = null;
      this.#onWaited(waiting);
    }
    if (!this.#socket.destroyed) this.#arm();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#discard >= 0) {
      this.#discard -= chunk.length;
      if (this.#discard < 0) this.#socket.destroy();
      return;
    }
    const rest = this.#input.length - this.#at;
    this.#input = rest === 0 ? chunk : Buffer.concat([this.#input.subarray(this.#at), chunk]);
    this.#at = 0;
    if (this.#exchange === null) this.#advance();
    else if (this.#exchange.bodyEnded) this.#settleFlow();
    else this.readBody();
  };

  /** The client has closed its side. */
  readonly #onEnd = (): void => {
    const exchange = this.#exchange;
    if (this.#discard >= 0) {
      this.#socket.destroySoon();
    } else if (exchange === null) {
      if (this.#heads.waiting) this.#refuse(malformed('the connection ended within the head'));
      else this.#socket.destroySoon();
    } else if (exchange.bodyEnded || this.#bodies.isThere(this.#input, this.#at)) {
      // It is leaving: a client that waits for its answer keeps its side open.
      this.#socket.destroy();
    } else {
      this.closing = true;
      this.readBody();
    }
  };

  readonly #onClose = (): void => {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#host.wheel.disarm(this);
    this.output.close();
    this.#heads.close();
    this.#bodies.close();
    this.#input = NOTHING;
    this.#at = 0;
    exchange?.finish(!this.#upgraded);
  };

  readonly #onDrain = (): void => {
    this.#writeDueMs = Infinity;
    if (this.#answered) this.#finish();
    else this.#exchange?.onDrain?.();
  };

  /** Reads head after head, each behind the end of the answer before it. */
  #advance(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    while (this.#exchange === null && this.#discard < 0 && this.#at < this.#input.length) {
      const head = this.#heads.read(this.#input, this.#at);
      if (head === null) {
        this.#readTo(this.#input.length);
        if (this.#heads.waiting && this.#waiting !== 'head') {
          this.#wait('head', this.#host.limits.headMs);
        }
        break;
      }
      if (head instanceof GatewayError) {
        this.#refuse(head, this.#heads.limit);
        break;
      }
      this.#readTo(this.#heads.end);
      this.#serve(head);
    }
    this.#advancing = false;
    this.#settleFlow();
  }

  #serve(head: Http1Head): void {
    const exchange = new Http1Exchange(head, this);
    this.#exchange = exchange;
    this.#answered = false;
    this.#waiting = null;
    this.#bodies.start(exchange);
    this.#host.serve(exchange);
  }

  /** All of an answer has been handed over. */
  #finish(): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    const unread = !exchange.bodyEnded && !this.skipBody();
    this.#exchange = null;
    this.#answered = false;
    this.#bodies.close();
    if (unread) exchange.breakBody();
    exchange.finish(false);
    if (this.closing || unread) {
      this.#close(unread);
      return;
    }
    this.#wait('idle', this.#host.limits.idleMs);
    this.#advance();
  }

  /** Behind the last answer. What the client still sends is passed over: closing both directions would make it lose that answer. */
  #close(unread: boolean): void {
    if (!unread && this.#at === this.#input.length) {
      this.#socket.destroySoon();
      return;
    }
    this.#readTo(this.#input.length);
    this.#discard = MAX_DISCARD_BYTES;
    this.#socket.end();
    this.#socket.resume();
    if (this.#socket.readableEnded) this.#socket.destroySoon();
    else this.#wait('close', MAX_DISCARD_MS);
  }

  /** Answers what never becomes an exchange; nothing behind it can be trusted (RFC 9112 section 2.2). */
  #refuse(error: GatewayError, limit: LimitName | null = null): void {
    if (limit !== null) this.#host.onLimit(limit);
    const { status, headers, body } = this.#host.refuse(error);
    ending.framing = 'length';
    ending.length = body.length;
    ending.close = true;
    ending.keepAlive = false;
    this.output.whole(headText(status, headers, this.clock), body);
    this.#close(true);
  }

  /** `at` is -1 where the body cannot be read further. */
  #readTo(at: number): void {
    if (at < 0) {
      this.closing = true;
      this.#input = NOTHING;
      this.#at = 0;
      if (this.#bodies.tooMuchAround) this.#host.onLimit('header_bytes');
      this.#exchange?.breakBody(malformed(this.#bodies.reason));
    } else if (at >= this.#input.length) {
      this.#input = NOTHING;
      this.#at = 0;
    } else {
      this.#at = at;
    }
  }

  #settleFlow(): void {
    const behind = this.#exchange?.bodyEnded === true;
    const max = behind ? this.#host.limits.pipelinedBytes : MAX_UNREAD_BYTES;
    const full = this.#input.length - this.#at >= max;
    if (full === this.#socket.isPaused() || this.#upgraded) return;
    if (full && behind) this.#host.onLimit('pipelined');
    if (full) this.#socket.pause();
    else this.#socket.resume();
  }

  #onWaited(waiting: Waiting): void {
    if (waiting === 'close') {
      this.#socket.destroy();
      return;
    }
    this.#host.onLimit(waiting);
    if (waiting === 'head') {
      this.#refuse(new GatewayError('PG_HEAD_TIMEOUT', 'the request head did not arrive in time'));
    } else if (waiting === 'idle') {
      this.#socket.destroy();
    } else {
      this.closing = true;
      const reason = new GatewayError('PG_BODY_TIMEOUT', 'the request body did not go on in time');
      this.#exchange?.breakBody(reason);
    }
  }

  #onUnread(nowMs: number): void {
    const unsent = this.output.waiting;
    if (unsent !== this.#unsent) {
      this.#unsent = unsent;
      this.#writeDueMs = nowMs + this.#host.limits.writeMs;
      return;
    }
    this.#writeDueMs = Infinity;
    this.#host.onLimit('write');
    this.reset();
  }

  #wait(waiting: Waiting, ms: number): void {
    this.#waiting = waiting;
    this.#waitingDueMs = this.clock.nowMs() + ms;
    this.#arm();
  }

  /** A timer that comes too early is cheaper than one that is moved with every request: only an earlier time moves it. */
  #arm(): void {
    const waitingDueMs = this.#waiting === null ? Infinity : this.#waitingDueMs;
    const dueMs = Math.min(waitingDueMs, this.#writeDueMs);
    if (this.wheelSlot < 0 || dueMs < this.dueMs) this.#host.wheel.arm(this, dueMs);
  }
}

function ignore(): void {}
