/**
 * What crosses a module boundary when there is no answer: {@link GatewayError}. An answer of the service, whatever its code, is a Reply.
 * Each `PG_*` code is documented in docs/errors.md; a test keeps that page and this table the same.
 */
import type { StatusCode, StatusDetail } from './status.ts';

/** Who is at fault: decides who is told what, and later what a breaker counts. */
export type Side = 'client' | 'gateway' | 'upstream';
/** Whether the service may have seen the call; `no` may always be retried. */
export type Reached = 'no' | 'maybe' | 'yes';

export interface PgCode {
  /** The gRPC code of google/rpc/code.proto. */
  readonly status: StatusCode;
  readonly side: Side;
  /** The HTTP status where it is not the published mapping of `status`. */
  readonly http?: number;
}

/** The names of the gateway's own errors; stable, documented one by one in docs/errors.md. */
export type PgCodeName =
  | 'PG_BAD_REQUEST'
  | 'PG_BAD_TARGET'
  | 'PG_TARGET_TOO_LONG'
  | 'PG_HEADERS_TOO_LARGE'
  | 'PG_HEAD_TIMEOUT'
  | 'PG_UNKNOWN_VERB'
  | 'PG_UNSUPPORTED_TRANSFER'
  | 'PG_ROUTE_NOT_FOUND'
  | 'PG_METHOD_NOT_ALLOWED'
  | 'PG_UNSUPPORTED_MEDIA_TYPE'
  | 'PG_UNSUPPORTED_ENCODING'
  | 'PG_MALFORMED_ENCODING'
  | 'PG_BODY_TOO_LARGE'
  | 'PG_BODY_INCOMPLETE'
  | 'PG_BODY_TIMEOUT'
  | 'PG_UNEXPECTED_BODY'
  | 'PG_MALFORMED_JSON'
  | 'PG_TOO_DEEP'
  | 'PG_NOT_UTF8'
  | 'PG_INVALID_VALUE'
  | 'PG_UNKNOWN_FIELD'
  | 'PG_CONFLICTING_FIELD'
  | 'PG_BAD_TIMEOUT'
  | 'PG_MESSAGE_COUNT'
  | 'PG_BAD_ENVELOPE'
  | 'PG_METHOD_NOT_FOUND'
  | 'PG_CARDINALITY'
  | 'PG_UNKNOWN_COMPRESSION'
  | 'PG_CLIENT_GONE'
  | 'PG_DEADLINE_EXCEEDED'
  | 'PG_IDLE_TIMEOUT'
  | 'PG_UPSTREAM_UNAVAILABLE'
  | 'PG_UPSTREAM_RESET'
  | 'PG_UPSTREAM_PROTOCOL'
  | 'PG_UPSTREAM_CARDINALITY'
  | 'PG_RESPONSE_TOO_LARGE'
  | 'PG_RESPONSE_UNREADABLE'
  | 'PG_OVERLOADED'
  | 'PG_DRAIN'
  | 'PG_INTERNAL';

export const PG_CODES: Readonly<Record<PgCodeName, PgCode>> = {
  PG_BAD_REQUEST: { status: 'INVALID_ARGUMENT', side: 'client' },
  PG_BAD_TARGET: { status: 'INVALID_ARGUMENT', side: 'client' },
  PG_TARGET_TOO_LONG: { status: 'INVALID_ARGUMENT', side: 'client', http: 414 },
  PG_HEADERS_TOO_LARGE: { status: 'INVALID_ARGUMENT', side: 'client', http: 431 },
  PG_HEAD_TIMEOUT: { status: 'DEADLINE_EXCEEDED', side: 'client', http: 408 },
  PG_UNKNOWN_VERB: { status: 'UNIMPLEMENTED', side: 'client', http: 501 },
  PG_UNSUPPORTED_TRANSFER: { status: 'UNIMPLEMENTED', side: 'client', http: 501 },
  PG_ROUTE_NOT_FOUND: { status: 'NOT_FOUND', side: 'client', http: 404 },
  PG_METHOD_NOT_ALLOWED: { status: 'UNIMPLEMENTED', side: 'client', http: 405 },
  PG_UNSUPPORTED_MEDIA_TYPE: { status: 'INVALID_ARGUMENT', side: 'client', http: 415 },
  PG_UNSUPPORTED_ENCODING: { status: 'INVALID_ARGUMENT', side: 'client', http: 415 },
  PG_MALFORMED_ENCODING: { status: 'INVALID_ARGUMENT', side: 'client' },
  PG_BODY_TOO_LARGE: { status: 'RESOURCE_EXHAUSTED', side: 'client', http: 413 },
  PG_BODY_INCOMPLETE: { status: 'INVALID_ARGUMENT', side: 'client' },
  PG_BODY_TIMEOUT: { status: 'DEADLINE_EXCEEDED', side: 'client', http: 408 },
  PG_UNEXPECTED_BODY: { status: 'INVALID_ARGUMENT', side: 'client' },
  PG_MALFORMED_JSON: { status: 'INVALID_ARGUMENT', side: 'client' },
  PG_TOO_DEEP: { status: 'INVALID_ARGUMENT', side: 'client' },
  PG_NOT_UTF8: { status: 'INVALID_ARGUMENT', side: 'client' },
  PG_INVALID_VALUE: { status: 'INVALID_ARGUMENT', side: 'client' },
  PG_UNKNOWN_FIELD: { status: 'INVALID_ARGUMENT', side: 'client' },
  PG_CONFLICTING_FIELD: { status: 'INVALID_ARGUMENT', side: 'client' },
  PG_BAD_TIMEOUT: { status: 'INVALID_ARGUMENT', side: 'client' },
  PG_MESSAGE_COUNT: { status: 'INVALID_ARGUMENT', side: 'client' },
  PG_METHOD_NOT_FOUND: { status: 'UNIMPLEMENTED', side: 'client', http: 404 },
  PG_CARDINALITY: { status: 'UNIMPLEMENTED', side: 'client', http: 400 },
  PG_UNKNOWN_COMPRESSION: { status: 'UNIMPLEMENTED', side: 'client', http: 415 },
  PG_BAD_ENVELOPE: { status: 'INTERNAL', side: 'client', http: 400 },
  PG_CLIENT_GONE: { status: 'CANCELLED', side: 'client', http: 499 },
  PG_DEADLINE_EXCEEDED: { status: 'DEADLINE_EXCEEDED', side: 'upstream' },
  PG_IDLE_TIMEOUT: { status: 'DEADLINE_EXCEEDED', side: 'upstream' },
  PG_UPSTREAM_UNAVAILABLE: { status: 'UNAVAILABLE', side: 'upstream' },
  PG_UPSTREAM_RESET: { status: 'UNAVAILABLE', side: 'upstream', http: 502 },
  PG_UPSTREAM_PROTOCOL: { status: 'INTERNAL', side: 'upstream', http: 502 },
  PG_UPSTREAM_CARDINALITY: { status: 'UNIMPLEMENTED', side: 'upstream', http: 502 },
  PG_RESPONSE_TOO_LARGE: { status: 'RESOURCE_EXHAUSTED', side: 'upstream', http: 502 },
  PG_RESPONSE_UNREADABLE: { status: 'INTERNAL', side: 'upstream', http: 502 },
  PG_OVERLOADED: { status: 'UNAVAILABLE', side: 'gateway' },
  PG_DRAIN: { status: 'UNAVAILABLE', side: 'gateway' },
  PG_INTERNAL: { status: 'INTERNAL', side: 'gateway' },
};

export interface GatewayErrorOptions {
  /** Default: `no` for faults of the client, else `maybe`. */
  readonly reached?: Reached;
  /** google.rpc details beside the ErrorInfo and RequestInfo that every own error carries. */
  readonly details?: readonly StatusDetail[];
  /** After how many milliseconds a new try makes sense; becomes `Retry-After` and google.rpc.RetryInfo. */
  readonly retryAfterMs?: number;
  /** Verbs that the path knows; becomes `Allow`. */
  readonly allow?: readonly string[];
  readonly cause?: unknown;
}

export class GatewayError extends Error {
  readonly pg: PgCodeName;
  readonly code: StatusCode;
  readonly side: Side;
  readonly reached: Reached;
  readonly details: readonly StatusDetail[];
  readonly retryAfterMs: number | undefined;
  readonly allow: readonly string[] | undefined;

  /** `message` is read by the client: what was wrong, what was expected, never an internal of the gateway. */
  constructor(pg: PgCodeName, message: string, options: GatewayErrorOptions = {}) {
    // A stack costs 4.8 us and says nothing about an expected refusal; only a fault of our own needs one.
    const limit = Error.stackTraceLimit;
    if (pg !== 'PG_INTERNAL') Error.stackTraceLimit = 0;
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = limit;
    const entry = PG_CODES[pg];
    this.name = 'GatewayError';
    this.pg = pg;
    this.code = entry.status;
    this.side = entry.side;
    this.reached = options.reached ?? (entry.side === 'client' ? 'no' : 'maybe');
    this.details = options.details ?? [];
    this.retryAfterMs = options.retryAfterMs;
    this.allow = options.allow;
  }

  /** Any thrown value as a GatewayError; what is not one is a fault of the gateway, told to the client without its text. */
  static from(thrown: unknown): GatewayError {
    if (thrown instanceof GatewayError) return thrown;
    return new GatewayError('PG_INTERNAL', 'internal error of the gateway', { cause: thrown });
  }
}

/** The HTTP status that a code of ours has instead of the published mapping, if any. */
export function ownHttpStatus(pg: PgCodeName): number | undefined {
  return PG_CODES[pg].http;
}
