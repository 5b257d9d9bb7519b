/** One gRPC call on a stream of the transport: messages are the bytes that travelled, taken out when they are asked for. */
import type { Attempt } from '../../call/attempt.ts';
import { EMPTY_BODY, SingleBody } from '../../call/body.ts';
import { GatewayError } from '../../call/error.ts';
import type { Message } from '../../call/message.ts';
import type { Metadata } from '../../call/metadata.ts';
import { type Status, statusOf } from '../../call/status.ts';
import type { OutgoingStream, StreamListener, Transport } from '../../call/transport.ts';
import type { Body, CallKind, Reply } from '../../call/types.ts';
import { ENVELOPE_BYTES, EnvelopeReader, writeEnvelope } from './envelopes.ts';
import { fromHeaders, toHeaders } from './metadata.ts';
import { statusFrom, statusOfHttp } from './status.ts';

/** What the calls of one outbound share. */
export interface GrpcWire {
  readonly transport: Transport;
  readonly maxMessageBytes: number;
  /** The encoded headers of a method. */
  headOf(rpc: string): Uint8Array;
}

const NOTHING = new Uint8Array();
/** The transport copies it before it returns. */
const envelope = new Uint8Array(ENVELOPE_BYTES);

/**
 * Drives one attempt; `run` is called once. The reply is settled exactly once, and so is its end: by the service's status once its
 * messages have been read, by a failure of either side, or by a cancellation, whichever comes first.
 */
export class GrpcStream implements StreamListener, Body {
  readonly single = false;
  readonly #attempt: Attempt;
  readonly #wire: GrpcWire;
  /** One response message: the reply waits for the status. */
  readonly #unaryReply: boolean;
  readonly #reader: EnvelopeReader;
  readonly #reply = Promise.withResolvers<Reply>();
  /** Of a reply that comes before its end. */
  #end: PromiseWithResolvers<Status> | null = null;
  #stream: OutgoingStream | null = null;
  #replied = false;
  #ended = false;
  #failure: GatewayError | null = null;
  #sawHead = false;
  #head: Metadata | null = null;
  /** The single message of a unary reply. */
  #message: Message | null = null;
  /** The service has said it; it counts when the messages before it have been read. */
  #status: Status | null = null;
  /** Received and not yet given back to the window of the stream. */
  #held = 0;
  #reading: PromiseWithResolvers<Message | undefined> | null = null;
  #drained: (() => void) | null = null;

  constructor(attempt: Attempt, wire: GrpcWire) {
    this.#attempt = attempt;
    this.#wire = wire;
    const { kind } = attempt.call.route;
    this.#unaryReply = kind === 'unary' || kind === 'client_stream';
    this.#reader = new EnvelopeReader(wire.maxMessageBytes);
  }

  run(): Promise<Reply> {
    // One that is cancelled already fails here, before the service hears of it.
    this.#attempt.onCancel = (reason) => this.cancel(reason);
    const { body, route } = this.#attempt.call;
    if (!this.#ended) void (body.single ? this.#sendSingle() : this.#sendSequence(route.kind));
    return this.#reply.promise;
  }

  next(): Message | undefined | Promise<Message | undefined> {
    const message = this.#take();
    if (message !== undefined) return message;
    if (this.#failure !== null) throw this.#failure;
    if (this.#ended) return undefined;
    // What there is of a message belongs to the one who waits for it: one larger than the window needs more.
    this.#release(0);
    this.#reading = Promise.withResolvers();
    return this.#reading.promise;
  }

  /** Ends the call from the gateway's side. */
  cancel(reason: GatewayError): void {
    // Messages that nobody will read must not look like a proper end to somebody who asks again.
    if (this.#reader.buffered > 0) this.#failure ??= reason;
    this.#reader.clear();
    this.#fail(reason);
  }

  onHeaders(headers: readonly string[], ended: boolean): void {
    if (this.#ended) return;
    if (this.#sawHead || ended) {
      this.#onStatus(headers);
      return;
    }
    this.#sawHead = true;
    const httpStatus = Number(headers[1]);
    if (httpStatus !== 200) {
      this.#settle(statusFrom(headers) ?? statusOfHttp(httpStatus, headers));
      return;
    }
    const type = valueOf(headers, 'content-type');
    if (type !== undefined && !type.startsWith('application/grpc')) {
      this.#fail(protocolError(`the service answers with ${type} instead of gRPC`));
      return;
    }
    this.#head = fromHeaders(headers);
    if (this.#unaryReply) return;
    this.#end = Promise.withResolvers();
    this.#replied = true;
    this.#reply.resolve({ metadata: this.#head, body: this, end: this.#end.promise });
  }

  onData(bytes: Uint8Array, ended: boolean): void {
    if (this.#ended) return;
    this.#reader.push(bytes);
    this.#held += bytes.length;
    if (this.#unaryReply) this.#collect();
    else this.#feed();
    if (ended && !this.#ended)
      this.#fail(protocolError('the service ended the call without a status'));
  }

  onDrain(): void {
    const drained = this.#drained;
    this.#drained = null;
    drained?.();
  }

  onFailed(reason: GatewayError): void {
    this.#stream = null;
    this.#fail(reason);
  }

  /** The service hears nothing before there is something good to read. Never rejects: a failure of the request is one of the call. */
  async #sendSingle(): Promise<void> {
    try {
      const next = this.#attempt.call.body.next();
      const message = next instanceof Promise ? await next : next;
      if (this.#ended) return;
      if (message === undefined) {
        throw new GatewayError('PG_MESSAGE_COUNT', 'a request message is missing');
      }
      const { bytes } = message;
      this.#open().write(writeEnvelope(envelope, bytes.length), bytes, true);
    } catch (error) {
      this.#fail(GatewayError.from(error));
    }
  }

  /** Where the service can say nothing before it has read, it is called once the first message is good; a dialogue begins at once. */
  async #sendSequence(kind: CallKind): Promise<void> {
    const { body } = this.#attempt.call;
    try {
      const early = kind === 'bidi' ? this.#open() : null;
      let message = await body.next();
      if (this.#ended) return;
      const stream = early ?? this.#open();
      while (message !== undefined) {
        this.#attempt.call.touch();
        const { bytes } = message;
        if (!stream.write(writeEnvelope(envelope, bytes.length), bytes, false)) await this.#drain();
        message = await body.next();
      }
      stream.write(NOTHING, NOTHING, true);
    } catch (error) {
      this.#fail(GatewayError.from(error));
    }
  }

  #drain(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  #open(): OutgoingStream {
    const { call, endpoint, deadlineMs } = this.#attempt;
    const { transport } = this.#wire;
    // The deadline has a timer of its own in the gateway; the service is told what is left of it.
    const leftMs = deadlineMs - call.wheel.clock.nowMs();
    const own = toHeaders(call.metadata, leftMs);
    const encoded = own.length === 0 ? NOTHING : transport.encode(own);
    const stream = transport.open(endpoint, this.#wire.headOf(call.route.rpc), encoded, this);
    this.#stream = stream;
    return stream;
  }

  /** A unary reply: all that comes is read at once. */
  #collect(): void {
    for (;;) {
      const message = this.#take();
      if (message === undefined) break;
      if (this.#message !== null) {
        this.#fail(protocolError('more than one message in a unary answer'));
        return;
      }
      this.#message = message;
    }
    if (!this.#ended) this.#release(0);
  }

  /** A streamed reply: who waits for a message gets it. */
  #feed(): void {
    const reading = this.#reading;
    if (reading === null) return;
    const message = this.#take();
    if (message === undefined) {
      if (!this.#ended) this.#release(0);
      return;
    }
    this.#reading = null;
    reading.resolve(message);
  }

  /** The next message that is there. Behind the last one the status counts. */
  #take(): Message | undefined {
    try {
      const bytes = this.#reader.next();
      if (bytes === undefined) {
        if (this.#status !== null && !this.#ended) this.#settleBroken(this.#status);
        return undefined;
      }
      if (!this.#ended) {
        this.#attempt.call.touch();
        this.#release(this.#reader.buffered);
        if (this.#reader.buffered === 0 && this.#status !== null) this.#settle(this.#status);
      }
      return { codec: 'proto', bytes };
    } catch (error) {
      this.#reader.clear();
      this.#fail(GatewayError.from(error));
      return undefined;
    }
  }

  /** Gives back what was received, but for the last `kept` bytes. */
  #release(kept: number): void {
    if (this.#held <= kept) return;
    this.#stream?.credit(this.#held - kept);
    this.#held = kept;
  }

  #onStatus(headers: readonly string[]): void {
    let status = statusFrom(headers);
    const http = this.#sawHead ? 200 : Number(headers[1]);
    this.#sawHead = true;
    if (status === undefined && http !== 200) status = statusOfHttp(http, headers);
    if (status === undefined) {
      this.#fail(protocolError('the service ended the call without a status'));
      return;
    }
    this.#status = status;
    if (this.#reader.buffered === 0) this.#settle(status);
    else if (this.#unaryReply || this.#reading !== null) this.#settleBroken(status);
  }

  /** Part of a message lies before the status. */
  #settleBroken(status: Status): void {
    if (status.code !== 'OK') this.#settle(status);
    else this.#fail(protocolError('the last message of the service is cut off'));
  }

  #settle(status: Status): void {
    if (status.code === 'OK' && this.#unaryReply && this.#message === null) {
      this.#fail(protocolError('the service answered OK without a message'));
      return;
    }
    this.#close();
    const reading = this.#reading;
    this.#reading = null;
    reading?.resolve(undefined);
    this.#end?.resolve(status);
    if (!this.#replied) {
      const body =
        status.code === 'OK' && this.#message !== null ? new SingleBody(this.#message) : EMPTY_BODY;
      this.#replied = true;
      this.#reply.resolve({ metadata: this.#head, body, end: status });
    }
    // The service may answer before it has read everything.
    const { body } = this.#attempt.call;
    if (!body.single) body.cancel(ANSWERED);
  }

  #fail(reason: GatewayError): void {
    if (this.#ended) return;
    this.#close();
    this.#failure = reason;
    const reading = this.#reading;
    this.#reading = null;
    reading?.reject(reason);
    this.#end?.resolve(statusOf(reason));
    if (!this.#replied) this.#reply.reject(reason);
    this.#replied = true;
    // An upload must not go on for a service that is not there any more.
    this.#attempt.call.body.cancel(reason);
  }

  #close(): void {
    this.#ended = true;
    this.#attempt.onCancel = null;
    this.onDrain();
    this.#stream?.cancel();
    this.#stream = null;
  }
}

const ANSWERED = new GatewayError('PG_CLIENT_GONE', 'the service has answered already');

function protocolError(message: string): GatewayError {
  return new GatewayError('PG_UPSTREAM_PROTOCOL', message, { reached: 'yes' });
}

function valueOf(headers: readonly string[], name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return headers[i + 1];
  return undefined;
}
