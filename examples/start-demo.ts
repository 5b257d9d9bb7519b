/** The demo as one thing to start and stop: the bookstore and, in front of it, the gateway of `gateway.config.ts`. */
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createGateway, type GatewayConfig } from 'polygate';
import config from '../gateway.config.ts';
import { startBookstore } from './bookstore/server.ts';

export interface DemoPorts {
  readonly gateway: number;
  readonly admin: number;
  readonly bookstore: number;
}

export interface Demo {
  /** Where things are, which need not be where they were wanted. */
  readonly ports: DemoPorts;
  /** Lets calls in flight finish for a second. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** The folder of gateway.config.ts. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LAST_PORT = 65_535;

/** Starts both. A busy port gives way to the next free one; 0 is any. */
export async function startDemo(wanted: DemoPorts): Promise<Demo> {
  const bookstore = await startBookstore({ port: await freePort(wanted.bookstore) });
  const ports = {
    gateway: await freePort(wanted.gateway),
    admin: await freePort(wanted.admin),
    bookstore: bookstore.port,
  };
  try {
    const gateway = await createGateway(configFor(ports), { baseDir: ROOT });
    return {
      ports: { ...ports, gateway: gateway.port, admin: gateway.adminPort ?? 0 },
      async close() {
        await gateway.close();
        await bookstore.close();
      },
    };
  } catch (error) {
    await bookstore.close();
    throw error;
  }
}

/** The configuration that everyone starts from, on these ports and without log lines between the curl lines. */
function configFor(ports: DemoPorts): GatewayConfig {
  const upstreams = Object.entries(config.upstreams).map(([name, upstream]) => [
    name,
    { ...upstream, endpoints: [`${HOST}:${ports.bookstore}`] },
  ]);
  return {
    ...config,
    listen: { ...config.listen, port: ports.gateway },
    admin: { ...config.admin, port: ports.admin },
    log: { level: 'error' },
    drain: '1s',
    upstreams: Object.fromEntries(upstreams),
  };
}

/** `port`, or the next one that nobody listens on. */
async function freePort(port: number): Promise<number> {
  for (let candidate = port; candidate <= LAST_PORT; candidate++) {
    if (candidate === 0 || (await isFree(candidate))) return candidate;
  }
  throw new Error(`no free port from ${port} on`);
}

/** A port that may not be used is as good as a busy one. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen({ host: HOST, port }, () => server.close(() => resolve(true)));
  });
}
