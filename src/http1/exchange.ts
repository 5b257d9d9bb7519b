/**
 * One request of a connection and its answer. It is its own body and its own sink: an object for each would be three for every request.
 * What it shares with its connection is in {@link ExchangeConnection}.
 */
import type { Duplex } from 'node:stream';
import { GatewayError } from '../call/error.ts';
import type { Exchange, HeaderList, Sink, Source } from '../call/types.ts';
import type { Clock } from '../lib/clock.ts';
import {
  declaredLength,
  ending,
  fieldLines,
  type Framing,
  headText,
  namesOf,
  wantsClose,
} from './answer-head.ts';
import type { Http1Head } from './head.ts';
import type { Output } from './output.ts';

export interface ExchangeConnection {
  readonly output: Output;
  readonly clock: Clock;
  /** No request follows this one. */
  closing: boolean;
  /** Somebody wants the body: delivers what is there by {@link Http1Exchange.deliver}, and goes on reading. */
  readBody(): void;
  /** Passes over what is left of a body that has come already; false where some of it may still come. */
  skipBody(): boolean;
  /** The client does not read what a sink has written. */
  onStalled(): void;
  /** The answer is written. */
  onAnswered(): void;
  /** Cuts the connection. */
  reset(): void;
  takeSocket(): Duplex;
}

/** open: nothing is answered; streaming: a sink is out; ended: everything is written; gone: so is the connection, or its cut. */
type State = 'open' | 'streaming' | 'ended' | 'gone';

const NOTHING = new Uint8Array();
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const INCOMPLETE = 'the request body ended before its declared end';

export class Http1Exchange implements Exchange, Source, Sink {
  readonly head: Http1Head;
  onGone: (() => void) | null = null;
  onDone: (() => void) | null = null;
  onDrain: (() => void) | null = null;
  /** All of the body has come. */
  bodyEnded: boolean;
  /** The client waits to be asked for the body. */
  #expects: boolean;
  readonly #connection: ExchangeConnection;
  #state: State = 'open';
  /** Who reads the body. */
  #reader: Sink | null = null;
  #paused = false;
  #broken: GatewayError | null = null;
  /** Of a streamed answer: none is for HEAD and statuses without a body. */
  #framing: Framing = 'none';
  /** What is missing of a declared length. */
  #left = 0;

  constructor(head: Http1Head, connection: ExchangeConnection) {
    this.head = head;
    this.bodyEnded = !head.hasBody;
    this.#expects = head.hasBody && head.section.expectsContinue;
    this.#connection = connection;
  }

  get body(): Source {
    return this;
  }

  answer(status: number, headers: HeaderList, body: Uint8Array, trailers?: HeaderList): void {
    if (this.#state !== 'open') return;
    const connection = this.#connection;
    const { output, clock } = connection;
    const bodiless = hasNoBody(status);
    const chunked = trailers !== undefined && !bodiless && this.head.httpVersion === '1.1';
    if (chunked) headers.push('trailer', namesOf(trailers));
    if (!this.bodyEnded && !connection.skipBody()) connection.closing = true;
    this.#setEnding(headers);
    ending.length = body.length;
    ending.framing = 'length';
    if (bodiless) ending.framing = 'none';
    else if (chunked) ending.framing = 'chunked';
    const text = headText(status, headers, clock);
    const last = chunked ? fieldLines(trailers) : '';
    this.#state = 'ended';
    if (bodiless || this.head.verb === 'HEAD') {
      output.whole(text, NOTHING);
    } else if (chunked) {
      output.begin(text, true);
      output.append(body);
      output.end(last);
    } else {
      output.whole(text, body);
    }
    connection.onAnswered();
  }

  start(status: number, headers: HeaderList): Sink {
    if (this.#state !== 'open') return this;
    const connection = this.#connection;
    const length = declaredLength(headers);
    const { verb, httpVersion } = this.head;
    let framing: Framing = 'chunked';
    if (hasNoBody(status)) framing = 'none';
    else if (length >= 0) framing = 'length';
    // RFC 9112 section 6.1: the answer to HEAD need not say how its body would be coded.
    else if (verb === 'HEAD') framing = 'none';
    else if (httpVersion === '1.0') framing = 'close';
    if (framing === 'close') connection.closing = true;
    this.#setEnding(headers);
    ending.length = length;
    ending.framing = framing;
    const text = headText(status, headers, connection.clock);
    this.#state = 'streaming';
    this.#left = length;
    this.#framing = verb === 'HEAD' ? 'none' : framing;
    connection.output.begin(text, this.#framing === 'chunked');
    return this;
  }

  upgrade(headers: HeaderList): Duplex {
    const { upgrade } = this.head;
    if (upgrade === undefined || this.#state !== 'open') {
      throw new Error('this exchange does not ask for an upgrade');
    }
    const fields = fieldLines(headers);
    this.#state = 'ended';
    const { output } = this.#connection;
    output.text(
      `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${upgrade}\r\n${fields}\r\n`,
    );
    return this.#connection.takeSocket();
  }

  reset(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    // The client did not leave.
    this.onGone = null;
    this.#connection.reset();
  }

  /** Sink: a part of a streamed answer. */
  write(chunk: Uint8Array): boolean {
    if (this.#state !== 'streaming') return true;
    const { output } = this.#connection;
    if (this.#framing === 'none') return true;
    if (this.#framing === 'length') {
      this.#left -= chunk.length;
      if (this.#left < 0) {
        // More than was declared would be read as the next answer (RFC 9112 section 6.3).
        this.reset();
        return true;
      }
    }
    output.append(chunk);
    if (!output.congested) return true;
    this.#connection.onStalled();
    return false;
  }

  end(trailers: HeaderList | null): void {
    if (this.#state !== 'streaming') return;
    if (this.#framing === 'length' && this.#left !== 0) {
      this.reset();
      return;
    }
    const last = trailers === null || this.#framing !== 'chunked' ? '' : fieldLines(trailers);
    this.#state = 'ended';
    this.#connection.output.end(last);
    this.#connection.onAnswered();
  }

  fail(): void {
    this.reset();
  }

  /** Source: somebody reads the body. */
  pump(sink: Sink): void {
    if (this.#broken !== null || this.#state === 'gone') {
      sink.fail(this.#broken ?? new GatewayError('PG_BODY_INCOMPLETE', INCOMPLETE));
      return;
    }
    if (this.bodyEnded) {
      sink.end(null);
      return;
    }
    this.#reader = sink;
    if (this.#expects && this.#state === 'open') this.#connection.output.text(CONTINUE);
    this.#expects = false;
    this.#connection.readBody();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#reader !== null) this.#connection.readBody();
  }

  /** HTTP/1.1 has no way to refuse the rest of a body; what has not come when the answer is written ends the connection. */
  cancel(): void {
    this.#reader = null;
  }

  /** Whether somebody takes the body now. */
  get reading(): boolean {
    return this.#reader !== null && !this.#paused;
  }

  /** The connection's: a part of the body. */
  deliver(chunk: Uint8Array): void {
    // Whoever asks for the body by sending it does not wait for 100 (RFC 9110 section 10.1.1).
    this.#expects = false;
    if (this.#reader?.write(chunk) === false) this.#paused = true;
  }

  /** The connection's: all of the body has been delivered or passed over. */
  endBody(): void {
    this.bodyEnded = true;
    const reader = this.#reader;
    this.#reader = null;
    reader?.end(null);
  }

  /** The connection's: nothing more of the body comes although it has not ended. */
  breakBody(reason: GatewayError = new GatewayError('PG_BODY_INCOMPLETE', INCOMPLETE)): void {
    this.#broken ??= reason;
    const reader = this.#reader;
    this.#reader = null;
    reader?.fail(reason);
  }

  /** The connection's: what the client can still get has been handed over, or the connection is gone (`left`). */
  finish(left: boolean): void {
    const gone = this.onGone;
    const done = this.onDone;
    this.onGone = null;
    this.onDone = null;
    if (left) {
      this.#state = 'gone';
      if (!this.bodyEnded) this.breakBody();
      gone?.();
      // A writer that waits is let go; what it writes then goes nowhere.
      this.onDrain?.();
    }
    done?.();
  }

  /** Whether the connection goes on behind this answer, which must say so before it is written. */
  #setEnding(headers: HeaderList): void {
    const connection = this.#connection;
    const { section, httpVersion } = this.head;
    const old = httpVersion === '1.0';
    if (section.close || (old && !section.keepAlive) || wantsClose(headers))
      connection.closing = true;
    ending.close = connection.closing;
    ending.keepAlive = old && !connection.closing;
  }
}

/** RFC 9110 section 6.4.1. */
function hasNoBody(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}
