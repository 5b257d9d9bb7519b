/** Errors of Connect: their names, their JSON and their HTTP statuses. Source: the Connect protocol reference, "Error Codes" and "Error End-Stream". */
import type { Call } from '../../call/call.ts';
import { type GatewayError, ownHttpStatus } from '../../call/error.ts';
import { httpStatusOf } from '../../call/http-status.ts';
import { type Status, type StatusCode, toldDetails } from '../../call/status.ts';

interface ErrorJson {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

/** What the status of a request is that no method could be called for. */
const OF_HTTP: ReadonlySet<GatewayError['pg']> = new Set([
  'PG_UNSUPPORTED_MEDIA_TYPE',
  'PG_METHOD_NOT_ALLOWED',
  'PG_METHOD_NOT_FOUND',
]);

export function connectError(status: Status, call: Call): ErrorJson {
  const { message } = status;
  // An id is made when it is asked for, and only errors of the gateway tell it.
  const details = toldDetails(status, status.error === null ? undefined : call.id);
  return {
    code: connectCode(status.code),
    ...(message !== '' && { message }),
    ...(details.length > 0 && {
      details: details.map(({ typeUrl, bytes }) => ({
        type: typeUrl.slice(typeUrl.lastIndexOf('/') + 1),
        value: Buffer.from(bytes).toString('base64').replace(/=+$/, ''),
      })),
    }),
  };
}

/** The status of a unary call's error, and of a stream that never began. */
export function connectHttpStatus({ code, error }: Status): number {
  const own = error !== null && OF_HTTP.has(error.pg) ? ownHttpStatus(error.pg) : undefined;
  return own ?? httpStatusOf(code);
}

/** The code in lower case, with the one spelling that differs from gRPC's. */
function connectCode(code: StatusCode): string {
  return code === 'CANCELLED' ? 'canceled' : code.toLowerCase();
}
