/** Exchange over Node's own request and response pair, for a gateway that is mounted into somebody's server of node:http or node:http2. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Clock } from '../lib/clock.ts';
import { GatewayError } from '../call/error.ts';
import type { Exchange, HeaderList, Sink, Source } from '../call/types.ts';
import { discardRest } from './linger.ts';
import { NodeHead } from './node-head.ts';
import {
  addTrailers,
  endWithHead,
  namesOf,
  type NodeResponse,
  refuseRestOf,
  writeChunk,
  writeHead,
} from './node-response.ts';

/** Told apart by their `httpVersionMajor`. */
export type NodeRequest =
  | (IncomingMessage & { httpVersionMajor: 1 })
  | (Http2ServerRequest & { httpVersionMajor: 2 });

export interface NodePair {
  readonly request: NodeRequest;
  readonly response: NodeResponse;
  /** Whether the client waits to be asked for the body, and nobody has done so. */
  readonly asks: boolean;
}

const INCOMPLETE = 'the request body ended before its declared end';
/** RFC 9113 section 7: why a stream ends. */
const INTERNAL_ERROR = 2;

export class NodeExchange implements Exchange {
  readonly head: NodeHead;
  readonly body: NodeSource;
  onGone: (() => void) | null = null;
  onDone: (() => void) | null = null;
  /** The mount's: the connection is free for the next request, or closed. */
  onClosed: (() => void) | null = null;
  readonly #request: NodeRequest;
  readonly #response: NodeResponse;
  readonly #clock: Clock;
  #closed = false;

  constructor({ request, response, asks }: NodePair, clock: Clock) {
    this.#request = request;
    this.#response = response;
    this.#clock = clock;
    this.head = new NodeHead(request);
    this.body = new NodeSource(request, asks ? response : null);
    // Without a listener an aborted upload would end the process; NodeSource hears of it by 'close' as well.
    request.on('error', noop);
    response.on('error', noop);
    response.on('close', this.#onClose);
  }

  answer(status: number, headers: HeaderList, body: Uint8Array, trailers?: HeaderList): void {
    const response = this.#response;
    if (this.#closed || response.headersSent) return;
    // Node takes trailers from HTTP/1.1 clients only where the body comes in chunks.
    const chunked = trailers !== undefined && this.head.httpVersion !== '1.0';
    if (chunked) headers.push('trailer', namesOf(trailers));
    else if (status !== 204 && status !== 304) headers.push('content-length', String(body.length));
    const empty = body.length === 0 && !chunked;
    if (this.#unread) this.#refuseRest(headers, empty || this.#isBodiless(status));
    if (empty && 'stream' in response) {
      endWithHead(response, status, headers);
      return;
    }
    writeHead(response, status, headers);
    if (chunked) addTrailers(response, trailers);
    response.end(body);
  }

  /** node:http hands upgrades out by an event of the server, not as a request. */
  upgrade(): Duplex {
    throw new Error('this exchange does not ask for an upgrade');
  }

  start(status: number, headers: HeaderList): Sink {
    const response = this.#response;
    if (!this.#closed && !response.headersSent) {
      writeHead(response, status, headers);
      // Both have it; the types of node:http2 don't.
      (response as ServerResponse).flushHeaders();
    }
    return new NodeSink(response, {
      closed: this.#closed,
      beforeEnd: () => {
        if (this.#unread) this.#refuseRest([], this.#isBodiless(status));
      },
      cut: () => this.reset(),
    });
  }

  reset(): void {
    // The client did not leave.
    this.onGone = null;
    const request = this.#request;
    if (request.httpVersionMajor === 2) request.stream.close(INTERNAL_ERROR);
    else if ('encrypted' in request.socket) request.socket.destroy();
    else request.socket.resetAndDestroy();
  }

  /** Whether the answer has not ended yet. */
  get busy(): boolean {
    return !this.#response.writableEnded;
  }

  /** The parser refused what came behind the head; the answer to this request still goes out, then the connection closes. */
  broken(): void {
    if ('shouldKeepAlive' in this.#response) this.#response.shouldKeepAlive = false;
    this.body.break(new GatewayError('PG_BODY_INCOMPLETE', INCOMPLETE));
  }

  readonly #onClose = (): void => {
    const gone = this.onGone;
    const done = this.onDone;
    this.#closed = true;
    this.onGone = null;
    this.onDone = null;
    this.body.closed = true;
    if (this.#left) gone?.();
    done?.();
    this.onClosed?.();
  };

  /** Whether the client has left before the end of the answer. */
  get #left(): boolean {
    const request = this.#request;
    // The response of node:http2 calls itself finished when its stream is closed, for whatever reason.
    if (request.httpVersionMajor === 2)
      return !this.#response.writableEnded || request.stream.aborted;
    return !this.#response.writableFinished;
  }

  /** The client sends what nobody will read. HTTP/2 has a word for that (RFC 9113 section 8.1); on HTTP/1.1 the connection ends. */
  #refuseRest(headers: HeaderList, headEnds: boolean): void {
    const request = this.#request;
    if (request.httpVersionMajor === 2) {
      refuseRestOf(request.stream, headEnds);
      return;
    }
    headers.push('connection', 'close');
    discardRest(request, this.#clock);
  }

  /** Node ends a stream of HTTP/2 with such a head. */
  #isBodiless(status: number): boolean {
    return this.head.verb === 'HEAD' || status === 204 || status === 205 || status === 304;
  }

  /** Whether the client may still be sending. */
  get #unread(): boolean {
    return this.head.hasBody && !this.#request.complete;
  }
}

class NodeSource implements Source {
  /** The exchange is over: nothing more comes. */
  closed = false;
  readonly #request: NodeRequest;
  #sink: Sink | null = null;
  /** Set where the client waits to be asked for the body (RFC 9110 section 10.1.1). */
  readonly #asks: NodeResponse | null;
  #broken: GatewayError | null = null;

  constructor(request: NodeRequest, asks: NodeResponse | null) {
    this.#request = request;
    this.#asks = asks;
  }

  pump(sink: Sink): void {
    this.#sink = sink;
    if (this.#asks?.headersSent === false) this.#asks.writeContinue();
    const request = this.#request;
    request.on('data', this.#onData);
    request.on('end', this.#onEnd);
    request.on('close', this.#onClose);
    if (this.#broken !== null) this.#take()?.fail(this.#broken);
    else if (this.closed || request.destroyed) this.#onClose();
  }

  /** The rest of the body cannot be read; nothing happens where it has been read in full. */
  break(reason: GatewayError): void {
    if (this.#request.complete) return;
    this.#broken = reason;
    this.#take()?.fail(reason);
  }

  pause(): void {
    this.#request.pause();
  }

  resume(): void {
    this.#request.resume();
  }

  /** HTTP/1.1 has no way to refuse the rest of a body; the exchange discards it when it answers. */
  cancel(): void {
    this.#sink = null;
    this.#request.off('data', this.#onData);
    this.#request.pause();
  }

  readonly #onData = (chunk: Uint8Array): void => {
    if (this.#sink?.write(chunk) === false) this.#request.pause();
  };

  readonly #onEnd = (): void => {
    this.#take()?.end(this.#trailers);
  };

  /** On HTTP/1.1 they are discarded (RFC 9110 section 6.5.1), as on our own port. */
  get #trailers(): HeaderList | null {
    const request = this.#request;
    const raw = request.httpVersionMajor === 2 ? request.rawTrailers : [];
    return raw.length === 0 ? null : raw;
  }

  /** Also for a body that had arrived in full: what was not read when the connection went is gone. */
  readonly #onClose = (): void => {
    this.#take()?.fail(new GatewayError('PG_BODY_INCOMPLETE', INCOMPLETE));
  };

  #take(): Sink | null {
    const sink = this.#sink;
    this.#sink = null;
    return sink;
  }
}

interface SinkHooks {
  /** The client has left already. */
  readonly closed: boolean;
  beforeEnd(): void;
  cut(): void;
}

class NodeSink implements Sink {
  onDrain: (() => void) | null = null;
  readonly #response: NodeResponse;
  readonly #hooks: SinkHooks;
  #closed: boolean;

  constructor(response: NodeResponse, hooks: SinkHooks) {
    this.#response = response;
    this.#hooks = hooks;
    this.#closed = hooks.closed;
    response.on('drain', () => this.onDrain?.());
    // A writer that waits when the client leaves is let go; what it writes then goes nowhere.
    response.on('close', () => {
      this.#closed = true;
      this.onDrain?.();
    });
  }

  write(chunk: Uint8Array): boolean {
    return this.#closed || writeChunk(this.#response, chunk);
  }

  end(trailers: HeaderList | null): void {
    if (this.#closed) return;
    if (trailers !== null && trailers.length > 0) addTrailers(this.#response, trailers);
    this.#hooks.beforeEnd();
    this.#response.end();
  }

  fail(): void {
    this.#hooks.cut();
  }
}

function noop(): void {}
