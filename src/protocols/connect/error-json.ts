/** Errors of Connect: their names, their JSON and their HTTP statuses. Source: the Connect protocol reference, "Error Codes" and "Error End-Stream". */
import { type GatewayError, ownHttpStatus } from '../../call/error.ts';
import { httpStatusOf } from '../../call/http-status.ts';
import { type Status, type StatusCode, type StatusDetail, toldDetails } from '../../call/status.ts';
import { detailValue } from '../../codecs/status.ts';
import type { CallEnd } from '../../rpc/dialect.ts';
import type { Schema } from '../../schema/model.ts';

interface ErrorJson {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly Detail[];
}

interface Detail {
  readonly type: string;
  readonly value: string;
  /** The same in JSON, for people; left out where the type is not known. */
  readonly debug?: unknown;
}

/**
 * Requests that no method could be called for: they have the HTTP status that says so, and the name that a client gives this status
 * where the answer has no error in it ("HTTP to Error Code"), as the answers of other servers do.
 */
const OF_HTTP: ReadonlyMap<GatewayError['pg'] | undefined, string> = new Map([
  ['PG_UNSUPPORTED_MEDIA_TYPE', 'unknown'],
  ['PG_METHOD_NOT_ALLOWED', 'unknown'],
  ['PG_METHOD_NOT_FOUND', 'unimplemented'],
]);

export function connectError({ status, call, schema }: CallEnd): ErrorJson {
  const { message } = status;
  // An id is made when it is asked for, and only errors of the gateway tell it.
  const details = toldDetails(status, status.error === null ? undefined : call.id);
  return {
    code: OF_HTTP.get(status.error?.pg) ?? connectCode(status.code),
    ...(message !== '' && { message }),
    ...(details.length > 0 && {
      details: details.map((detail) => detailOf(detail, schema)),
    }),
  };
}

function detailOf(detail: StatusDetail, schema: Schema | null): Detail {
  const { typeUrl, bytes } = detail;
  const debug = detailValue(detail, schema);
  return {
    type: typeUrl.slice(typeUrl.lastIndexOf('/') + 1),
    value: Buffer.from(bytes).toString('base64').replace(/=+$/, ''),
    ...(debug !== undefined && { debug }),
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
