/** What becomes of messages on their way, by what both wires declare; the table of design is in docs/life-of-a-request.md. */
import type { Coding } from '../support/clients/messages.ts';
import type { Cell } from './cells.ts';

/**
 * `splice`: chunks are handed through while they come. `reframe`: a whole message in another envelope, or in none. `recompress`: the
 * message is as it was, its compression is not. `transcode`: it is read and written anew.
 */
export type Transfer = 'splice' | 'reframe' | 'recompress' | 'transcode';

/** Less is not worth a compression of the gateway's. */
const LEAST_COMPRESSED_BYTES = 256;

export function requestTransfer(cell: Cell): Transfer {
  const { service, codec, coding } = cell;
  if (!service.capabilities.passes.includes(codec)) return 'transcode';
  if (!service.capabilities.takes.includes(coding)) return 'recompress';
  return throughout(cell, ['client_stream', 'bidi']);
}

export function answerTransfer(cell: Cell): Transfer {
  const { service, codec, coding } = cell;
  if (!service.capabilities.passes.includes(codec)) return 'transcode';
  const taken =
    service.capabilities.coding === 'identity' || service.capabilities.coding === coding;
  if (!taken) return 'recompress';
  return cell.client.capabilities.endsInBody
    ? 'reframe'
    : throughout(cell, ['server_stream', 'bidi']);
}

/** What a message of so many bytes is compressed with when the service gets it. */
export function requestCoding(cell: Cell, bytes: number): Coding {
  const transfer = requestTransfer(cell);
  if (transfer === 'splice' || transfer === 'reframe') return cell.coding;
  return bytes < LEAST_COMPRESSED_BYTES ? 'identity' : cell.service.capabilities.coding;
}

/** What an answer of so many bytes is compressed with when the client gets it. What the service has packed stays packed. */
export function answerCoding(cell: Cell, bytes: number): Coding {
  // REST's are compressed by the configuration of the matrix, however small.
  if (!cell.client.capabilities.messages) return cell.coding;
  const { coding } = cell.service.capabilities;
  const transfer = answerTransfer(cell);
  if (transfer === 'splice' || transfer === 'reframe') return coding;
  return coding === 'identity' || bytes < LEAST_COMPRESSED_BYTES ? 'identity' : cell.coding;
}

function throughout({ client, service, kind }: Cell, streams: readonly string[]): Transfer {
  const enveloped = client.capabilities.envelopes && service.capabilities.envelopes;
  return enveloped && streams.includes(kind.kind) ? 'splice' : 'reframe';
}
