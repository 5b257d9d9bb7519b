/** How a call ended that an HTTP service has answered with another status than 2xx. docs/status-mapping.md has the table. */
import { retryInfo } from '../../call/details.ts';
import type { Metadata } from '../../call/metadata.ts';
import type { Status, StatusCode } from '../../call/status.ts';
import { GatewayError } from '../../call/error.ts';
import { parseJson } from '../../codecs/json-text.ts';
import { type ReadStatus, readStatus } from '../../codecs/read-status.ts';
import { utf8Text } from '../../codecs/utf8.ts';
import type { Schema } from '../../schema/model.ts';
import { essence, isJsonType } from './media-type.ts';
import { headerOf } from './outbound-headers.ts';

/** The reverse of google/rpc/code.proto, "HTTP Mapping"; where two codes have one status, the one that a client may act on more safely. */
const CODES: ReadonlyMap<number, StatusCode> = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [405, 'UNIMPLEMENTED'],
  [408, 'DEADLINE_EXCEEDED'],
  [409, 'ABORTED'],
  [412, 'FAILED_PRECONDITION'],
  [416, 'OUT_OF_RANGE'],
  [425, 'UNAVAILABLE'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [501, 'UNIMPLEMENTED'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);
const RETRY_INFO = 'google.rpc.RetryInfo';
/** Of a message that is plain text, in characters. */
const MAX_TEXT = 1_000;
const MAX_DEPTH = 100;
const NONE: ReadStatus = { code: undefined, message: '', details: [] };

/** The code for an HTTP status that says no more. */
export function codeOfHttp(httpStatus: number): StatusCode {
  const code = CODES.get(httpStatus);
  if (code !== undefined) return code;
  if (httpStatus >= 500) return 'INTERNAL';
  return httpStatus >= 400 ? 'FAILED_PRECONDITION' : 'UNKNOWN';
}

export interface ErrorAnswer {
  readonly httpStatus: number;
  readonly headers: readonly string[];
  /** Empty where it was too long to be read. */
  readonly body: Uint8Array;
  readonly trailers: Metadata | null;
}

/** Never throws: an error counts by its HTTP status, whatever its body is. */
export function statusOfAnswer(answer: ErrorAnswer, schema: Schema, epochMs: number): Status {
  const { httpStatus, headers, trailers } = answer;
  const read = readBody(answer, schema);
  const details = [...read.details];
  const retryMs = retryAfterMs(headerOf(headers, 'retry-after'), epochMs);
  const told = details.some(({ typeUrl }) => typeUrl.endsWith(RETRY_INFO));
  if (retryMs !== undefined && !told) details.push(retryInfo(retryMs));
  return {
    code: read.code ?? codeOfHttp(httpStatus),
    message: read.message || `the service answered with the HTTP status ${httpStatus}`,
    details,
    trailers,
    error: null,
  };
}

/** The end of a stream whose last element says that it failed. */
export function statusOfElement(json: Uint8Array, schema: Schema): Status {
  const { code, message, details } = readJson(json, schema);
  return { code: code ?? 'UNKNOWN', message, details, trailers: null, error: null };
}

function readBody({ headers, body }: ErrorAnswer, schema: Schema): ReadStatus {
  const type = essence(headerOf(headers, 'content-type'));
  if (isJsonType(type)) return readJson(body, schema);
  if (type !== 'text/plain') return NONE;
  const text = Buffer.from(body).toString('utf8').trim();
  return { ...NONE, message: text.slice(0, MAX_TEXT).toWellFormed() };
}

function readJson(json: Uint8Array, schema: Schema): ReadStatus {
  try {
    return readStatus(parseJson(utf8Text(json), MAX_DEPTH), schema);
  } catch (error) {
    // No JSON after all: the HTTP status says enough.
    if (error instanceof GatewayError) return NONE;
    throw error;
  }
}

/** Each of the three forms begins with the day's name (RFC 9110 section 5.6.7); Date.parse reads numbers as years. */
const HTTP_DATE = /^(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? /;

/** Seconds or a date (RFC 9110 section 10.2.3). */
function retryAfterMs(value: string | undefined, epochMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  if (!HTTP_DATE.test(value)) return undefined;
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - epochMs);
}
