/** The end of a connection that is no fault of its socket: the peer must be able to read what was said last. */
import type { Socket } from 'node:net';
import type { Clock } from '../lib/clock.ts';

/** Of what the peer still sends. */
const MAX_DROPPED_BYTES = 262_144;

/**
 * Closes our direction behind what is written. For `lingerMs` what the peer still sends is read and dropped: closing both at once would
 * answer it with a reset, which makes the peer lose what it has not read yet (RFC 9112 section 9.6).
 */
export function leaveSocket(socket: Socket, lingerMs: number, clock: Clock): void {
  if (lingerMs === 0 || !socket.writable || socket.readableEnded) {
    socket.destroySoon();
    return;
  }
  socket.end();
  const timer = clock.after(lingerMs, () => socket.destroy());
  socket.on('close', () => timer.cancel());
  let left = MAX_DROPPED_BYTES;
  socket.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) socket.destroy();
  });
  if (socket.isPaused()) socket.resume();
}
