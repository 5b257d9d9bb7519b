/** The messages of a streamed answer: taken out one by one when they are asked for, or handed through as chunks. */
import { GatewayError } from '../../call/error.ts';
import type { Message } from '../../call/message.ts';
import type { Status } from '../../call/status.ts';
import type { Body, Sink, Source } from '../../call/types.ts';
import { type EnvelopeRules, openEnvelope } from '../../rpc/envelope.ts';
import { EnvelopeReader } from '../../rpc/envelope-reader.ts';
import { EnvelopeScanner } from '../../rpc/envelope-scanner.ts';
import type { ResponseOwner, ResponseReader } from './response.ts';

export class StreamedResponse implements ResponseReader, Body, Source {
  readonly single = false;
  readonly #owner: ResponseOwner;
  readonly #rules: EnvelopeRules;
  readonly #reader: EnvelopeReader;
  /** Received and not yet given back to the window of the stream. */
  #held = 0;
  #reading: PromiseWithResolvers<Message | undefined> | null = null;
  /** Counts when the messages before it have been read. */
  #status: Status | null = null;
  #closed = false;
  #failure: GatewayError | null = null;
  /** Where chunks are handed to. */
  #sink: Sink | null = null;
  #scanner: EnvelopeScanner | null = null;
  #paused = false;

  constructor(owner: ResponseOwner, rules: EnvelopeRules) {
    this.#owner = owner;
    this.#rules = rules;
    this.#reader = new EnvelopeReader(rules);
  }

  get encoding(): string | undefined {
    return this.#rules.compression?.name;
  }

  push(bytes: Uint8Array): void {
    this.#held += bytes.length;
    if (this.#sink !== null && !this.#paused) {
      this.#handOn(bytes, this.#sink);
      return;
    }
    this.#reader.push(bytes);
    if (this.#reading === null) return;
    const message = this.#take();
    if (message === undefined) {
      this.#release(0);
      return;
    }
    const reading = this.#reading;
    this.#reading = null;
    reading?.resolve(message);
  }

  finish(status: Status): void {
    this.#status = status;
    if (this.#reader.buffered === 0 || this.#reading !== null) this.#finish(status);
  }

  close(reason: GatewayError | null): void {
    this.#closed = true;
    this.#failure = reason;
    const reading = this.#reading;
    this.#reading = null;
    const sink = this.#sink;
    this.#sink = null;
    if (reason === null) {
      reading?.resolve(undefined);
      sink?.end(null);
    } else {
      reading?.reject(reason);
      sink?.fail(reason);
    }
  }

  next(): Message | undefined | Promise<Message | undefined> {
    const message = this.#take();
    if (message !== undefined) return message;
    if (this.#status !== null && !this.#closed) this.#finish(this.#status);
    if (this.#failure !== null) throw this.#failure;
    if (this.#closed) return undefined;
    // What there is of a message belongs to the one who waits for it: one larger than the window needs more.
    this.#release(0);
    this.#reading = Promise.withResolvers();
    return this.#reading.promise;
  }

  cancel(reason: GatewayError): void {
    // Messages that nobody will read must not look like a proper end to somebody who asks again.
    if (this.#reader.buffered > 0) this.#failure ??= reason;
    this.#reader.clear();
    this.#owner.fail(reason);
  }

  raw(): Source {
    return this;
  }

  pump(sink: Sink): void {
    if (this.#closed) {
      if (this.#failure === null) sink.end(null);
      else sink.fail(this.#failure);
      return;
    }
    this.#sink = sink;
    this.#scanner = new EnvelopeScanner(this.#rules);
    this.resume();
  }

  pause(): void {
    this.#paused = true;
  }

  /** What waited goes first; behind the last of it the status counts. */
  resume(): void {
    this.#paused = false;
    const sink = this.#sink;
    if (sink === null) return;
    if (this.#reader.buffered > 0) this.#handOn(this.#reader.takeAll(), sink);
    else this.#release(0);
    if (this.#status !== null && !this.#closed && this.#reader.buffered === 0) {
      this.#finish(this.#status);
    }
  }

  /** A chunk that the sink takes but would rather not have taken is given back to the window when it asks for more. */
  #handOn(bytes: Uint8Array, sink: Sink): void {
    try {
      this.#scanner?.scan(bytes);
    } catch (error) {
      this.#owner.fail(GatewayError.from(error));
      return;
    }
    this.#owner.touch();
    if (sink.write(bytes)) this.#release(0);
    else this.#paused = true;
  }

  /** The next message that is there. Behind the last one the status counts. */
  #take(): Message | Promise<Message> | undefined {
    try {
      const envelope = this.#reader.next();
      if (envelope === undefined) return undefined;
      const message = openEnvelope(envelope, this.#rules);
      if (this.#closed) return message;
      this.#owner.touch();
      this.#release(this.#reader.buffered);
      if (message instanceof Promise) return this.#watched(message);
      if (this.#reader.buffered === 0 && this.#status !== null) this.#finish(this.#status);
      return message;
    } catch (error) {
      this.#reader.clear();
      this.#owner.fail(GatewayError.from(error));
      return undefined;
    }
  }

  /** A message that another thread inflates: where it cannot, the call has failed. */
  #watched(message: Promise<Message>): Promise<Message> {
    return message.catch((error: unknown) => {
      const reason = GatewayError.from(error);
      this.#reader.clear();
      this.#owner.fail(reason);
      throw reason;
    });
  }

  #finish(status: Status): void {
    const cut = this.#reader.buffered > 0 || this.#scanner?.atEnd === false;
    if (!cut || status.code !== 'OK') this.#owner.settle(status);
    else this.#owner.fail(this.#rules.faults.malformed('cut off its last message'));
  }

  /** Gives back what was received, but for the last `kept` bytes. */
  #release(kept: number): void {
    if (this.#held <= kept) return;
    const bytes = this.#held - kept;
    this.#held = kept;
    this.#owner.credit(bytes);
  }
}
