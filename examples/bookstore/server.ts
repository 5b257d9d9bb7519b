/** The demo's service on grpc-js: the bookstore, health and reflection. It knows nothing of HTTP or of the gateway. */
import { readFileSync } from 'node:fs';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { bookMethods } from './books.ts';
import { indexDescriptors } from './descriptors.ts';
import { fileMethods } from './files.ts';
import { createHealth } from './health.ts';
import { loadProto, PROTOS, serviceOf } from './protos.ts';
import { reflectionMethods } from './reflection.ts';
import { shelfMethods } from './shelves.ts';
import { Store, type StoreLimits } from './store.ts';
import { streamMethods } from './streams.ts';
import { demoClock } from './time.ts';

export interface BookstoreOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Default: the demo's own date, so that the same calls give the same answers. */
  readonly clock?: Clock;
  readonly limits?: Partial<StoreLimits>;
  /** Default: plain text. */
  readonly credentials?: ServerCredentials;
}

export interface Bookstore {
  readonly port: number;
  /** Ends watches, lets other calls finish for a second, then cuts them. */
  close(): Promise<void>;
}

const BOOKSTORE = 'bookstore.v1.Bookstore';
const CLOSE_GRACE_MS = 1000;

/** Starts the service. Rejects when the port is taken. */
export async function startBookstore(options: BookstoreOptions = {}): Promise<Bookstore> {
  const { host = '127.0.0.1', port = 0, clock = demoClock(), limits = {} } = options;
  const { credentials = ServerCredentials.createInsecure() } = options;
  const stopping = new AbortController();
  const health = createHealth([BOOKSTORE]);
  const server = new Server();
  addServices(server, new Store(clock, limits), clock, stopping.signal);
  server.addService(
    serviceOf(loadProto('grpc/health/v1/health.proto'), 'grpc.health.v1.Health'),
    health.methods,
  );
  return {
    port: await bind(server, `${host}:${port}`, credentials),
    close() {
      health.stop();
      stopping.abort();
      return shutDown(server);
    },
  };
}

function addServices(server: Server, store: Store, clock: Clock, stopping: AbortSignal): void {
  server.addService(serviceOf(loadProto('demo/bookstore/v1/bookstore.proto'), BOOKSTORE), {
    ...shelfMethods(store),
    ...bookMethods(store),
    ...streamMethods(store, clock, stopping),
    ...fileMethods(store),
  });
  const index = indexDescriptors(readFileSync(`${PROTOS}/demo/demo.binpb`));
  for (const version of ['v1', 'v1alpha']) {
    const definitions = loadProto(`grpc/reflection/${version}/reflection.proto`);
    const service = serviceOf(definitions, `grpc.reflection.${version}.ServerReflection`);
    server.addService(service, reflectionMethods(index));
  }
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = systemClock.after(CLOSE_GRACE_MS, () => server.forceShutdown());
    server.tryShutdown(() => {
      timer.cancel();
      resolve();
    });
  });
}
