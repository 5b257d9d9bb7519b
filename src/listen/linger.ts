/**
 * The end of a connection whose client is still sending (RFC 9112 section 9.6). Closing both directions at once would answer its next
 * packet with a reset, which makes it lose an answer that it has not read yet; so what it sends is discarded for a while.
 */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../lib/clock.ts';

const MAX_DISCARD_BYTES = 256 * 1024;
const MAX_DISCARD_MS = 1_000;

/** Discards the rest of a request body behind its answer; the connection is cut where that takes too long or is too much. */
export function discardRest(request: IncomingMessage, clock: Clock): void {
  const { socket } = request;
  const destroySoon = socket.destroySoon.bind(socket);
  let answered = false;
  // node:http calls it behind the last answer of a connection. Until the upload has ended, only our direction is closed.
  socket.destroySoon = () => {
    answered = true;
    socket.end();
  };
  let left = MAX_DISCARD_BYTES;
  request.on('data', (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0) socket.destroy();
  });
  request.on('end', () => {
    socket.destroySoon = destroySoon;
    if (answered) destroySoon();
  });
  const timer = clock.after(MAX_DISCARD_MS, () => socket.destroy());
  request.on('close', () => timer.cancel());
  request.resume();
}
