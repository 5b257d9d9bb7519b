/** The end of a call as gRPC knows it: plain data, settled exactly once. Source: google/rpc/code.proto, google/rpc/status.proto. */
import { errorInfo, requestInfo, retryInfo } from './details.ts';
import type { GatewayError } from './error.ts';
import type { Metadata } from './metadata.ts';

/** The 17 codes of google/rpc/code.proto, by number. */
export const STATUS_CODES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export type StatusCode = (typeof STATUS_CODES)[number];

const NUMBERS = new Map<StatusCode, number>(STATUS_CODES.map((code, number) => [code, number]));

export function statusNumber(code: StatusCode): number {
  return NUMBERS.get(code) ?? 2;
}

/** A number that gRPC does not define is UNKNOWN (gRPC over HTTP/2, "Status"). */
export function statusCode(number: number): StatusCode {
  return STATUS_CODES[number] ?? 'UNKNOWN';
}

/** A google.protobuf.Any, undecoded: only who prints it looks inside. */
export interface StatusDetail {
  /** As `type.googleapis.com/google.rpc.BadRequest`. */
  readonly typeUrl: string;
  readonly bytes: Uint8Array;
}

export interface Status {
  readonly code: StatusCode;
  readonly message: string;
  readonly details: readonly StatusDetail[];
  /** What came behind the last message; null where nothing did. */
  readonly trailers: Metadata | null;
  /** Set where the gateway, not the service, ended the call. */
  readonly error: GatewayError | null;
}

export const OK: Status = Object.freeze({
  code: 'OK',
  message: '',
  details: [],
  trailers: null,
  error: null,
});

/** A failure of the gateway as the end of a call; its details carry the stable reason. */
export function statusOf(error: GatewayError): Status {
  const { code, message } = error;
  return { code, message, details: [errorInfo(error.pg), ...error.details], trailers: null, error };
}

/** The details that the client is told: errors of the gateway carry the id of the call too and, where it helps, how long to wait. */
export function toldDetails(
  { details, error }: Status,
  id: string | undefined,
): readonly StatusDetail[] {
  if (error === null) return details;
  const told = [...details];
  if (id !== undefined) told.push(requestInfo(id));
  if (error.retryAfterMs !== undefined) told.push(retryInfo(error.retryAfterMs));
  return told;
}
