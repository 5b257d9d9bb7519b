/** A stream of a client as an {@link Exchange}. It is the stream itself: one object for the request, one for its body. */
import type { Duplex } from 'node:stream';
import type { GatewayError } from '../call/error.ts';
import type { Exchange, HeaderList, Sink } from '../call/types.ts';
import { answerBlock, trailersBlock, wantsDate } from './answer-head.ts';
import type { Clock } from '../lib/clock.ts';
import { httpDate } from '../lib/http-date.ts';
import type { Connection } from './connection.ts';
import { ErrorCode } from './errors.ts';
import { encodeHeaders } from './hpack/encode.ts';
import { bodyIncomplete, RequestBody } from './request-body.ts';
import type { Http2Head } from './request-head.ts';
import { Still } from './still.ts';
import { BLOCK_SENT, Stream } from './stream.ts';
import { Tunnel } from './tunnel.ts';

/** What an exchange needs of its connection beside the stream. */
export interface ExchangeHost {
  readonly connection: Connection;
  /** For the header `date`. */
  readonly clock: Clock;
  /** Or refuses it, where the client holds too much already. */
  serve(exchange: Http2Exchange): void;
}

const NOTHING = new Uint8Array();
const CONTINUE = encodeHeaders([':status', '100']);

export class Http2Exchange extends Stream implements Exchange {
  readonly head: Http2Head;
  readonly body: RequestBody;
  onGone: (() => void) | null = null;
  onDone: (() => void) | null = null;
  /** For the bounds of time; made when one is first looked at. */
  #receiving: Still | null = null;
  #sending: Still | null = null;
  readonly #host: ExchangeHost;
  #served = false;
  #begun = false;
  #over = false;
  #sink: Http2Sink | null = null;
  /** The client waits to be asked for the body (RFC 9110 section 10.1.1). */
  #asks: boolean;

  constructor(head: Http2Head, host: ExchangeHost, asks: boolean) {
    const body = new RequestBody();
    super(BLOCK_SENT, body);
    body.exchange = this;
    this.body = body;
    this.head = head;
    this.#host = host;
    this.#asks = asks;
  }

  get receiving(): Still {
    return (this.#receiving ??= new Still());
  }

  get sending(): Still {
    return (this.#sending ??= new Still());
  }

  /**
   * Gives it to the one who serves, once: when its first data comes, or at the end of what was read with its head. So one that its client
   * resets in the same breath is no work for anybody (CVE-2023-44487).
   */
  enter(): void {
    if (this.#served || this.closed) return;
    this.#served = true;
    this.#host.serve(this);
  }

  answer(status: number, headers: HeaderList, body: Uint8Array, trailers?: HeaderList): void {
    if (!this.#begin()) return;
    const bodiless = this.#isBodiless(status);
    const length = hasLength(status, body, trailers) && !says(headers, 'content-length');
    const last = trailers === undefined ? null : trailersBlock(trailers);
    const ends = bodiless || (body.length === 0 && last === null);
    this.#sendHead(status, headers, length ? body.length : -1, ends);
    if (ends) return;
    this.trailers = last;
    this.write(NOTHING, body, true);
  }

  start(status: number, headers: HeaderList): Sink {
    const sink = new Http2Sink(this);
    if (!this.#begin()) return sink;
    this.#sink = sink;
    this.#sendHead(status, headers, -1, this.#isBodiless(status));
    return sink;
  }

  upgrade(headers: HeaderList): Duplex {
    if (this.head.upgrade === undefined) {
      throw new Error('this exchange does not ask for an upgrade');
    }
    // Who has the tunnel hears from it that the client has left.
    this.onGone = null;
    return new Tunnel(this.body, this.start(200, headers), () => this.reset());
  }

  reset(): void {
    this.cut(ErrorCode.internalError);
  }

  /** Resets it; the client did not leave. */
  cut(code: number): void {
    if (this.closed) return;
    this.onGone = null;
    this.owner?.reset(this, code);
    this.#finish();
    this.body.break(bodyIncomplete());
  }

  /** The client makes no progress: for the one who serves it, it has left. */
  abandon(): void {
    this.owner?.reset(this, ErrorCode.cancel);
    this.body.onFailed(bodyIncomplete());
  }

  /** Ends a streamed answer. */
  end(trailers: HeaderList | null): void {
    if (trailers !== null && trailers.length > 0) this.trailers = trailersBlock(trailers);
    this.write(NOTHING, NOTHING, true);
  }

  /** The client is waiting to be told that it may send its body, and somebody wants it. */
  askForBody(): void {
    if (!this.#asks || this.#begun || this.closed) return;
    this.#asks = false;
    this.#host.connection.sender.headers(this, CONTINUE, false);
  }

  /** What came of the body and nobody wants. */
  dropUnread(bytes: number): void {
    if (!this.closed) this.#host.connection.drop(this, bytes);
  }

  /** The client broke the protocol on this stream. */
  violate(code: number, detail: string): void {
    this.#host.connection.abort(this, code, detail);
  }

  onWritable(): void {
    this.#sink?.onDrain?.();
  }

  /** The client has reset the stream, or the connection is gone. */
  onLost(): void {
    const gone = this.onGone;
    this.onGone = null;
    if (!this.#over) gone?.();
    this.#finish();
  }

  override onSent(): void {
    this.#finish();
  }

  override close(): void {
    super.close();
    // The whole answer has gone out: nobody may have the rest of the request any more.
    if (this.#over && !this.remoteEnded) this.body.break(bodyIncomplete());
  }

  #begin(): boolean {
    if (this.#begun || this.closed) return false;
    this.#begun = true;
    return true;
  }

  #sendHead(status: number, headers: HeaderList, contentLength: number, ends: boolean): void {
    const date = wantsDate(headers) ? httpDate(this.#host.clock) : '';
    const block = answerBlock({ status, headers, contentLength, date });
    this.#host.connection.sender.headers(this, block, ends);
  }

  #isBodiless(status: number): boolean {
    return this.head.verb === 'HEAD' || status === 204 || status === 304;
  }

  /** The answer has gone out, or will never. */
  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.onGone = null;
    const done = this.onDone;
    this.onDone = null;
    // A writer that waits is let go; what it writes goes nowhere.
    this.#sink?.onDrain?.();
    done?.();
  }
}

/** The streamed answer of an exchange. */
class Http2Sink implements Sink {
  onDrain: (() => void) | null = null;
  readonly #exchange: Http2Exchange;

  constructor(exchange: Http2Exchange) {
    this.#exchange = exchange;
  }

  write(chunk: Uint8Array): boolean {
    return chunk.length === 0 || this.#exchange.write(NOTHING, chunk, false);
  }

  end(trailers: HeaderList | null): void {
    this.#exchange.end(trailers);
  }

  fail(reason: GatewayError): void {
    this.#exchange.cut(codeOf(reason));
  }
}

/** What a client makes of a cut depends on its code ("HTTP2 Transport Mapping" of gRPC over HTTP/2). */
function codeOf({ code }: GatewayError): number {
  if (code === 'CANCELLED' || code === 'DEADLINE_EXCEEDED') return ErrorCode.cancel;
  if (code === 'RESOURCE_EXHAUSTED') return ErrorCode.enhanceYourCalm;
  return ErrorCode.internalError;
}

/** Whether the length of the body is worth a header: where there is none, the end of the stream says it all. */
function hasLength(status: number, body: Uint8Array, trailers: HeaderList | undefined): boolean {
  return trailers === undefined && body.length > 0 && status !== 204 && status !== 304;
}

function says(headers: HeaderList, name: string): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const { length } = headers[i] ?? '';
    if (length === name.length && headers[i]?.toLowerCase() === name) return true;
  }
  return false;
}
