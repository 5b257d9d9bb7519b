/** How long the client wants to wait. */
import { GatewayError } from '../../call/error.ts';
import { parseGrpcTimeout } from '../../call/grpc-timeout.ts';
import type { RequestHead } from '../../call/types.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1_000, s: 1_000, ms: 1, m: 60_000 };

/**
 * Milliseconds from `Grpc-Timeout` (`100m`, as gRPC writes it) or `X-Request-Timeout` (`1.5`, `1.5s`, `250ms`); Infinity where neither is
 * sent. The first wins over the second. Throws PG_BAD_TIMEOUT: a deadline that is not understood must not become none.
 */
export function timeoutFrom(head: RequestHead): number {
  const grpc = head.header('grpc-timeout');
  if (grpc !== undefined) return parseGrpcTimeout(grpc);
  const plain = head.header('x-request-timeout');
  if (plain === undefined) return Infinity;
  const [, digits, unit] = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|)$/.exec(plain) ?? [];
  const unitMs = UNITS[unit ?? '-'];
  if (digits !== undefined && unitMs !== undefined) return Number(digits) * unitMs;
  throw new GatewayError(
    'PG_BAD_TIMEOUT',
    'X-Request-Timeout is no timeout: expected seconds or a number with ms, s or m, as 1.5s',
  );
}
