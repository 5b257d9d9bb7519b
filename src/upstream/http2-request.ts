/** One request as a stream of HTTP/2, and its answer. */
import { GatewayError } from '../call/error.ts';
import type { HttpListener, OutgoingRequest } from '../call/http-transport.ts';
import type { FieldSection, StreamListener } from '../call/transport.ts';
import { HeldBytes } from '../http2/held-bytes.ts';
import { Stream } from '../http2/stream.ts';
import { faultOfAnswer } from './answer-rules.ts';

const NOTHING = new Uint8Array();
const NO_TRAILERS: readonly string[] = [];

/**
 * Between the stream and its listener: what comes while nobody reads is held, which the window of the stream bounds. A complete answer is
 * one, whatever becomes of the stream behind it (RFC 9113 section 8.1).
 */
export class Http2Request implements OutgoingRequest, StreamListener {
  readonly stream: Stream;
  #listener: HttpListener | null;
  #paused = false;
  #held: HeldBytes | null = null;
  #sawHead = false;
  #ended = false;
  #trailers = NO_TRAILERS;
  /** The upload waits for it. */
  #wake: (() => void) | null = null;

  constructor(head: readonly Uint8Array[], listener: HttpListener) {
    this.stream = new Stream(head, this);
    this.#listener = listener;
  }

  /** Sends the body, a piece when the one before has gone out. Never rejects. */
  async upload(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const { stream } = this;
    try {
      for await (const piece of pieces) {
        if (!stream.closed && !stream.write(NOTHING, piece, false)) await this.#drained();
        if (stream.closed) return;
      }
      stream.write(NOTHING, NOTHING, true);
    } catch (error) {
      this.fail(GatewayError.from(error));
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    while (this.#listener !== null && !this.#paused) {
      const part = this.#held?.shift();
      if (part === undefined) break;
      this.#give(this.#listener, part);
    }
    if (this.#ended) this.#endIfRead();
  }

  cancel(): void {
    this.#take();
    this.stream.cancel();
    this.#onSettled();
  }

  /** Ended by the gateway. */
  fail(reason: GatewayError): void {
    const listener = this.#take();
    this.cancel();
    listener?.onFailed(reason);
  }

  onHeaders(section: FieldSection, ended: boolean): void {
    this.#ended = ended;
    if (this.#sawHead) {
      this.#trailers = section.fields;
    } else {
      this.#sawHead = true;
      const { status, headers } = headOf(section);
      const wrong = faultOfAnswer(status, headers);
      if (wrong !== undefined) {
        this.fail(
          new GatewayError('PG_UPSTREAM_PROTOCOL', `the service's answer has ${wrong}`, {
            reached: 'yes',
          }),
        );
        return;
      }
      this.#listener?.onHead(status, headers);
    }
    if (ended) this.#endIfRead();
  }

  onData(bytes: Uint8Array, ended: boolean): void {
    this.#ended = ended;
    const listener = this.#listener;
    if (bytes.length > 0 && listener !== null) {
      if (this.#waits) (this.#held ??= new HeldBytes()).push(bytes);
      else this.#give(listener, bytes);
    }
    if (ended) this.#endIfRead();
  }

  onDrain(): void {
    this.#onSettled();
  }

  onFailed(reason: GatewayError): void {
    if (!this.#ended) this.#take()?.onFailed(reason);
    this.#onSettled();
  }

  /** Whether something goes ahead of what comes now. */
  get #waits(): boolean {
    return this.#paused || this.#held?.empty === false;
  }

  #give(listener: HttpListener, bytes: Uint8Array): void {
    listener.onChunk(bytes);
    this.stream.credit(bytes.length);
  }

  #endIfRead(): void {
    if (this.#waits) return;
    const trailers = this.#trailers;
    this.#take()?.onEnd(trailers);
    // Nobody reads the rest of the request, if there is one.
    this.cancel();
  }

  #take(): HttpListener | null {
    const listener = this.#listener;
    this.#listener = null;
    this.#held = null;
    return listener;
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #onSettled(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

/** Kept with the section: most answers of a service have the same head. */
class AnswerHead {
  readonly status: number;
  readonly headers: readonly string[];

  constructor(fields: readonly string[]) {
    this.status = Number(fields[1]);
    this.headers = fields.slice(2);
  }
}

function headOf(section: FieldSection): AnswerHead {
  if (section.reading instanceof AnswerHead) return section.reading;
  return (section.reading = new AnswerHead(section.fields));
}
