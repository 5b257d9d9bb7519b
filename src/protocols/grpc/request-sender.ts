/** Writes the request body of a call onto its stream: as it travelled where it can stay so, else message by message. */
import { GatewayError } from '../../call/error.ts';
import type { Message } from '../../call/message.ts';
import type { OutgoingStream } from '../../call/transport.ts';
import type { Body, Routed, Sink, Source } from '../../call/types.ts';
import type { Compression } from '../../compression/compression.ts';
import { ENVELOPE_BYTES, writeEnvelope } from '../../rpc/envelope.ts';
import { packed } from '../../rpc/packing.ts';

/** The call whose request it is. */
export interface RequestOwner {
  /** Nothing is sent any more. */
  readonly over: boolean;
  /** Begins the call at the service; once. */
  open(encoding: string | undefined): OutgoingStream;
  fail(reason: GatewayError): void;
}

const NOTHING = new Uint8Array();
/** The transport copies it before it returns. */
const envelope = new Uint8Array(ENVELOPE_BYTES);

export class RequestSender implements Sink {
  onDrain: (() => void) | null = null;
  readonly #call: Routed;
  readonly #owner: RequestOwner;
  readonly #compression: Compression | null;
  #stream: OutgoingStream | null = null;
  /** The chunks that are handed through. */
  #source: Source | null = null;
  #drained: (() => void) | null = null;

  constructor(call: Routed, owner: RequestOwner, compression: Compression | null) {
    this.#call = call;
    this.#owner = owner;
    this.#compression = compression;
  }

  /** Called once. Every failure becomes one of the call. */
  start(): void {
    const { body, route } = this.#call;
    if (body.single) {
      void this.#sendSingle(body);
    } else if (body.raw !== undefined && this.#passes(body)) {
      // A dialogue begins at once; who can say nothing before it has read is called when the first chunk is good.
      if (route.kind === 'bidi') this.#stream = this.#owner.open(body.encoding);
      this.#source = body.raw();
      this.#source.pump(this);
    } else {
      void this.#sendSequence(body);
    }
  }

  /** The transport has room again, or nobody needs it any more. */
  drained(): void {
    const waiting = this.#drained;
    this.#drained = null;
    waiting?.();
    if (!this.#owner.over) this.#source?.resume();
  }

  write(chunk: Uint8Array): boolean {
    if (this.#owner.over) return true;
    this.#call.touch();
    return this.#opened().write(NOTHING, chunk, false);
  }

  end(): void {
    this.#source = null;
    if (!this.#owner.over) this.#opened().write(NOTHING, NOTHING, true);
  }

  fail(reason: GatewayError): void {
    this.#source = null;
    this.#owner.fail(reason);
  }

  /** Whether the envelopes can stay as they are: gzip of the client is not touched, what few services know is inflated. */
  #passes({ encoding }: Body): boolean {
    return encoding === undefined ? this.#compression === null : encoding === 'gzip';
  }

  #opened(): OutgoingStream {
    this.#stream ??= this.#owner.open(this.#call.body.encoding);
    return this.#stream;
  }

  /** The service hears nothing before there is something good to read. */
  async #sendSingle(body: Body): Promise<void> {
    const owner = this.#owner;
    try {
      if (body.whole !== undefined && this.#passes(body)) {
        const next = body.whole();
        const whole = next instanceof Promise ? await next : next;
        if (!owner.over) owner.open(body.encoding).write(NOTHING, whole, true);
        return;
      }
      const next = body.next();
      const message = next instanceof Promise ? await next : next;
      if (owner.over) return;
      if (message === undefined) {
        throw new GatewayError('PG_MESSAGE_COUNT', 'a request message is missing');
      }
      const bytes = packed(message.bytes, this.#compression);
      const sent = bytes instanceof Promise ? await bytes : bytes;
      if (owner.over) return;
      this.#write(owner.open(this.#compression?.name), message, sent, true);
    } catch (error) {
      owner.fail(GatewayError.from(error));
    }
  }

  async #sendSequence(body: Body): Promise<void> {
    const owner = this.#owner;
    const encoding = this.#compression?.name;
    try {
      let stream = this.#call.route.kind === 'bidi' ? owner.open(encoding) : null;
      let message = await body.next();
      if (owner.over) return;
      stream ??= owner.open(encoding);
      while (message !== undefined) {
        this.#call.touch();
        const bytes = packed(message.bytes, this.#compression);
        const sent = bytes instanceof Promise ? await bytes : bytes;
        if (!this.#write(stream, message, sent, false)) await this.#drain();
        message = await body.next();
      }
      stream.write(NOTHING, NOTHING, true);
    } catch (error) {
      owner.fail(GatewayError.from(error));
    }
  }

  #write(stream: OutgoingStream, { bytes }: Message, sent: Uint8Array, end: boolean): boolean {
    writeEnvelope(envelope, sent.length, sent !== bytes);
    return stream.write(envelope, sent, end);
  }

  #drain(): Promise<void> {
    if (this.#owner.over) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }
}
