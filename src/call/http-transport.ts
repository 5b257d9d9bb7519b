/** What a protocol needs of a transport that sends one HTTP request and reads its answer. Between the two: HTTP semantics, no sockets. */
import type { GatewayError } from './error.ts';
import type { Endpoint } from './types.ts';

export interface HttpRequest {
  readonly verb: string;
  /** Path and query in origin form; visible ASCII alone. The base path of the endpoint is put before it. */
  readonly target: string;
  /** Name, value, name, value; names are tokens in lower case, values visible ASCII and spaces. Neither framing nor Host. */
  readonly headers: readonly string[];
  /** Null is none; bytes have a length ahead; pieces are pulled one at a time, as fast as they go out. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | null;
}

/** Who hears of an answer. `onEnd` or `onFailed` is the last one; neither comes behind a `cancel`. */
export interface HttpListener {
  /** The final head: name, value, name, value, names in lower case. */
  onHead(status: number, headers: readonly string[]): void;
  /** Part of the body. Some may still come behind a `pause`. */
  onChunk(chunk: Uint8Array): void;
  /** The proper end by the framing of the answer, with its trailers. */
  onEnd(trailers: readonly string[]): void;
  onFailed(reason: GatewayError): void;
}

/** Nothing here throws, and nothing happens behind the end. Not to be called from within a call of the listener, but for `pause` and `cancel`. */
export interface OutgoingRequest {
  /** Nobody reads: the sender is slowed down. */
  pause(): void;
  resume(): void;
  /** Nobody waits for the answer any more. */
  cancel(reason: GatewayError): void;
}

export interface HttpTransport {
  /** Begins a request; it waits here for a connection where there is none. The listener is never called synchronously. */
  open(endpoint: Endpoint, request: HttpRequest, listener: HttpListener): OutgoingRequest;
  /** Fails what is open with `reason` and releases the connections. */
  close(reason: GatewayError): void;
}
