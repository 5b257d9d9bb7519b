import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Unavailable } from '../lib/unavailable.ts';
import type { IdleClient } from './idle-clients.ts';

export interface Open {
  /** How many the other side has not ended. */
  open(): number;
  /** How many bytes have come on all of them. */
  bytes(): number;
  close(): Promise<void>;
}

const AT_ONCE = 100;
const READY_MS = 10_000;

/** Resolves when every client has seen what it waits for. */
export async function openMany(
  count: number,
  port: number,
  client: () => IdleClient,
): Promise<Open> {
  const sockets: Socket[] = [];
  const close = async (): Promise<void> => {
    const closing = sockets.filter((socket) => !socket.closed);
    await Promise.all(
      closing.map((socket) => {
        const closed = once(socket, 'close');
        socket.destroy();
        return closed;
      }),
    );
  };
  const work = async (): Promise<void> => {
    while (sockets.length < count) await open(sockets, port, client());
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, work));
  } catch (error) {
    await close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Unavailable(`${sockets.length} of ${count} were opened: ${reason}`, { cause: error });
  }
  return {
    open: () => sockets.filter((socket) => !socket.closed).length,
    bytes: () => sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
    close,
  };
}

async function open(sockets: Socket[], port: number, client: IdleClient): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), READY_MS);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was closed')));
    socket.on('connect', () => socket.write(client.hello));
    socket.on('data', (chunk: Buffer) => {
      try {
        const { reply, isReady } = client.read(chunk);
        if (reply !== undefined) socket.write(reply);
        if (!isReady) return;
        clearTimeout(timer);
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
}
