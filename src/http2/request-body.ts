/** The client's side of an exchange: what comes of a request behind its head, for the one who pumps it. */
import { GatewayError } from '../call/error.ts';
import type { HeaderList, Sink, Source } from '../call/types.ts';
import type { FieldSection, StreamListener } from '../call/transport.ts';
import { ErrorCode } from './errors.ts';
import type { Http2Exchange } from './exchange.ts';
import { HeldBytes } from './held-bytes.ts';

export class RequestBody implements Source, StreamListener {
  /** Set as soon as there is one. */
  exchange: Http2Exchange | null = null;
  /** What the client has said it is; -1 where it has not. */
  contentLength = -1;
  /** How much of it has come. */
  received = 0;
  #sink: Sink | null = null;
  #paused = false;
  #held: HeldBytes | null = null;
  #ended = false;
  #trailers: HeaderList | null = null;
  #broken: GatewayError | null = null;
  /** Nobody will read the rest. */
  #unwanted = false;
  #flowing = false;

  /** Whether somebody waits for more of it. */
  get awaited(): boolean {
    return this.#sink !== null && !this.#paused && !this.#ended;
  }

  /** The whole body is the head alone. */
  endAtHead(): void {
    this.#ended = true;
  }

  pump(sink: Sink): void {
    this.#sink = sink;
    if (this.#broken !== null) {
      this.#take()?.fail(this.#broken);
      return;
    }
    this.exchange?.askForBody();
    this.#flow();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#flow();
  }

  /** Its window stays closed for the client; the exchange resets the stream when it has answered. */
  cancel(): void {
    this.#sink = null;
    this.#unwanted = true;
    for (let part = this.#held?.shift(); part !== undefined; part = this.#held?.shift()) {
      this.exchange?.dropUnread(part.length);
    }
  }

  /** The rest of the body will not come, or nobody may have it any more. */
  break(reason: GatewayError): void {
    if (this.#broken !== null) return;
    this.#broken = reason;
    this.#held = null;
    this.#take()?.fail(reason);
  }

  onData(part: Uint8Array, ended: boolean): void {
    this.exchange?.enter();
    this.received += part.length;
    if (ended) this.#ended = true;
    if (!this.#lengthHolds(ended)) return;
    const sink = this.#sink;
    if (this.#unwanted || this.#broken !== null) {
      this.exchange?.dropUnread(part.length);
    } else if (sink === null || this.#waits) {
      if (part.length > 0) (this.#held ??= new HeldBytes()).push(part);
    } else {
      if (part.length > 0) this.#give(sink, part);
      if (ended) this.#endIfRead();
    }
  }

  /** Trailers, which end it. */
  onHeaders({ fields }: FieldSection, ended: boolean): void {
    this.#ended = ended;
    if (!this.#lengthHolds(ended)) return;
    this.#trailers = fields.slice();
    this.#endIfRead();
  }

  onDrain(): void {
    this.exchange?.onWritable();
  }

  onFailed(reason: GatewayError): void {
    this.exchange?.onLost();
    this.break(reason);
  }

  /** RFC 9113 section 8.1.1: content-length is what comes, or the request is malformed. */
  #lengthHolds(ended: boolean): boolean {
    const { contentLength, received, exchange } = this;
    if (contentLength < 0 || exchange === null || exchange.closed) return true;
    if (received === contentLength || (received < contentLength && !ended)) return true;
    exchange.violate(ErrorCode.protocolError, 'a body that is not of its content-length');
    return false;
  }

  /** Hands on what was held, as long as the sink wants it. */
  #flow(): void {
    if (this.#flowing) return;
    this.#flowing = true;
    while (this.#sink !== null && !this.#paused) {
      const part = this.#held?.shift();
      if (part === undefined) break;
      this.#give(this.#sink, part);
    }
    this.#flowing = false;
    if (this.#ended) this.#endIfRead();
  }

  /** Whether something goes ahead of what comes now. */
  get #waits(): boolean {
    return this.#paused || this.#flowing || this.#held?.empty === false;
  }

  #give(sink: Sink, part: Uint8Array): void {
    this.exchange?.credit(part.length);
    if (!sink.write(part)) this.#paused = true;
  }

  #endIfRead(): void {
    if (this.#waits) return;
    this.#take()?.end(this.#trailers);
  }

  #take(): Sink | null {
    const sink = this.#sink;
    this.#sink = null;
    return sink;
  }
}

export function bodyIncomplete(): GatewayError {
  return new GatewayError('PG_BODY_INCOMPLETE', 'the request body ended before its declared end');
}
