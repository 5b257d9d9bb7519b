/** What the cases of mounted gateways run on. */
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { createGateway, type Gateway } from 'polygate';
import { memoryLog } from '../../support/memory-log.ts';

export interface Closing {
  /** What closes behind all tests, the last first. */
  readonly closers: (() => unknown)[];
}

/** A server with the gateway in it, which answers GET `/own` by itself with `own`. */
export interface Mounted {
  readonly port: number;
  readonly gateway: Gateway;
}

const checkout = new URL('../../..', import.meta.url).pathname;

/** A gateway in front of the bookstore, without a port. */
export async function unlistening(bookstorePort: number, { closers }: Closing): Promise<Gateway> {
  const made = await createGateway(
    {
      admin: false,
      upstreams: {
        bookstore: {
          protocol: 'grpc',
          endpoints: [`127.0.0.1:${bookstorePort}`],
          schema: {
            protos: ['protos/demo/bookstore/v1/bookstore.proto'],
            importPaths: ['protos/demo', 'protos'],
          },
        },
      },
      routes: [{ services: '*', upstream: 'bookstore' }],
    },
    { baseDir: checkout, log: memoryLog(), listen: false },
  );
  closers.push(() => made.close(true));
  return made;
}

export async function listening(server: Server, { closers }: Closing): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}
