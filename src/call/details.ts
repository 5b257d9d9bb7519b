/**
 * Encoders for the google.rpc details that the gateway itself sends. Source: google/rpc/error_details.proto.
 * They hold strings and one Duration, so ten lines of wire format serve better than a codec that loads with the first error.
 */
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
  const parts = violations.map(({ field, description }) =>
    lengthDelimited(1, join([text(1, field), text(2, description)])),
  );
  return { typeUrl: `${TYPE_PREFIX}BadRequest`, bytes: join(parts) };
}

/** The stable reason of an error, of the domain `polygate`. */
export function errorInfo(reason: string): StatusDetail {
  return {
    typeUrl: `${TYPE_PREFIX}ErrorInfo`,
    bytes: join([text(1, reason), text(2, 'polygate')]),
  };
}

/** The id under which the operator finds this call. */
export function requestInfo(requestId: string): StatusDetail {
  return { typeUrl: `${TYPE_PREFIX}RequestInfo`, bytes: text(1, requestId) };
}

/** How long to wait before another try. */
export function retryInfo(delayMs: number): StatusDetail {
  // Rounded as a whole: rounding the rest alone could make 1e9 nanoseconds, which no Duration has.
  const delayNanos = Math.round(Math.min(Math.max(delayMs, 0), MAX_DURATION_S * 1000) * 1e6);
  const seconds = Math.floor(delayNanos / 1e9);
  const nanos = delayNanos % 1e9;
  const duration = seconds > 0 ? [0x08, ...varint(seconds)] : [];
  if (nanos > 0) duration.push(0x10, ...varint(nanos));
  return {
    typeUrl: `${TYPE_PREFIX}RetryInfo`,
    bytes: lengthDelimited(1, Uint8Array.from(duration)),
  };
}

function text(field: number, value: string): Uint8Array {
  return value === '' ? new Uint8Array() : lengthDelimited(field, utf8.encode(value));
}

function lengthDelimited(field: number, bytes: Uint8Array): Uint8Array {
  return join([Uint8Array.from([(field << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
