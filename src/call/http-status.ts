/** gRPC codes as HTTP statuses. Source: google/rpc/code.proto, "HTTP Mapping" of each code. docs/status-mapping.md is tested against it. */
import type { StatusCode } from './status.ts';

const HTTP_STATUS: Readonly<Record<StatusCode, number>> = {
  OK: 200,
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

/** The HTTP status that clients of HTTP see for a code. */
export function httpStatusOf(code: StatusCode): number {
  return HTTP_STATUS[code];
}
