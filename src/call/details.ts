/**
 * Encoders for the google.rpc details that the gateway itself sends. Source: google/rpc/error_details.proto.
 * They hold strings and one Duration: no reason to load a codec with the first error.
 */
import { joinBytes, lengthDelimited, varint } from '../lib/protobuf-wire.ts';
import type { StatusDetail } from './status.ts';

export interface FieldViolation {
  /** As `book.pages[3].number`. */
  readonly field: string;
  readonly description: string;
}

const TYPE_PREFIX = 'type.googleapis.com/google.rpc.';
/** About ten thousand years: the longest google.protobuf.Duration. */
const MAX_DURATION_S = 315_576_000_000;
const utf8 = new TextEncoder();

/** What the client sent wrong, field by field. */
export function badRequest(violations: readonly FieldViolation[]): StatusDetail {
  const parts = violations.flatMap(({ field, description }) =>
    lengthDelimited(1, [...text(1, field), ...text(2, description)]),
  );
  return detail('BadRequest', parts);
}

/** The stable reason of an error, of the domain `polygate`. */
export function errorInfo(reason: string): StatusDetail {
  return detail('ErrorInfo', [...text(1, reason), ...text(2, 'polygate')]);
}

/** The id under which the operator finds this call. */
export function requestInfo(requestId: string): StatusDetail {
  return detail('RequestInfo', text(1, requestId));
}

/** How long to wait before another try. */
export function retryInfo(delayMs: number): StatusDetail {
  // Rounded as a whole: rounding the rest alone could make 1e9 nanoseconds, which no Duration has.
  const delayNanos = Math.round(Math.min(Math.max(delayMs, 0), MAX_DURATION_S * 1000) * 1e6);
  const seconds = Math.floor(delayNanos / 1e9);
  const nanos = delayNanos % 1e9;
  const duration = seconds > 0 ? [0x08, ...varint(seconds)] : [];
  if (nanos > 0) duration.push(0x10, ...varint(nanos));
  return detail('RetryInfo', lengthDelimited(1, [Uint8Array.from(duration)]));
}

function detail(type: string, parts: readonly Uint8Array[]): StatusDetail {
  return { typeUrl: `${TYPE_PREFIX}${type}`, bytes: joinBytes(parts) };
}

function text(field: number, value: string): readonly Uint8Array[] {
  return value === '' ? [] : lengthDelimited(field, [utf8.encode(value)]);
}
