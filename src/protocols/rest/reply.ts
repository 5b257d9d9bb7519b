/** Writes what came back as a REST answer: whole where one message answers, else a stream whose status line waits for the first message. */
import type { Call, Outcome } from '../../call/call.ts';
import { GatewayError } from '../../call/error.ts';
import type { Message } from '../../call/message.ts';
import { isLegalValue } from '../../call/metadata.ts';
import { OK, type Status, statusOf } from '../../call/status.ts';
import type { HeaderList, Reply, Sink } from '../../call/types.ts';
import type { Mask } from '../../codecs/proto-json/to-json/mask.ts';
import { errorAnswer, type ErrorContext, errorHttpStatus, errorJson } from './errors.ts';
import { streamFormat, wantsProblem } from './media-type.ts';
import { addHeaders, addTrailers } from './metadata.ts';
import { createStreamWriter, type StreamWriter } from './stream-writer.ts';
import type { RestTarget } from './target.ts';

const NOTHING: Uint8Array = new Uint8Array();

/** Answers with an error; for every failure before the first byte of the answer. `reply` where the service has sent a head. */
export function writeError(
  call: Call,
  target: RestTarget | undefined,
  status: Status,
  reply?: Reply,
): Outcome {
  const context = contextOf(call, target);
  const { status: http, headers, body } = errorAnswer(status, context);
  addHeaders(headers, reply?.metadata ?? null);
  addTrailers(headers, status.trailers);
  call.exchange.answer(http, [...headers, ...call.answerHeaders], body);
  return { code: status.code, httpStatus: http, error: status.error };
}

/** What a method with one response message has answered. */
export interface UnaryReply {
  readonly reply: Reply;
  readonly status: Status;
  readonly message: Message | undefined;
}

/** The whole answer of a method with one response message, or of a preflight. */
export function writeUnary(
  call: Call,
  target: RestTarget | undefined,
  { reply, status, message }: UnaryReply,
  mask: Mask | undefined,
): Outcome {
  if (status.code !== 'OK') return writeError(call, target, status, reply);
  const headers: HeaderList = [];
  let http = 204;
  let body = NOTHING;
  if (message !== undefined && target !== undefined) {
    http = 200;
    body = writeMessage(message, target, headers, mask);
  } else if (!call.preflight) {
    throw new GatewayError('PG_UPSTREAM_PROTOCOL', 'the service answered OK without a message', {
      reached: 'yes',
    });
  }
  addHeaders(headers, reply.metadata);
  addTrailers(headers, status.trailers);
  headers.push(...call.answerHeaders);
  call.exchange.answer(http, headers, body);
  return { code: 'OK', httpStatus: http, error: null };
}

function writeMessage(
  { bytes }: Message,
  { binding }: RestTarget,
  headers: HeaderList,
  mask: Mask | undefined,
): Uint8Array {
  if (binding.responseBody === 'raw') {
    const { contentType, data } = binding.raw(bytes);
    headers.push('content-type', bodyType(contentType));
    // The service chose the type; a browser must not choose another.
    headers.push('x-content-type-options', 'nosniff');
    return data;
  }
  headers.push('content-type', 'application/json');
  return binding.json(bytes, mask);
}

/** A stream of messages. A failure before the first one is an error answer; behind it an element, or a cut where none fits. */
export async function writeStream(
  call: Call,
  target: RestTarget,
  reply: Reply,
  mask: Mask | undefined,
): Promise<Outcome> {
  const stream = new StreamAnswer(call, target, reply, mask);
  let status: Status;
  try {
    status = await stream.pump();
  } catch (error) {
    const failure = GatewayError.from(error);
    reply.body.cancel(failure);
    status = statusOf(failure);
  }
  return stream.finish(status);
}

class StreamAnswer {
  readonly #call: Call;
  readonly #target: RestTarget;
  readonly #reply: Reply;
  readonly #mask: Mask | undefined;
  readonly #writer: StreamWriter | null;
  #sink: Sink | null = null;

  constructor(call: Call, target: RestTarget, reply: Reply, mask: Mask | undefined) {
    this.#call = call;
    this.#target = target;
    this.#reply = reply;
    this.#mask = mask;
    const { streamFormat: fallback, wrapResult } = target.settings;
    const raw = target.binding.responseBody === 'raw';
    const format = raw ? 'raw' : streamFormat(call.exchange.head, fallback);
    this.#writer = format === 'raw' ? null : createStreamWriter(format, wrapResult);
  }

  /** Hands on message after message, no faster than the client takes them. Resolves with how the stream ended. */
  async pump(): Promise<Status> {
    const { body, end } = this.#reply;
    const headOnly = this.#call.exchange.head.verb === 'HEAD';
    for (;;) {
      const next = body.next();
      const message = next instanceof Promise ? await next : next;
      if (message === undefined) return end;
      const chunk = this.#frame(message);
      if (headOnly) {
        // The head is known with the first message; nobody will see the rest.
        body.cancel(new GatewayError('PG_CLIENT_GONE', 'a HEAD request has no body'));
        return OK;
      }
      if (chunk.length > 0 && !this.#open().write(chunk)) await this.#drained();
    }
  }

  finish(status: Status): Outcome {
    const outcome = (http: number): Outcome => ({
      code: status.code,
      httpStatus: http,
      error: status.error,
    });
    if (status.code === 'OK') {
      const sink = this.#open();
      const last = this.#writer?.end();
      if (last !== undefined) sink.write(last);
      const wantsTrailers = this.#call.exchange.head.header('te')?.includes('trailers') === true;
      const trailers: HeaderList = [];
      if (wantsTrailers) addTrailers(trailers, status.trailers);
      sink.end(wantsTrailers ? trailers : null);
      return outcome(200);
    }
    if (this.#sink === null) {
      return writeError(this.#call, this.#target, status, this.#reply);
    }
    const json = errorJson(status, contextOf(this.#call, this.#target));
    const last = this.#writer?.error(Buffer.from(JSON.stringify(json)));
    if (last === undefined) {
      this.#sink.fail(status.error ?? new GatewayError('PG_UPSTREAM_RESET', status.message));
    } else {
      this.#sink.write(last);
      this.#sink.end(null);
    }
    return outcome(errorHttpStatus(status));
  }

  #frame(message: Message): Uint8Array {
    const { binding } = this.#target;
    if (this.#writer !== null) return this.#writer.message(binding.json(message.bytes, this.#mask));
    const { contentType, data } = binding.raw(message.bytes);
    this.#open(bodyType(contentType));
    return data;
  }

  /** The head goes out once, with the first message or the end. */
  #open(contentType?: string): Sink {
    if (this.#sink !== null) return this.#sink;
    const type = this.#writer?.contentType ?? contentType ?? 'application/octet-stream';
    const headers: HeaderList = ['content-type', type];
    if (type === 'text/event-stream') headers.push('cache-control', 'no-cache');
    if (this.#writer === null) headers.push('x-content-type-options', 'nosniff');
    addHeaders(headers, this.#reply.metadata);
    headers.push(...this.#call.answerHeaders);
    this.#sink = this.#call.exchange.start(200, headers);
    return this.#sink;
  }

  #drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      const sink = this.#open();
      const { cancelled } = this.#call;
      if (cancelled !== null) {
        reject(cancelled);
        return;
      }
      this.#call.onStalled = reject;
      sink.onDrain = () => {
        this.#call.onStalled = null;
        resolve();
      };
    });
  }
}

function contextOf(call: Call, target: RestTarget | undefined): ErrorContext {
  return {
    id: call.id,
    schema: target?.schema ?? null,
    problem: wantsProblem(call.exchange.head),
    pretty: target?.settings.prettyErrors === true,
  };
}

/** The content type of a google.api.HttpBody; one that is no header value is not passed on. */
function bodyType(contentType: string): string {
  return contentType !== '' && isLegalValue(contentType) ? contentType : 'application/octet-stream';
}
