/** What the head of a Connect request says beside its content type. Source: the Connect protocol reference, "Unary-Request". */
import { GatewayError } from '../../call/error.ts';
import type { RequestHead } from '../../call/types.ts';

/** Throws where the client speaks another version. Its absence is allowed: curl need not say it. */
export function checkVersion(version: string | undefined, name: string): void {
  if (version === undefined || version === '1') return;
  const shown = JSON.stringify(version.slice(0, 80));
  throw new GatewayError('PG_BAD_REQUEST', `${name} is ${shown}, and only "1" is known`);
}

/** Milliseconds, Infinity where there is none. Throws PG_BAD_TIMEOUT: a deadline that is not understood must not become none. */
export function connectTimeoutMs(head: RequestHead): number {
  const timeout = head.header('connect-timeout-ms');
  if (timeout === undefined) return Infinity;
  if (/^\d{1,10}$/.test(timeout)) return Number(timeout);
  throw new GatewayError(
    'PG_BAD_TIMEOUT',
    'Connect-Timeout-Ms is no timeout: expected up to ten digits, as 500',
  );
}
