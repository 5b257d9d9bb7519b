/** `grpc-timeout` (gRPC over HTTP/2, "Timeout"): at most eight digits and a unit. REST clients may send it as well. */
import { GatewayError } from './error.ts';

const UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** Milliseconds. Throws PG_BAD_TIMEOUT: a deadline that is not understood must not become none. */
export function parseGrpcTimeout(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  if (digits !== undefined && unitMs !== undefined) return Number(digits) * unitMs;
  throw new GatewayError(
    'PG_BAD_TIMEOUT',
    'Grpc-Timeout is no timeout: expected up to eight digits and one of H M S m u n, as 500m',
  );
}

/** Rounded up, so that who is told never gives up first by rounding. */
export function formatGrpcTimeout(timeoutMs: number): string {
  const ms = Math.max(1, Math.ceil(timeoutMs));
  return ms < 1e8 ? `${ms}m` : `${Math.min(Math.ceil(ms / 1000), 99_999_999)}S`;
}
