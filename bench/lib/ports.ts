import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from './processes.ts';

/** A port below the range of outgoing connections would be better, but nothing promises one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Until somebody listens; an early exit is an error with the process's name. */
export async function listening(port: number, running: Running, name: string): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (performance.now() < endMs) {
    if (running.child.exitCode !== null) throw new Error(`${name} ended before it listened`);
    if (await accepts(port)) return;
    await sleep(50);
  }
  throw new Error(`${name} does not listen after 30 s`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
