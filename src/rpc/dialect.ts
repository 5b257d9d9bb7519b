/** What sets the protocols apart whose messages travel in the envelopes of gRPC. */
import type { Call } from '../call/call.ts';
import type { Status } from '../call/status.ts';
import type { CallKind, HeaderList, RequestHead } from '../call/types.ts';
import type { Schema } from '../schema/model.ts';

/** What one call's messages are written in; found by the content type, shared by all calls of that type. */
export interface RpcWire {
  readonly codec: 'proto' | 'json';
  /** The body of the request is base64. */
  readonly textRequest: boolean;
  readonly textAnswer: boolean;
  /** Of the answer. */
  readonly contentType: string;
}

/** How a call ended, and what it takes to tell that. */
export interface CallEnd {
  readonly status: Status;
  readonly call: Call;
  /** Of the method; null where none was found. */
  readonly schema: Schema | null;
}

export interface RpcDialect {
  /** The label of logs and metrics. */
  readonly protocol: string;
  /** Of an answer to a request whose own type is none of this protocol's. */
  readonly contentType: string;
  readonly encodingHeader: string;
  readonly acceptEncodingHeader: string;
  /** Whether a whole body may be compressed beside its messages, as Content-Encoding says. */
  readonly codesBodies: boolean;
  match(head: RequestHead): boolean;
  /** Undefined for a content type that is this protocol's to refuse. */
  wireOf(head: RequestHead): RpcWire | undefined;
  /** The content types that are taken, as an error names them. */
  readonly contentTypes: string;
  /** Throws a GatewayError for what the head says wrong. `kind` is of the method. */
  check(head: RequestHead, kind: CallKind): void;
  /** Infinity where the client says none. */
  timeoutMs(head: RequestHead): number;
  /** Adds the end of a call without messages to its headers, and returns its body. */
  statusOnly(headers: HeaderList, end: CallEnd): Uint8Array;
  /** The end behind the last message where it is part of the body, and what stands before must be whole; null where it is sent as trailers. */
  readonly tail: ((end: CallEnd) => Uint8Array) | null;
}
