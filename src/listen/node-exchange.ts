/** Exchange over Node's own request and response pair: HTTP/1.1 by node:http, or a gateway mounted into somebody's server. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../lib/clock.ts';
import { GatewayError } from '../call/error.ts';
import type { Exchange, HeaderList, Sink, Source } from '../call/types.ts';
import { discardRest } from './linger.ts';
import { NodeHead } from './node-head.ts';

export class NodeExchange implements Exchange {
  readonly head: NodeHead;
  readonly body: NodeSource;
  onGone: (() => void) | null = null;
  onDone: (() => void) | null = null;
  /** The listener's: the connection is free for the next request, or closed. */
  onClosed: (() => void) | null = null;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #clock: Clock;

  constructor(request: IncomingMessage, response: ServerResponse, clock: Clock) {
    this.#request = request;
    this.#response = response;
    this.#clock = clock;
    this.head = new NodeHead(request);
    this.body = new NodeSource(request, expectsContinue(request) ? response : null);
    // Without a listener an aborted upload would end the process; NodeSource hears of it by 'close' as well.
    request.on('error', noop);
    response.on('error', noop);
    response.on('close', this.#onClose);
  }

  answer(status: number, headers: HeaderList, body: Uint8Array, trailers?: HeaderList): void {
    const response = this.#response;
    if (response.destroyed) return;
    if (trailers !== undefined) headers.push('trailer', namesOf(trailers));
    else if (status !== 204 && status !== 304) {
      headers.push('content-length', String(body.length));
    }
    if (this.#unread) {
      headers.push('connection', 'close');
      discardRest(this.#request, this.#clock);
    }
    response.writeHead(status, headers);
    if (trailers !== undefined) response.addTrailers(pairsOf(trailers));
    response.end(body);
  }

  /** node:http hands upgrades out by an event of the server, not as a request. */
  upgrade(): Duplex {
    throw new Error('this exchange does not ask for an upgrade');
  }

  start(status: number, headers: HeaderList): Sink {
    this.#response.writeHead(status, headers);
    this.#response.flushHeaders();
    return new NodeSink(this.#response, {
      beforeEnd: () => {
        if (this.#unread) discardRest(this.#request, this.#clock);
      },
      cut: () => this.reset(),
    });
  }

  reset(): void {
    // The client did not leave.
    this.onGone = null;
    this.#request.socket.resetAndDestroy();
  }

  /** The connection ends with this answer, which says so where its head has not gone out yet. */
  closeBehind(): void {
    this.#response.shouldKeepAlive = false;
  }

  /** Whether the answer has not ended yet. */
  get busy(): boolean {
    return !this.#response.writableEnded;
  }

  /**
   * The parser refused what came behind the head: a body that breaks off, or something behind the body that is no request.
   * The answer to this request still goes out, then the connection closes.
   */
  broken(reason: GatewayError): void {
    this.closeBehind();
    this.body.break(reason);
  }

  readonly #onClose = (): void => {
    const gone = this.onGone;
    const done = this.onDone;
    this.onGone = null;
    this.onDone = null;
    if (!this.#response.writableFinished) gone?.();
    done?.();
    this.onClosed?.();
  };

  /** Whether the client may still be sending. */
  get #unread(): boolean {
    return this.head.hasBody && !this.#request.complete;
  }
}

export class NodeSource implements Source {
  readonly #request: IncomingMessage;
  #sink: Sink | null = null;
  /** Set where the client waits to be asked for the body (RFC 9110 section 10.1.1). */
  readonly #asks: ServerResponse | null;
  #broken: GatewayError | null = null;

  constructor(request: IncomingMessage, asks: ServerResponse | null) {
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
    else if (request.destroyed) this.#onClose();
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
    this.#take()?.end(null);
  };

  /** Also for a body that had arrived in full: what was not read when the connection went is gone. */
  readonly #onClose = (): void => {
    this.#take()?.fail(
      new GatewayError('PG_BODY_INCOMPLETE', 'the request body ended before its declared end'),
    );
  };

  #take(): Sink | null {
    const sink = this.#sink;
    this.#sink = null;
    return sink;
  }
}

interface SinkHooks {
  beforeEnd(): void;
  cut(): void;
}

class NodeSink implements Sink {
  onDrain: (() => void) | null = null;
  readonly #response: ServerResponse;
  readonly #hooks: SinkHooks;

  constructor(response: ServerResponse, hooks: SinkHooks) {
    this.#response = response;
    this.#hooks = hooks;
    response.on('drain', () => this.onDrain?.());
    // A writer that waits when the client leaves is let go; what it writes then goes nowhere.
    response.on('close', () => this.onDrain?.());
  }

  write(chunk: Uint8Array): boolean {
    return this.#response.destroyed || this.#response.write(chunk);
  }

  end(trailers: HeaderList | null): void {
    if (this.#response.destroyed) return;
    if (trailers !== null && trailers.length > 0) this.#response.addTrailers(pairsOf(trailers));
    this.#hooks.beforeEnd();
    this.#response.end();
  }

  fail(): void {
    this.#hooks.cut();
  }
}

function expectsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion === '1.1' && headers.expect?.toLowerCase() === '100-continue';
}

function pairsOf(headers: HeaderList): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < headers.length; i += 2)
    pairs.push([headers[i] ?? '', headers[i + 1] ?? '']);
  return pairs;
}

function namesOf(headers: HeaderList): string {
  return headers.filter((_, index) => index % 2 === 0).join(', ');
}

function noop(): void {}
