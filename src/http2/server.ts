/** The server's side: a connection that a client has opened, and the exchanges of its streams. */
import type { Socket } from 'node:net';
import { GatewayError } from '../call/error.ts';
import type { ConnectionHost, LimitName, ServerConnection } from '../call/server.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { Connection } from './connection.ts';
import { ErrorCode } from './errors.ts';
import { type ExchangeHost, Http2Exchange } from './exchange.ts';
import { MAX_WINDOW } from './frames.ts';
import type { DecodedSection } from './hpack/block-memo.ts';
import type { ConnectionOwner } from './owner.ts';
import { bodyIncomplete } from './request-body.ts';
import type { HeadOrigin } from './request-head.ts';
import { RequestReading } from './request-reading.ts';
import { serverSide } from './server-side.ts';
import type { Side } from './side.ts';
import { Watch, type WatchOwner } from './watch.ts';

/** How long a client may take to answer a PING before it is told which of its streams was the last. */
const DRAIN_ROUND_TRIP_MS = 1_000;
/** Answers that wait for a client to open its windows; beyond it further requests are refused. */
const MAX_UNREAD_ANSWER_BYTES = 8_388_608;

/** `first` is what somebody has read from the socket already, to know what it speaks. */
export function createHttp2Connection(
  socket: Socket,
  host: ConnectionHost,
  first: Buffer | null,
): ServerConnection {
  const connection = new ClientOfOurs(socket, host);
  if (first !== null) connection.connection.read(first);
  // Whoever has read `first` may have stopped it.
  socket.resume();
  return connection;
}

class ClientOfOurs implements ConnectionOwner, ExchangeHost, ServerConnection, WatchOwner {
  readonly side: Side;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #origin: HeadOrigin;
  readonly #watch: Watch;
  /** Of the chunk that is being read. */
  #entering: Http2Exchange[] = [];
  #draining = false;
  #drained = false;
  #roundTrip: Timer | null = null;

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.side = serverSide(host.limits);
    this.clock = host.wheel.clock;
    this.#origin = { scheme: host.scheme, peer: socket.remoteAddress ?? '' };
    socket.setNoDelay(true);
    this.connection = new Connection(socket, this, this.clock);
    this.#watch = new Watch(this.connection, socket, host, this);
  }

  drain(): void {
    if (this.#draining || this.connection.closed) return;
    this.#draining = true;
    if (!this.connection.ready) {
      this.#endDrain();
      return;
    }
    // RFC 9113 section 6.8: what the client has sent before it reads this is still served.
    this.connection.goaway(MAX_WINDOW, ErrorCode.noError);
    this.connection.ping();
    this.#roundTrip = this.clock.after(DRAIN_ROUND_TRIP_MS, () => this.#endDrain());
  }

  cut(): void {
    this.connection.close(new GatewayError('PG_DRAIN', 'the gateway closes the connection'));
    // Without the time to linger: a client that keeps its side open must not hold up the end.
    this.#socket.destroySoon();
  }

  accept(id: number, section: DecodedSection, ended: boolean): void {
    const { connection } = this;
    const { limits } = this.#host;
    if (connection.streams.size >= limits.streams) {
      this.#host.onLimit('streams');
      connection.refuse(id, ErrorCode.refusedStream);
      return;
    }
    if (section.reading === null) {
      section.reading = new RequestReading(section, limits, this.#origin);
    }
    const reading = section.reading as RequestReading;
    const { fields, refusal } = reading;
    if (fields === null || (ended && fields.contentLength > 0)) {
      connection.refuse(id, ErrorCode.protocolError);
      return;
    }
    const asks = fields.expectsContinue && !ended;
    const exchange = new Http2Exchange(reading.head(fields, !ended), this, asks);
    connection.adopt(exchange, id, ended);
    if (ended) exchange.body.endAtHead();
    else exchange.body.contentLength = fields.contentLength;
    if (refusal === null) {
      this.#entering.push(exchange);
      return;
    }
    if (refusal.limit !== undefined) this.#host.onLimit(refusal.limit);
    const { status, headers, body } = this.#host.refuse(refusal.error);
    exchange.answer(status, headers, body);
  }

  serve(exchange: Http2Exchange): void {
    if (this.#holdsTooMuch()) {
      this.#host.onLimit('streams');
      exchange.cut(ErrorCode.refusedStream);
    } else {
      this.#host.serve(exchange);
    }
  }

  onRead(): void {
    if (this.#entering.length === 0) return;
    const exchanges = this.#entering;
    this.#entering = [];
    for (const exchange of exchanges) exchange.enter();
  }

  errorOf(): GatewayError {
    return bodyIncomplete();
  }

  onLimit(name: LimitName): void {
    this.#host.onLimit(name);
  }

  onPong(): void {
    if (this.#draining) this.#endDrain();
  }

  onIdle(): void {
    this.#host.onLimit('idle');
    this.drain();
  }

  onStuck(limit: LimitName): void {
    this.#host.onLimit(limit);
    const reason = new GatewayError('PG_CLIENT_GONE', 'the client makes no progress');
    this.connection.close(
      reason,
      limit === 'write' ? ErrorCode.noError : ErrorCode.enhanceYourCalm,
    );
  }

  onStreamStuck(exchange: Http2Exchange, limit: LimitName): void {
    this.#host.onLimit(limit);
    // Who reads the body may still answer; an answer that is not read is lost.
    if (limit === 'body') exchange.body.break(bodyStoodStill(this.#host.limits.bodyMs));
    else exchange.abandon();
  }

  onClosed(): void {
    this.#watch.stop();
    this.#roundTrip?.cancel();
  }

  onReady(): void {}

  onRoom(): void {}

  onDraining(): void {}

  #endDrain(): void {
    if (this.#drained || this.connection.closed) return;
    this.#drained = true;
    // Where no stream is open, that is said at the end.
    if (this.connection.streams.size > 0) {
      this.connection.goaway(this.connection.past.lastId, ErrorCode.noError);
    }
    this.connection.drain();
  }

  #holdsTooMuch(): boolean {
    let bytes = 0;
    for (const { pendingBytes } of this.connection.sender.waiting) bytes += pendingBytes;
    return bytes > MAX_UNREAD_ANSWER_BYTES;
  }
}

function bodyStoodStill(ms: number): GatewayError {
  return new GatewayError('PG_BODY_TIMEOUT', `nothing came of the request body for ${ms} ms`);
}
