/** What a protocol needs of a transport that carries many streams on one connection. Between the two: HTTP semantics, no frames. */
import type { GatewayError } from './error.ts';
import type { Endpoint } from './types.ts';

/** A field section (RFC 9110 section 6.3) as it came; the same object where the peer repeats it byte for byte. */
export interface FieldSection {
  /** Name, value, name, value; not to be written to. */
  readonly fields: readonly string[];
  /** What its reader has made of it, kept with it. */
  reading: object | null;
}

/** Who hears of a stream that it has opened. `onFailed`, or a call with `ended`, is the last one. */
export interface StreamListener {
  /** The head, or the trailers, valid by RFC 9113 section 8.2. */
  onHeaders(section: FieldSection, ended: boolean): void;
  /** Part of the body; counts against the window of the stream until {@link OutgoingStream.credit} gives it back. */
  onData(bytes: Uint8Array, ended: boolean): void;
  /** A `write` that returned false has gone out. */
  onDrain(): void;
  onFailed(reason: GatewayError): void;
}

/** The request's side of a stream. Nothing here throws; behind the end of the stream nothing happens any more. */
export interface OutgoingStream {
  /**
   * Sends `prefix` and `bytes` as one piece and half-closes behind them where `end` says so. Takes them in any case; false asks to
   * stop until `onDrain`. `prefix` may be reused at once, `bytes` must not change any more.
   */
  write(prefix: Uint8Array, bytes: Uint8Array, end: boolean): boolean;
  /** So many bytes of `onData` have been used up. */
  credit(bytes: number): void;
  /** Nobody waits for the answer any more; the listener hears nothing further. */
  cancel(): void;
}

export interface Transport {
  /** The bytes of some headers; worth keeping for a route. Names in lower case, every text of one-byte characters. */
  encode(headers: readonly string[]): Uint8Array;
  /**
   * Begins a request: `blocks` are encoded headers, pseudo-headers first, all but `:scheme` and `:authority`, which the endpoint has.
   * It waits here for a connection where there is none.
   */
  open(endpoint: Endpoint, blocks: readonly Uint8Array[], listener: StreamListener): OutgoingStream;
  /** Fails what is open with `reason` and releases the connections. */
  close(reason: GatewayError): void;
}
