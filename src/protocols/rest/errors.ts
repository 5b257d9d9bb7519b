/** Errors as REST clients see them: google.rpc.Status in JSON, or RFC 9457 problem details by Accept. */
import { statusJson } from '../../codecs/status.ts';
import { ownHttpStatus } from '../../call/error.ts';
import { type Status, toldDetails } from '../../call/status.ts';
import type { HeaderList } from '../../call/types.ts';
import { STATUS_CODES } from '../../lib/node-http.ts';
import type { Schema } from '../../schema/model.ts';
import { httpStatusOf } from '../../call/http-status.ts';
import { CODINGS } from '../../compression/content-coding.ts';

export interface ErrorContext {
  /** The id of the call; undefined for requests that never became one. */
  readonly id: string | undefined;
  /** Decodes the details; null before a route is known. */
  readonly schema: Schema | null;
  /** RFC 9457 instead of google.rpc.Status. */
  readonly problem: boolean;
  /** On several lines. */
  readonly pretty: boolean;
  /** That of an HTTP service, which is kept. */
  readonly httpStatus?: number | undefined;
}

export interface ErrorAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
}

const NOTHING = new Uint8Array();

/** A whole answer for a call that ended with a code other than OK. */
export function errorAnswer(status: Status, context: ErrorContext): ErrorAnswer {
  const http = context.httpStatus ?? errorHttpStatus(status);
  const { error } = status;
  const headers: HeaderList = [
    'content-type',
    context.problem ? 'application/problem+json' : 'application/json',
  ];
  if (error !== null && context.id !== undefined) headers.push('x-request-id', context.id);
  if (error?.allow !== undefined) headers.push('allow', error.allow.join(', '));
  // RFC 9110 section 12.5.3; with no other 415.
  if (error?.pg === 'PG_UNSUPPORTED_ENCODING') headers.push('accept-encoding', CODINGS);
  if (error?.retryAfterMs !== undefined) {
    headers.push('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))));
  }
  if (isBodiless(http)) return { status: http, headers: [], body: NOTHING };
  const json = errorJson(status, context);
  const body = context.problem ? problem(http, json) : json;
  const text = JSON.stringify(body, null, context.pretty ? 2 : undefined);
  return { status: http, headers, body: Buffer.from(text) };
}

/** RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5. */
export function isBodiless(httpStatus: number): boolean {
  return httpStatus === 204 || httpStatus === 205 || httpStatus === 304;
}

/** The HTTP status of an end: the gateway's own where it has one, else by the published table. */
function errorHttpStatus({ code, error }: Status): number {
  return (error === null ? undefined : ownHttpStatus(error.pg)) ?? httpStatusOf(code);
}

/** google.rpc.Status as a JSON value; errors of the gateway carry their id and, where it helps, how long to wait. */
export function errorJson(status: Status, { id, schema }: ErrorContext): Record<string, unknown> {
  const { code, message } = status;
  return statusJson({ code, message, details: toldDetails(status, id) }, schema);
}

/** RFC 9457: `title` is of the status, `detail` of this occurrence; the members of google.rpc.Status are its extensions. */
function problem(http: number, json: Record<string, unknown>): Record<string, unknown> {
  const { code, message, details } = json;
  return {
    type: 'about:blank',
    title: STATUS_CODES[http],
    status: http,
    detail: message,
    code,
    details,
  };
}
