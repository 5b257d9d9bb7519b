/** Writes a stream of messages as a REST answer, whose status line waits for the first of them. */
import { type EventFields, eventLines, eventMask } from '../../binding/event-fields.ts';
import type { Call, Outcome } from '../../call/call.ts';
import { GatewayError } from '../../call/error.ts';
import type { Message } from '../../call/message.ts';
import { OK, type Status, statusOf } from '../../call/status.ts';
import type { HeaderList, Reply, Sink } from '../../call/types.ts';
import { CompressingSink } from '../../compression/compressing-sink.ts';
import type { Mask } from '../../codecs/proto-json/to-json/mask.ts';
import { startStream } from './compressed-answer.ts';
import { errorJson, isBodiless } from './errors.ts';
import { Heartbeat } from './heartbeat.ts';
import { streamFormat } from './media-type.ts';
import { addHeaders, addTrailers } from './metadata.ts';
import { addCoding, bodyType, contextOf, writeError } from './reply.ts';
import { createStreamWriter, type StreamWriter } from './stream-writer.ts';
import type { RestTarget } from './target.ts';

/** A failure before the first message is an error answer; behind it an element, or a cut where none fits. */
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
  /** Null for a streamed google.api.HttpBody. */
  readonly #writer: StreamWriter | null;
  readonly #heartbeat: Heartbeat | null;
  /** What events take from messages, and the mask that leaves just that. */
  readonly #events: EventFields | undefined;
  readonly #eventMask: Mask | undefined;
  #sink: Sink | null = null;

  constructor(call: Call, target: RestTarget, reply: Reply, mask: Mask | undefined) {
    this.#call = call;
    this.#target = target;
    this.#reply = reply;
    this.#mask = mask;
    const { binding, settings } = target;
    const format =
      binding.responseBody === 'raw'
        ? 'raw'
        : streamFormat(call.exchange.head, settings.streamFormat);
    this.#writer = format === 'raw' ? null : createStreamWriter(format, settings.wrapResult);
    const { events } = target;
    this.#eventMask =
      format === 'sse' && events !== undefined ? eventMask(binding, events) : undefined;
    this.#events = this.#eventMask === undefined ? undefined : events;
    this.#heartbeat =
      format === 'sse' && settings.heartbeatMs !== Infinity
        ? new Heartbeat(call.wheel, settings.heartbeatMs, () => this.#open())
        : null;
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
      if (chunk.length === 0) continue;
      const takesMore = this.#open().write(chunk);
      this.#heartbeat?.touch(!takesMore);
      if (takesMore) continue;
      await this.#drained();
      this.#heartbeat?.touch(false);
    }
  }

  finish(status: Status): Outcome | Promise<Outcome> {
    this.#heartbeat?.stop();
    const { code, error } = status;
    const outcome: Outcome = { code, httpStatus: statusOfStream(this.#reply), error };
    if (status.code === 'OK') {
      const sink = this.#open();
      const last = this.#writer?.end();
      if (last !== undefined) sink.write(last);
      this.#end(sink, status);
      return outcome;
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
      this.#end(this.#sink, status);
    }
    return outcome;
  }

  #frame({ bytes }: Message): Uint8Array {
    const { binding } = this.#target;
    if (this.#writer !== null) {
      const lines =
        this.#events === undefined
          ? ''
          : eventLines(binding.json(bytes, this.#eventMask), this.#events);
      return this.#writer.message(binding.json(bytes, this.#mask), lines);
    }
    const { contentType, data } = binding.raw(bytes);
    this.#open(bodyType(contentType));
    return data;
  }

  /** The head goes out once, with the first message, comment or the end. */
  #open(contentType?: string): Sink {
    if (this.#sink !== null) return this.#sink;
    const type = this.#writer?.contentType ?? contentType ?? 'application/octet-stream';
    const headers: HeaderList = ['content-type', type];
    if (type === 'text/event-stream') headers.push('cache-control', 'no-cache');
    if (this.#writer === null) headers.push('x-content-type-options', 'nosniff');
    addHeaders(headers, this.#reply.metadata);
    headers.push(...this.#call.answerHeaders);
    if (this.#writer === null) addCoding(headers, this.#reply);
    const { answerCompression } = this.#target.settings;
    const status = statusOfStream(this.#reply);
    this.#sink = startStream(this.#call, answerCompression, status, headers);
    return this.#sink;
  }

  #end(sink: Sink, status: Status): void {
    const wantsTrailers = this.#call.exchange.head.header('te')?.includes('trailers') === true;
    const trailers: HeaderList = [];
    if (wantsTrailers) addTrailers(trailers, status.trailers);
    sink.end(wantsTrailers ? trailers : null);
    if (!(sink instanceof CompressingSink)) return;
    // What is still being compressed is for nobody once the client is gone.
    this.#call.onStalled = (reason) => {
      if (reason.pg === 'PG_CLIENT_GONE') sink.drop();
    };
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

/** The status of a stream that begins; one without messages is a stream all the same. */
function statusOfStream({ httpStatus = 200 }: Reply): number {
  return isBodiless(httpStatus) ? 200 : httpStatus;
}
