/** One call as one HTTP request: its message bound by the http rule, its answer read back into messages. */
import type { ReverseBinding } from '../../binding/reverse/types.ts';
import type { Attempt } from '../../call/attempt.ts';
import { EMPTY_BODY, PushBody, SingleBody } from '../../call/body.ts';
import { GatewayError } from '../../call/error.ts';
import type { HttpListener, HttpTransport, OutgoingRequest } from '../../call/http-transport.ts';
import { type Status, statusOf } from '../../call/status.ts';
import type { Body, Reply } from '../../call/types.ts';
import type { Schema } from '../../schema/model.ts';
import { protocolError, RestAnswer } from './outbound-answer.ts';
import { openRequest } from './outbound-request.ts';

/** What the calls of one outbound share. */
export interface RestWire {
  readonly transport: HttpTransport;
  readonly maxMessageBytes: number;
  readonly schema: Schema;
}

/**
 * Drives one attempt; `run` is called once. The reply is settled exactly once, and so is its end: by the service once its messages have
 * been read, by a failure of either side, or by a cancellation, whichever comes first.
 */
export class RestCall implements HttpListener {
  readonly #attempt: Attempt;
  readonly #wire: RestWire;
  readonly #binding: ReverseBinding;
  /** One response message: the reply waits for the end of the answer. */
  readonly #unaryReply: boolean;
  readonly #reply = Promise.withResolvers<Reply>();
  #request: OutgoingRequest | null = null;
  #answer: RestAnswer | null = null;
  /** Of a reply that comes before its end. */
  #end: PromiseWithResolvers<Status> | null = null;
  #messages: PushBody | null = null;
  /** The service has said it; it counts when the messages before it have been read. */
  #status: Status | null = null;
  #ended = false;

  constructor(attempt: Attempt, wire: RestWire, binding: ReverseBinding) {
    this.#attempt = attempt;
    this.#wire = wire;
    this.#binding = binding;
    const { kind } = attempt.call.route;
    this.#unaryReply = kind === 'unary' || kind === 'client_stream';
  }

  run(): Promise<Reply> {
    // One that is cancelled already fails here, before the service hears of it.
    this.#attempt.onCancel = (reason) => this.#cancel(reason);
    if (!this.#ended) void this.#send();
    return this.#reply.promise;
  }

  onHead(httpStatus: number, headers: readonly string[]): void {
    const { maxMessageBytes, schema } = this.#wire;
    const answer = new RestAnswer(httpStatus, headers, this.#binding, {
      maxMessageBytes,
      schema,
      streamed: !this.#unaryReply,
      touch: () => this.#attempt.call.touch(),
    });
    this.#answer = answer;
    this.#try(() => answer.check());
    if (this.#ended || !answer.streamed) return;
    this.#end = Promise.withResolvers();
    this.#messages = new PushBody({
      pull: () => this.#pull(),
      cancel: (reason) => this.#fail(reason),
    });
    answer.messages = this.#messages;
    this.#resolve(this.#messages, this.#end.promise);
  }

  onChunk(chunk: Uint8Array): void {
    const answer = this.#answer;
    if (this.#ended || answer === null || this.#status !== null) return;
    this.#try(() => answer.push(chunk));
    if (this.#ended) return;
    const { early } = answer;
    if (early !== null) {
      this.#onStatus(early);
    } else if (this.#messages !== null && this.#messages.waiting > 0) {
      this.#request?.pause();
    }
  }

  onEnd(trailers: readonly string[]): void {
    this.#request = null;
    const answer = this.#answer;
    if (this.#ended || answer === null || this.#status !== null) return;
    const { clock } = this.#attempt.call.wheel;
    this.#try(() => this.#onStatus(answer.finish(trailers, clock.epochMs())));
  }

  onFailed(reason: GatewayError): void {
    this.#request = null;
    this.#fail(reason);
  }

  /** The service hears nothing before there is something good to send. Never rejects: a failure of the request is one of the call. */
  async #send(): Promise<void> {
    const { body } = this.#attempt.call;
    try {
      const next = body.next();
      const message = next instanceof Promise ? await next : next;
      if (this.#ended) return;
      if (message === undefined && body.single) {
        throw new GatewayError('PG_MESSAGE_COUNT', 'a request message is missing');
      }
      this.#request = openRequest(this.#attempt, {
        binding: this.#binding,
        transport: this.#wire.transport,
        first: message?.bytes,
        listener: this,
        fail: (reason) => this.#fail(reason),
      });
    } catch (error) {
      this.#fail(GatewayError.from(error));
    }
  }

  /** The reader has taken all that was there. */
  #pull(): void {
    if (this.#status !== null) this.#settle(this.#status);
    else this.#request?.resume();
  }

  #onStatus(status: Status): void {
    if (this.#messages !== null && this.#messages.waiting > 0) this.#status = status;
    else this.#settle(status);
  }

  #settle(status: Status): void {
    this.#close(ANSWERED);
    const { body } = this.#attempt.call;
    if (this.#end !== null) {
      this.#messages?.end();
      this.#end.resolve(status);
    } else {
      const message = this.#answer?.message ?? null;
      const good = status.code === 'OK' && message !== null;
      this.#resolve(good ? new SingleBody({ codec: 'proto', bytes: message }) : EMPTY_BODY, status);
    }
    // The service may answer before it has read everything.
    if (!body.single) body.cancel(ANSWERED);
  }

  #resolve(body: Body, end: Reply['end']): void {
    const { httpStatus, metadata } = this.#answer ?? { httpStatus: 200, metadata: null };
    this.#reply.resolve({ httpStatus, metadata, body, end });
  }

  #try(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(answerError(GatewayError.from(error)));
    }
  }

  #cancel(reason: GatewayError): void {
    // Messages that nobody will read must not look like a proper end to somebody who asks again.
    this.#messages?.cancel(reason);
    this.#fail(reason);
  }

  #fail(reason: GatewayError): void {
    if (this.#ended) return;
    this.#close(reason);
    this.#messages?.fail(reason);
    if (this.#end !== null) this.#end.resolve(statusOf(reason));
    else this.#reply.reject(reason);
    // An upload must not go on for a service that is not there any more.
    this.#attempt.call.body.cancel(reason);
  }

  #close(reason: GatewayError): void {
    this.#ended = true;
    this.#attempt.onCancel = null;
    const request = this.#request;
    this.#request = null;
    // Behind what has been received already: an answer whose end came along leaves its connection to others.
    if (request !== null) queueMicrotask(() => request.cancel(reason));
  }
}

const ANSWERED = new GatewayError('PG_CLIENT_GONE', 'the service has answered already');

/** Framing knows a sender of the gateway's; here that is the service. */
function answerError(error: GatewayError): GatewayError {
  if (error.pg === 'PG_BODY_TOO_LARGE') {
    return new GatewayError('PG_RESPONSE_TOO_LARGE', error.message, { reached: 'yes' });
  }
  if (error.pg !== 'PG_MALFORMED_JSON') return error;
  return protocolError(`the service's stream is broken: ${error.message}`);
}
