/** What the head of a Connect request says beside its content type. Source: the Connect protocol reference, "Unary-Request". */
import { GatewayError } from '../../call/error.ts';
import type { RequestHead } from '../../call/types.ts';

/** Throws where the client speaks another version. Its absence is allowed: curl need not say it. */
export function checkVersion(head: RequestHead): void {
  requireVersion(head.header('connect-protocol-version'), 'Connect-Protocol-Version', '1');
}

/** The same of a value from anywhere: `name` is where it was said, `known` the one that is spoken here. */
export function requireVersion(version: string | undefined, name: string, known: string): void {
  if (version === undefined || version === known) return;
  const shown = JSON.stringify(version.slice(0, 80));
  throw new GatewayError('PG_BAD_REQUEST', `${name} is ${shown}, and only "${known}" is known`);
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
