/** The answer of an HTTP service as it comes: one message, a stream of them, or an error. */
import type { ReverseBinding } from '../../binding/reverse/types.ts';
import type { PushBody } from '../../call/body.ts';
import { GatewayError } from '../../call/error.ts';
import type { Metadata } from '../../call/metadata.ts';
import { OK, type Status } from '../../call/status.ts';
import { GrowingBytes } from '../../framing/growing-bytes.ts';
import type { Emit, FrameDecoder } from '../../framing/types.ts';
import type { Schema } from '../../schema/model.ts';
import { charsetOf, essence, isJsonType, quote } from './media-type.ts';
import { headerOf, receivedMetadata, withTrailers } from './outbound-headers.ts';
import { streamDecoder, wrappedIn } from './outbound-elements.ts';
import { statusOfAnswer, statusOfElement } from './outbound-status.ts';

export interface AnswerOptions {
  readonly maxMessageBytes: number;
  readonly schema: Schema;
  /** The method streams its answers. */
  readonly streamed: boolean;
  /** A message has come. */
  readonly touch: () => void;
}

/** A longer explanation is not read: the status says what counts. */
const MAX_ERROR_BYTES = 64 * 1024;
const NOTHING = new Uint8Array();

/** Whatever throws here throws a GatewayError about the service. */
export class RestAnswer {
  readonly httpStatus: number;
  readonly metadata: Metadata | null;
  /** Whether messages come one by one from here on; not where the service refuses. */
  readonly streamed: boolean;
  /** Where they go. */
  messages: PushBody | null = null;
  /** The single message, once it has come. */
  message: Uint8Array | null = null;
  /** An end that the service has told before its answer has ended. */
  early: Status | null = null;
  readonly #headers: readonly string[];
  readonly #trailers: Metadata | null;
  readonly #binding: ReverseBinding;
  readonly #options: AnswerOptions;
  readonly #type: string;
  readonly #emit: Emit = (json, event) => this.#element(json, event);
  #decoder: FrameDecoder | null = null;
  #only: Uint8Array = NOTHING;
  readonly #joined = new GrowingBytes();

  constructor(
    httpStatus: number,
    headers: readonly string[],
    binding: ReverseBinding,
    options: AnswerOptions,
  ) {
    const { metadata, trailers } = receivedMetadata(headers);
    this.httpStatus = httpStatus;
    this.metadata = metadata;
    this.streamed = options.streamed && httpStatus < 300;
    this.#trailers = trailers;
    this.#headers = headers;
    this.#binding = binding;
    this.#options = options;
    this.#type = essence(headerOf(headers, 'content-type'));
  }

  /** Looks at the head before anybody is told of it. */
  check(): void {
    if (this.#failed) return;
    const encoding = headerOf(this.#headers, 'content-encoding');
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      throw protocolError(
        `the service answers with Content-Encoding ${quote(encoding)}, which it was not asked for`,
      );
    }
    const { maxMessageBytes } = this.#options;
    const length = Number(headerOf(this.#headers, 'content-length') ?? Number.NaN);
    if (this.streamed) {
      const empty = this.httpStatus === 204 || length === 0;
      const raw = this.#binding.responseBody === 'raw';
      const decoder = empty ? undefined : streamDecoder(this.#type, raw, maxMessageBytes);
      if (decoder !== undefined) this.#checkCharset();
      else if (!empty) throw this.#wrongType();
      this.#decoder = decoder ?? null;
    } else if (length > maxMessageBytes) {
      throw tooLarge(maxMessageBytes);
    }
  }

  push(chunk: Uint8Array): void {
    if (this.streamed) this.#decoder?.push(chunk, this.#emit);
    else if (this.#failed) this.#pushError(chunk);
    else this.#pushWhole(chunk);
  }

  /** The end by the framing of HTTP. */
  finish(trailers: readonly string[], epochMs: number): Status {
    const all = withTrailers(this.#trailers, trailers);
    if (this.streamed) {
      this.#decoder?.finish(this.#emit);
      if (this.early !== null) return { ...this.early, trailers: all };
    } else if (this.#failed) {
      return this.#refusal(this.#whole(), all, epochMs);
    } else {
      this.message = this.#read(this.#whole());
    }
    return all === null ? OK : { ...OK, trailers: all };
  }

  get #failed(): boolean {
    return this.httpStatus >= 300;
  }

  #pushWhole(chunk: Uint8Array): void {
    if (this.#size === 0 && this.#binding.responseBody === 'json') {
      if (this.#type !== '' && !isJsonType(this.#type)) throw this.#wrongType();
      this.#checkCharset();
    }
    const { maxMessageBytes } = this.#options;
    if (this.#size + chunk.length > maxMessageBytes) throw tooLarge(maxMessageBytes);
    this.#collect(chunk);
  }

  #pushError(chunk: Uint8Array): void {
    if (this.#size + chunk.length <= MAX_ERROR_BYTES) this.#collect(chunk);
    else this.early = this.#refusal(NOTHING, this.#trailers, 0);
  }

  #refusal(body: Uint8Array, trailers: Metadata | null, epochMs: number): Status {
    const { httpStatus } = this;
    const answer = { httpStatus, headers: this.#headers, body, trailers };
    return statusOfAnswer(answer, this.#options.schema, epochMs);
  }

  #element(json: Uint8Array, event: string | undefined): void {
    if (this.early !== null) return;
    const { schema } = this.#options;
    const binding = this.#binding;
    if (binding.responseBody === 'raw') {
      this.#emitMessage(this.#read(json));
    } else if (event === 'error') {
      this.early = statusOfElement(json, schema);
    } else if (event === 'end') {
      this.early = OK;
    } else if (!binding.hasMember('error') && wrappedIn(json, 'error') !== undefined) {
      this.early = statusOfElement(json, schema);
    } else {
      const inner = binding.hasMember('result') ? undefined : wrappedIn(json, 'result');
      this.#emitMessage(this.#read(inner ?? json));
    }
  }

  #emitMessage(bytes: Uint8Array): void {
    this.#options.touch();
    this.messages?.push({ codec: 'proto', bytes });
  }

  #read(bytes: Uint8Array): Uint8Array {
    const binding = this.#binding;
    const { maxMessageBytes } = this.#options;
    const message =
      binding.responseBody === 'raw'
        ? binding.rawMessage(headerOf(this.#headers, 'content-type') ?? '', bytes)
        : binding.message(bytes);
    if (message.length > maxMessageBytes) throw tooLarge(maxMessageBytes);
    return message;
  }

  get #size(): number {
    return this.#only.length + this.#joined.length;
  }

  /** One chunk is kept as it is; from the second on they are copied together. */
  #collect(chunk: Uint8Array): void {
    if (this.#size === 0) {
      this.#only = chunk;
      return;
    }
    if (this.#joined.length === 0) {
      this.#joined.append(this.#only);
      this.#only = NOTHING;
    }
    this.#joined.append(chunk);
  }

  #whole(): Uint8Array {
    return this.#joined.length === 0 ? this.#only : this.#joined.take();
  }

  #checkCharset(): void {
    if (this.#binding.responseBody === 'raw') return;
    const charset = charsetOf(headerOf(this.#headers, 'content-type') ?? '');
    if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return;
    throw protocolError(`the service answers in the charset ${quote(charset)}: JSON is UTF-8`);
  }

  #wrongType(): GatewayError {
    return protocolError(`the service answers with ${quote(this.#type)} instead of JSON`);
  }
}

export function protocolError(message: string): GatewayError {
  return new GatewayError('PG_UPSTREAM_PROTOCOL', message, { reached: 'yes' });
}

function tooLarge(maxBytes: number): GatewayError {
  const message = `the service's answer is larger than ${maxBytes} bytes`;
  return new GatewayError('PG_RESPONSE_TOO_LARGE', message, { reached: 'yes' });
}
