/** How long the client wants to wait. */
import { GatewayError } from '../../call/error.ts';
import type { RequestHead } from '../../call/types.ts';

/** `TimeoutUnit` of gRPC over HTTP/2, in milliseconds. */
const GRPC_UNITS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};
const UNITS: Readonly<Record<string, number>> = { '': 1_000, s: 1_000, ms: 1, m: 60_000 };

/**
 * Milliseconds from `Grpc-Timeout` (`100m`, as gRPC writes it) or `X-Request-Timeout` (`1.5`, `1.5s`, `250ms`); Infinity where neither is
 * sent. The first wins over the second. Throws PG_BAD_TIMEOUT: a deadline that is not understood must not become none.
 */
export function timeoutFrom(head: RequestHead): number {
  const grpc = head.header('grpc-timeout');
  if (grpc !== undefined) {
    const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(grpc) ?? [];
    return amount('Grpc-Timeout', digits, GRPC_UNITS[unit ?? '-']);
  }
  const plain = head.header('x-request-timeout');
  if (plain === undefined) return Infinity;
  const [, digits, unit] = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|)$/.exec(plain) ?? [];
  return amount('X-Request-Timeout', digits, UNITS[unit ?? '-']);
}

function amount(header: string, digits: string | undefined, unitMs: number | undefined): number {
  if (digits !== undefined && unitMs !== undefined) return Number(digits) * unitMs;
  throw new GatewayError(
    'PG_BAD_TIMEOUT',
    `${header} is no timeout: expected ${header === 'Grpc-Timeout' ? 'up to eight digits and one of H M S m u n, as 500m' : 'seconds or a number with ms, s or m, as 1.5s'}`,
  );
}
