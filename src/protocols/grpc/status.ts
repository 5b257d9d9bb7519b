/** The end of a gRPC call as Status. Source: gRPC over HTTP/2; google/rpc/status.proto is the value of `grpc-status-details-bin`. */
import { type Status, type StatusCode, type StatusDetail, statusCode } from '../../call/status.ts';
import { cursor, lengthEnd, readTag, skip } from '../../codecs/proto-json/wire.ts';
import { fromHeaders } from '../../rpc/metadata.ts';
import { decodeMessage } from '../../rpc/status-message.ts';

const DETAILS = 'grpc-status-details-bin';
/** http-grpc-status-mapping.md: what an answer says that is not gRPC's, as a proxy gives it. */
const HTTP_CODES = new Map<number, StatusCode>([
  [400, 'INTERNAL'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'UNIMPLEMENTED'],
  [429, 'UNAVAILABLE'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'UNAVAILABLE'],
]);

/** The answer of the service in its last header block; undefined where that says none. */
export function statusFrom(headers: readonly string[]): Status | undefined {
  let code: StatusCode | undefined;
  let message = '';
  let details: readonly StatusDetail[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (!name.startsWith('grpc-')) continue;
    const value = headers[i + 1] ?? '';
    // The first one counts; what is no number is no code that gRPC defines.
    if (name === 'grpc-status') code ??= statusCode(/^\d{1,10}$/.test(value) ? Number(value) : -1);
    else if (name === 'grpc-message') message = decodeMessage(value);
    else if (name === DETAILS) details = detailsOf(Buffer.from(value, 'base64'));
  }
  if (code === undefined) return undefined;
  return { code, message, details, trailers: fromHeaders(headers), error: null };
}

/** The end of a call that something between answered in HTTP alone. */
export function statusOfHttp(
  httpStatus: number,
  contentType: string,
  headers: readonly string[],
): Status {
  const found = httpStatus === 200 ? contentType : `the HTTP status ${httpStatus}`;
  return {
    code: HTTP_CODES.get(httpStatus) ?? 'UNKNOWN',
    message: `the service answered with ${found} instead of gRPC`,
    details: [],
    trailers: fromHeaders(headers),
    error: null,
  };
}

/** The details of a google.rpc.Status; bytes that are none give none, since a status must arrive whatever decorates it. */
function detailsOf(value: Uint8Array): StatusDetail[] {
  const details: StatusDetail[] = [];
  try {
    eachField(value, (field, bytes) => {
      if (field === 3) details.push(anyFrom(bytes));
    });
  } catch {
    // What could be read up to here is told; the code and the message of the status are what counts.
    return details;
  }
  return details;
}

function anyFrom(any: Uint8Array): StatusDetail {
  let typeUrl = '';
  let bytes: Uint8Array = new Uint8Array();
  eachField(any, (field, content) => {
    if (field === 1) typeUrl = Buffer.from(content).toString('utf8');
    if (field === 2) bytes = content;
  });
  return { typeUrl, bytes };
}

/** Visits the length-delimited fields and passes over the others. */
function eachField(message: Uint8Array, visit: (field: number, bytes: Uint8Array) => void): void {
  const end = message.length;
  for (let p = 0; p < end; ) {
    const tag = readTag(message, p, end);
    const at = cursor.pos;
    if ((tag & 7) === 2) {
      p = lengthEnd(message, at, end);
      visit(tag >>> 3, message.subarray(cursor.pos, p));
    } else {
      p = skip(tag, message, at, end);
    }
  }
}
