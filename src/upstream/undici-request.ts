/** One request on its way through undici, and its answer. */
import type { Dispatcher } from 'undici';
import { GatewayError } from '../call/error.ts';
import type { HttpListener, OutgoingRequest } from '../call/http-transport.ts';
import { faultOfAnswer, faultOfInterim } from './answer-rules.ts';
import type { HttpNumbers } from './http-numbers.ts';

type Controller = Dispatcher.DispatchController;

/** After how long a new try makes sense when no connection could be made. */
const RETRY_AFTER_MS = 1_000;

/**
 * A handler of undici. How far the request has come is what {@link GatewayError.reached} says of its failure: nothing before
 * `onRequestStart`, all of it from the first byte of an answer on.
 */
export class UndiciRequest implements Dispatcher.DispatchHandler, OutgoingRequest {
  #listener: HttpListener | null;
  readonly #numbers: HttpNumbers;
  #controller: Controller | null = null;
  /** Why nobody waits any more. */
  #reason: GatewayError | null = null;
  #answered = false;
  #interim = 0;

  constructor(listener: HttpListener, numbers: HttpNumbers) {
    this.#listener = listener;
    this.#numbers = numbers;
    numbers.requests.add(this);
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  cancel(reason: GatewayError): void {
    this.#listener = null;
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  /** Never sent. */
  refuse(reason: GatewayError): void {
    this.#reason = reason;
    this.#numbers.requests.delete(this);
    this.#numbers.refused++;
    queueMicrotask(() => this.#take()?.onFailed(reason));
  }

  /** Ended by the gateway. */
  fail(reason: GatewayError): void {
    const listener = this.#take();
    this.cancel(reason);
    listener?.onFailed(reason);
  }

  onRequestStart(controller: Controller): void {
    // Cancelled while it waited: thrown here it leaves the connection to others.
    if (this.#reason !== null) throw this.#reason;
    this.#controller = controller;
    this.#numbers.streams++;
    this.#numbers.streamsOpened++;
  }

  onResponseStarted(): void {
    this.#answered = true;
  }

  onResponseStart(controller: Controller, status: number): void {
    // RFC 9110 section 15.2: an interim answer comes before the one that counts.
    if (status < 200) {
      const wrong = faultOfInterim(status, ++this.#interim);
      if (wrong !== undefined) controller.abort(protocolFault(wrong));
      return;
    }
    const headers = headersOf(controller.rawHeaders);
    const wrong = faultOfAnswer(status, headers);
    if (wrong === undefined) this.#listener?.onHead(status, headers);
    // It takes the connection along.
    else controller.abort(protocolFault(wrong));
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    this.#listener?.onChunk(chunk);
  }

  onResponseEnd(controller: Controller): void {
    this.#leave();
    this.#take()?.onEnd(headersOf(controller.rawTrailers));
  }

  onResponseError(_controller: Controller | undefined, error: Error): void {
    const started = this.#leave();
    const reason = started ? this.#broken(error) : unavailable(error);
    // What the gateway itself has ended is nothing that the service did.
    if (this.#reason === null) this.#count(started, reason);
    this.#take()?.onFailed(reason);
  }

  /** Whether it had a connection. */
  #leave(): boolean {
    const started = this.#controller !== null;
    this.#controller = null;
    this.#numbers.requests.delete(this);
    if (started) this.#numbers.streams--;
    return started;
  }

  #count(started: boolean, reason: GatewayError): void {
    if (!started) this.#numbers.refused++;
    else if (reason.pg === 'PG_UPSTREAM_RESET') this.#numbers.lost++;
    else this.#numbers.violations++;
  }

  #take(): HttpListener | null {
    const listener = this.#listener;
    this.#listener = null;
    return listener;
  }

  #broken(error: Error): GatewayError {
    if (error instanceof GatewayError) return error;
    const code = 'code' in error ? String(error.code) : '';
    if (code === 'UND_ERR_HEADERS_OVERFLOW') {
      const message = "the head of the service's answer is too large";
      return new GatewayError('PG_RESPONSE_TOO_LARGE', message, { reached: 'yes', cause: error });
    }
    const malformed = error.name === 'HTTPParserError' || error.message.startsWith('bad ');
    if (malformed || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
      return protocolFault(error);
    }
    const message = this.#answered
      ? 'the connection to the service broke off within its answer'
      : 'the connection to the service broke off before its answer';
    const reached = this.#answered ? 'yes' : 'maybe';
    return new GatewayError('PG_UPSTREAM_RESET', message, { reached, cause: error });
  }
}

/** `cause` is for the log. */
function protocolFault(cause: Error | string): GatewayError {
  const message = "the service's answer is not HTTP/1.1 as it should be";
  const error = typeof cause === 'string' ? new Error(cause) : cause;
  return new GatewayError('PG_UPSTREAM_PROTOCOL', message, { reached: 'yes', cause: error });
}

function unavailable(error: Error): GatewayError {
  if (error instanceof GatewayError) return error;
  // A request that the library itself finds wrong is a fault of ours.
  if ('code' in error && error.code === 'UND_ERR_INVALID_ARG') return GatewayError.from(error);
  return new GatewayError('PG_UPSTREAM_UNAVAILABLE', 'no connection to the service', {
    reached: 'no',
    retryAfterMs: RETRY_AFTER_MS,
    cause: error,
  });
}

/** Header names are case-insensitive and values bytes, one character each (RFC 9110 section 5.5). */
function headersOf(raw: Controller['rawHeaders']): string[] {
  const headers: string[] = [];
  if (!Array.isArray(raw)) return headers;
  for (let i = 0; i < raw.length; i += 2) {
    headers.push(textOf(raw[i]).toLowerCase(), textOf(raw[i + 1]));
  }
  return headers;
}

function textOf(bytes: Buffer | string | undefined): string {
  return typeof bytes === 'string' ? bytes : (bytes?.toString('latin1') ?? '');
}
