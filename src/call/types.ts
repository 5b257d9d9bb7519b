/**
 * The interlingua: what every protocol adapter reads its wire into and writes its wire from. This file declares; others implement.
 * The picture is in docs/life-of-a-request.md.
 */
import type { Call } from './call.ts';
import type { Attempt } from './attempt.ts';
import type { GatewayError } from './error.ts';
import type { Message } from './message.ts';
import type { Duplex } from 'node:stream';
import type { Metadata } from './metadata.ts';
import type { Status } from './status.ts';

/** The four kinds of an RPC, known from the schema before the first byte. */
export type CallKind = 'unary' | 'server_stream' | 'client_stream' | 'bidi';

/** Where chunks come from. Push with pause: no Readable and no promise per chunk. */
export interface Source {
  /** Starts the flow into `sink`; called once. */
  pump(sink: Sink): void;
  pause(): void;
  resume(): void;
  /** Nobody will read the rest; the sender is told where the transport can. */
  cancel(reason: GatewayError): void;
}

/** Where chunks go. Exactly one of `end` and `fail` is called, last. */
export interface Sink {
  /** Takes the chunk in any case; false asks the writer to stop until {@link onDrain}. */
  write(chunk: Uint8Array): boolean;
  /** `trailers` are sent behind the last chunk where the transport has them, names in lower case; null where there are none. */
  end(trailers: HeaderList | null): void;
  /** The flow broke off: whoever reads must see a failure, never an end. */
  fail(reason: GatewayError): void;
  onDrain: (() => void) | null;
}

/** Messages over a source, for one consumer. */
export interface Body {
  /** Exactly one message, known from the schema: no iterator, no stream object. */
  readonly single: boolean;
  /**
   * The next message, or undefined at the proper end; plain where it is known, a promise where it must be awaited.
   * A cut-off body throws or rejects with a {@link GatewayError}; it never just ends. One call at a time.
   */
  next(): Message | undefined | Promise<Message | undefined>;
  /** Nobody will read the rest. Idempotent; a `next` that waits is rejected with `reason`. */
  cancel(reason: GatewayError): void;
  /**
   * There is one of these where messages travel in the envelopes of gRPC, in place of `next` for who passes them on in these envelopes
   * and never looks inside. Heads and sizes are checked on the way; `encoding` says what messages with the flag are compressed with.
   * A policy that reads messages hands on a body without.
   */
  readonly encoding?: string | undefined;
  /** Of a single body: its message in its envelope. */
  whole?: (() => Uint8Array | Promise<Uint8Array>) | undefined;
  /** Of a sequence: its chunks. One that ends within a message fails. */
  raw?(): Source;
}

/** An answer of the service. After it exists, a failure of either body becomes its `end`. */
export interface Reply {
  /** The status of an HTTP upstream: kept by HTTP clients, mapped for others. */
  readonly httpStatus?: number;
  /** Response metadata, as headers. */
  readonly metadata: Metadata | null;
  readonly body: Body;
  /** Never rejected, settled exactly once; a plain Status whenever it is known. */
  readonly end: Status | Promise<Status>;
}

export type Handler<In = Call> = (call: In) => Promise<Reply>;
/** One layer of a pipeline, composed once per route. One without after-work returns `next(call)` as it is. */
export type Policy<In = Call, Out = In> = (next: Handler<Out>) => Handler<In>;

/** What a matched call runs on: one per method and upstream, compiled when a generation is built. */
export interface Route {
  /** The label of metrics and logs, as `bookstore.v1.Bookstore/GetBook`. */
  readonly name: string;
  /** The path of the RPC on the wire, as `/bookstore.v1.Bookstore/GetBook`. */
  readonly rpc: string;
  readonly kind: CallKind;
  /** The policies of this route around its outbound. */
  readonly handle: Handler<Routed>;
  /** Lets pages of other sites read what the client gets, where a call is refused before {@link handle}; null where no page may. */
  readonly letIn: LetIn | null;
}

/** Adds to the headers of the answer what a browser asks for before it shows it to a page. */
export type LetIn = (call: Call) => void;

/** A call that has found its route. */
export type Routed = Call & { readonly route: Route };

/** One place that serves an upstream. */
export interface Endpoint {
  /** `host:port`, also the label of metrics and logs. */
  readonly address: string;
}

/** The service's side of a protocol. */
export interface Outbound {
  /**
   * Exactly one attempt. For a method with one response message it resolves when the status is known, for streams at the head.
   * Rejects with a {@link GatewayError} where there is no answer.
   */
  send(attempt: Attempt): Promise<Reply>;
  /** Releases connections; calls in flight are cut. */
  close(): void;
}

/** The client's side of a protocol. */
export interface Inbound {
  /** Whether this protocol speaks this request. */
  match(head: RequestHead): boolean;
  /** Reads the exchange into one call (or many) and writes what comes back. Never throws: every failure is answered here. */
  serve(exchange: Exchange): void;
}

/** Name, value, name, value; the form that transports write without rebuilding. */
export type HeaderList = string[];

/** What adapters have made of a header section; kept for as long as a client repeats it. */
export interface HeadMemo {
  metadata: Metadata | null;
}

/** The head of a request, free of any transport's objects. */
export interface RequestHead {
  /** As received, case-sensitive (RFC 9110 section 9.1). */
  readonly verb: string;
  /** The raw path, undecoded, without the query. */
  readonly path: string;
  /** The raw query without its `?`; empty where there is none. */
  readonly query: string;
  readonly httpVersion: string;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  /** The client's address as the socket knows it. */
  readonly peer: string;
  /** Whether a body follows: a Content-Length above 0 or a Transfer-Encoding; on HTTP/2 a head that does not end its stream. */
  readonly hasBody: boolean;
  /** The protocol that the client wants to change to, in lower case: of Upgrade, or `:protocol` of an extended CONNECT (RFC 8441). */
  readonly upgrade: string | undefined;
  /** Shared by the requests of a connection whose headers, peer and authority are the same; else each has its own. */
  readonly memo: HeadMemo;
  /** The value of a header by lower-case name; repeats are joined as RFC 9110 section 5.3 says. */
  header(name: string): string | undefined;
  /** Every header in order, names in lower case, repeats one by one. */
  eachHeader(visit: (name: string, value: string) => void): void;
}

/** One HTTP request and its answer; stands between the listener and the protocols. */
export interface Exchange {
  readonly head: RequestHead;
  readonly body: Source;
  /**
   * A whole answer, written as one buffer; `trailers` where the protocol of the client has asked for them. Content-Length is the
   * transport's, and so is discarding an unread request body: on HTTP/1.1 up to a cap, behind which the connection closes.
   */
  answer(status: number, headers: HeaderList, body: Uint8Array, trailers?: HeaderList): void;
  /** Starts a streamed answer; `fail` of the sink resets the connection so that the client sees a cut. */
  start(status: number, headers: HeaderList): Sink;
  /**
   * Leaves {@link RequestHead.upgrade} be where it is not called. 101 on HTTP/1.1, 200 on HTTP/2; the bytes of both sides follow. From then on
   * the stream alone tells that the client has left.
   */
  upgrade(headers: HeaderList): Duplex;
  /** Cuts it without an answer: the connection on HTTP/1.1, the stream on HTTP/2. */
  reset(): void;
  /** Called at most once, when the client leaves before the answer has ended. */
  onGone: (() => void) | null;
  /** Called at most once, when the answer has been handed to the transport in full or the connection is gone. */
  onDone: (() => void) | null;
}
