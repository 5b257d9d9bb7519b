/** A client of one protocol, as a test sees it: messages and statuses, no wire. What is behind it is node's own http and http2, nothing of ours. */
import type { CallKind } from '../../../src/call/types.ts';
import type { HttpClient, HttpHeaders } from './http.ts';
import type { Codec, Coding, ErrorInfo, Item } from './messages.ts';

export interface CallOptions {
  /** Of fault.v1.Fault. */
  readonly method: string;
  readonly kind: CallKind;
  readonly codec: Codec;
  /** Of the messages that are sent, and the only one that is taken beside identity. */
  readonly coding: Coding;
  /** Values of `-bin` names are base64 here and everywhere. */
  readonly metadata: HttpHeaders;
  /** How long the call may take, as the protocol says it. */
  readonly timeoutMs: number;
}

/** A message as it came. */
export interface Received {
  readonly item: Item;
  /** In its codec, inflated. */
  readonly bytes: Buffer;
  /** As it travelled; undefined where it was compressed as a part of a longer body. */
  readonly packed: Buffer | undefined;
  readonly coding: Coding;
}

/** How a call ended, in gRPC's terms. */
export interface End {
  /** `OK`, one of gRPC's, or `CUT` where the protocol's own end is missing. */
  readonly code: string;
  readonly message: string;
  readonly details: readonly ErrorInfo[];
  readonly trailers: Readonly<Record<string, string>>;
  /** 0 where there was no answer. */
  readonly httpStatus: number;
}

export interface ClientCall {
  send(item: Item): void;
  /** A part of a message in its envelope; only where {@link ClientCapabilities.envelopes} is. */
  sendBytes(bytes: Uint8Array): void;
  /** Ends the request; one that is a single piece goes out with it. */
  halfClose(): void;
  /** The metadata of the answer's head; resolves with the head. */
  readonly head: Promise<Readonly<Record<string, string>>>;
  /** Undefined at the end, whatever that is. */
  next(): Promise<Received | undefined>;
  /** Resolves once so many bytes of messages have arrived, whole or not; only where {@link ClientCapabilities.envelopes} is. */
  arrived(bytes: number): Promise<void>;
  /** Resolves when {@link next} has come to the end. */
  readonly end: Promise<End>;
  cancel(): void;
}

/** What a protocol can express. All else is impossible, and has to be refused. */
export interface ClientCapabilities {
  readonly http: readonly HttpClient['version'][];
  readonly kinds: readonly CallKind[];
  readonly codecs: readonly Codec[];
  /** Of HTTP: both sides may speak at the same time. */
  readonly fullDuplex: readonly HttpClient['version'][];
  /** Streams are messages in envelopes, which can be handed through while they come. */
  readonly envelopes: boolean;
  /** The end of a stream is a part of its body: half a message before it could not be told from the rest, so messages arrive whole. */
  readonly endsInBody: boolean;
  /** Messages are compressed one by one, by what the protocol itself says; else the body is, as HTTP has it. */
  readonly messages: boolean;
  /** The head of a stream arrives before its first message. */
  readonly earlyHead: boolean;
}

export interface ClientProtocol {
  readonly name: string;
  readonly capabilities: ClientCapabilities;
  open(http: HttpClient, options: CallOptions): ClientCall;
}
