/** Sends the request of one call: head, and body in one piece or message by message. */
import type { ReverseBinding } from '../../binding/reverse/types.ts';
import type { Attempt } from '../../call/attempt.ts';
import { GatewayError } from '../../call/error.ts';
import type { HttpListener, HttpTransport, OutgoingRequest } from '../../call/http-transport.ts';
import { isLegalValue } from '../../call/metadata.ts';
import type { HeaderList } from '../../call/types.ts';
import { jsonHeaders, rawHeaders } from './outbound-headers.ts';
import { STREAM_ACCEPT } from './outbound-elements.ts';

export interface RequestOptions {
  readonly binding: ReverseBinding;
  readonly transport: HttpTransport;
  /** The first or only message; undefined for a stream that has none. */
  readonly first: Uint8Array | undefined;
  readonly listener: HttpListener;
  /** The rest of the request can't be read. */
  readonly fail: (reason: GatewayError) => void;
}

const EMPTY = new Uint8Array();
const NULL = Buffer.from('null');
const LINE_END = 0x0a;

/** Throws a GatewayError where the message has no form as a request. */
export function openRequest(attempt: Attempt, options: RequestOptions): OutgoingRequest {
  const { binding, transport, first, listener } = options;
  const { call, endpoint } = attempt;
  const { target, body, contentType } = binding.request(first ?? EMPTY);
  const raw = binding.requestBody === 'raw';
  const streamed = !call.body.single;
  const headers: HeaderList = ['accept', acceptOf(attempt, binding), 'accept-encoding', 'identity'];
  if (streamed && !raw) headers.push('content-type', 'application/x-ndjson');
  else if (body !== null) headers.push('content-type', typeOf(contentType));
  // The deadline has a timer of its own in the gateway; the service is told what is left of it.
  const leftMs = attempt.deadlineMs - call.wheel.clock.nowMs();
  if (leftMs !== Infinity) headers.push('x-request-timeout', `${Math.max(1, Math.ceil(leftMs))}ms`);
  const render = binding.responseBody === 'raw' ? rawHeaders : jsonHeaders;
  headers.push(...call.metadata.derive(render));
  const upload = streamed
    ? first === undefined
      ? EMPTY
      : new Upload(attempt, options, raw ? (body ?? EMPTY) : line(body ?? NULL))
    : body;
  return transport.open(endpoint, { verb: binding.verb, target, headers, body: upload }, listener);
}

function acceptOf({ call }: Attempt, binding: ReverseBinding): string {
  if (binding.responseBody === 'raw') return '*/*';
  const { kind } = call.route;
  return kind === 'unary' || kind === 'client_stream' ? 'application/json' : STREAM_ACCEPT;
}

/** The content type of a google.api.HttpBody is the client's own word. */
function typeOf(contentType: string): string {
  return contentType !== '' && isLegalValue(contentType) ? contentType : 'application/octet-stream';
}

/** The messages of a client stream, each pulled when the one before has gone out. */
class Upload implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #attempt: Attempt;
  readonly #options: RequestOptions;
  #first: Uint8Array | null;

  constructor(attempt: Attempt, options: RequestOptions, first: Uint8Array) {
    this.#attempt = attempt;
    this.#options = options;
    this.#first = first;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const first = this.#first;
    this.#first = null;
    if (first !== null) return { done: false, value: first };
    const { binding, fail } = this.#options;
    const { call } = this.#attempt;
    try {
      const message = await call.body.next();
      if (message === undefined) return { done: true, value: undefined };
      call.touch();
      const bytes = binding.next(message.bytes);
      return { done: false, value: binding.requestBody === 'raw' ? bytes : line(bytes) };
    } catch (error) {
      const reason = GatewayError.from(error);
      fail(reason);
      throw reason;
    }
  }
}

/** JSON of the codec has no line breaks. */
function line(json: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(json.length + 1);
  bytes.set(json);
  bytes[json.length] = LINE_END;
  return bytes;
}
