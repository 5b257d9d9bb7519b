/** A Status as the headers that end a gRPC call (gRPC over HTTP/2, "Responses"). */
import type { Call } from '../call/call.ts';
import { type Status, type StatusDetail, statusNumber, toldDetails } from '../call/status.ts';
import type { HeaderList } from '../call/types.ts';
import { joinBytes, lengthDelimited, varint } from '../lib/protobuf-wire.ts';
import { headersOf, toClient } from './metadata.ts';
import { encodeMessage } from './status-message.ts';

const utf8 = new TextEncoder();

/** The status, its details and the trailers of the service. */
export function statusHeaders(status: Status, call: Call): HeaderList {
  const headers = ['grpc-status', String(statusNumber(status.code))];
  if (status.message !== '') headers.push('grpc-message', encodeMessage(status.message));
  // An id is made when it is asked for, and only errors of the gateway tell it.
  const details = toldDetails(status, status.error === null ? undefined : call.id);
  if (details.length > 0) headers.push('grpc-status-details-bin', encodeDetails(status, details));
  headers.push(...headersOf(status.trailers, toClient));
  return headers;
}

/** google.rpc.Status in base64, without padding as the specification asks for. */
function encodeDetails({ code, message }: Status, details: readonly StatusDetail[]): string {
  const number = statusNumber(code);
  const parts = [
    ...(number === 0 ? [] : [Uint8Array.from([0x08, ...varint(number)])]),
    ...(message === '' ? [] : lengthDelimited(2, [utf8.encode(message)])),
    ...details.flatMap((detail) => lengthDelimited(3, anyParts(detail))),
  ];
  const text = Buffer.from(joinBytes(parts)).toString('base64');
  return text.replace(/=+$/, '');
}

function anyParts({ typeUrl, bytes }: StatusDetail): Uint8Array[] {
  return [
    ...lengthDelimited(1, [utf8.encode(typeUrl)]),
    ...(bytes.length === 0 ? [] : lengthDelimited(2, [bytes])),
  ];
}
