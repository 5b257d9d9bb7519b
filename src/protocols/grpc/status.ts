/** The end of a gRPC call as Status. Source: gRPC over HTTP/2; google/rpc/status.proto is the value of `grpc-status-details-bin`. */
import type { StatusObject } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import { GatewayError } from '../../call/error.ts';
import { type Status, type StatusCode, type StatusDetail, statusCode } from '../../call/status.ts';
import { fromGrpc } from './metadata.ts';

const DETAILS = 'grpc-status-details-bin';
/** After how long a new try makes sense when no connection could be made. */
const RETRY_AFTER_MS = 1_000;

const REFUSED = 'Stream refused by server';
/** What grpc-js says of a stream or a connection that broke off: its words, and the code that it gives them. */
const BREAKS: readonly (readonly [StatusCode, RegExp])[] = [
  ['INTERNAL', /^Received RST_STREAM with code \d/],
  ['UNAVAILABLE', /^(?:Connection dropped|Stream refused by server|(?:read|write) E[A-Z]+)$/],
  ['CANCELLED', /^Call cancelled$/],
  ['RESOURCE_EXHAUSTED', /^Bandwidth exhausted or memory limit exceeded$/],
  ['PERMISSION_DENIED', /^Protocol not secure enough$/],
  ['UNAVAILABLE', /^Write error: /],
];

/** The answer of the service. */
export function statusFrom(status: StatusObject): Status {
  return {
    code: statusCode(status.code),
    message: status.details,
    details: detailsOf(status.metadata.get(DETAILS)[0]),
    trailers: fromGrpc(status.metadata),
    error: null,
  };
}

/**
 * grpc-js reports its own failures as statuses too. A status that the service sent came in a header block, which holds at least its
 * content-type when no response headers came before; one that grpc-js made has no metadata at all.
 * Where the service stands is for the log alone: clients are not told.
 * @returns the failure, or undefined where the service answered
 */
export function transportFailure(
  status: StatusObject,
  sawHead: boolean,
  address: string,
): GatewayError | undefined {
  const text = status.details;
  // A limit of ours, also behind the head: grpc-js tells it by its words alone.
  if (text.startsWith('Received message larger than max')) {
    return new GatewayError('PG_RESPONSE_TOO_LARGE', 'a message of the service is too large', {
      reached: 'yes',
    });
  }
  if (isBreak(status)) {
    // A refused stream was not looked at (RFC 9113 section 8.7).
    const reached = text === REFUSED ? 'no' : 'maybe';
    return new GatewayError('PG_UPSTREAM_RESET', 'the service broke off the call', {
      reached: sawHead ? 'yes' : reached,
      cause: new Error(`${address}: ${text}`),
    });
  }
  if (sawHead || Object.keys(status.metadata.getMap()).length > 0) return undefined;
  const cause = new Error(`${address}: ${text}`);
  if (statusCode(status.code) === 'UNAVAILABLE') {
    return new GatewayError('PG_UPSTREAM_UNAVAILABLE', 'no connection to the service', {
      reached: text.startsWith('No connection established') ? 'no' : 'maybe',
      retryAfterMs: RETRY_AFTER_MS,
      cause,
    });
  }
  return new GatewayError('PG_UPSTREAM_PROTOCOL', 'the service does not answer as gRPC does', {
    cause,
  });
}

/** A service that relays such words of a service of its own is told apart by its code or by its trailers, or else not at all. */
function isBreak({ code, details, metadata }: StatusObject): boolean {
  if (Object.keys(metadata.getMap()).length > 0) return false;
  return BREAKS.some(([status, words]) => status === statusCode(code) && words.test(details));
}

/** The details of a google.rpc.Status; bytes that are none give none, since a status must arrive whatever decorates it. */
function detailsOf(value: string | Buffer | undefined): StatusDetail[] {
  if (!(value instanceof Uint8Array)) return [];
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
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if ((tag & 7) === 2) visit(tag >>> 3, reader.bytes());
    else reader.skipType(tag & 7);
  }
}
