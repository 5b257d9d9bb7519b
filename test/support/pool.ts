/** A pool on a clock that the test moves, in front of a node:http2 service that holds its streams until it is told to answer. */
import { once } from 'node:events';
import {
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import type { TestContext } from 'node:test';
import { GatewayError } from '../../src/call/error.ts';
import type { ClientTls } from '../../src/http2/client.ts';
import { encodeHeaders } from '../../src/http2/hpack/encode.ts';
import { Stream } from '../../src/http2/stream.ts';
import type { ConnectionSettings } from '../../src/upstream/connection-settings.ts';
import { EndpointPool } from '../../src/upstream/endpoint-pool.ts';
import { connectionSettings } from './connections.ts';
import { ManualClock } from './manual-clock.ts';

/** No limit of time at all: a test sets those that it is about. */
const TIMELESS: Partial<ConnectionSettings> = {
  idleTimeoutMs: Infinity,
  maxAgeMs: Infinity,
  keepalive: null,
};

export interface HoldingService {
  readonly port: number;
  readonly server: Http2Server;
  /** Closed, it takes no new connections. */
  readonly listener: Server;
  /** Every session since the start, open or not. */
  readonly sessions: ServerHttp2Session[];
  /** The streams that wait for an answer. */
  readonly held: ServerHttp2Stream[];
  /** Resolves once so many streams are held. */
  holds(count: number): Promise<void>;
  /** Resolves once so many sessions have been opened. */
  opened(count: number): Promise<void>;
}

export async function startHoldingService(
  t: TestContext,
  settings: Settings = {},
  port = 0,
): Promise<HoldingService> {
  const server = createServer({ settings });
  // One of its own: that of node:http2 sends its sessions away when it is closed.
  const listener = createTcpServer((socket) => server.emit('connection', socket));
  const service = { server, sessions: [] as ServerHttp2Session[], held: [] as ServerHttp2Stream[] };
  server.on('session', (session) => {
    service.sessions.push(session);
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream) => {
    service.held.push(stream);
    stream.on('error', () => stream.close());
    server.emit('held');
  });
  t.after(() => {
    for (const session of service.sessions) session.destroy();
    listener.close();
  });
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  return {
    ...service,
    listener,
    port: (listener.address() as AddressInfo).port,
    async holds(count) {
      while (service.held.length < count) await once(server, 'held');
    },
    async opened(count) {
      while (service.sessions.length < count) await once(server, 'session');
    },
  };
}

export function answer(stream: ServerHttp2Stream | undefined): void {
  stream?.respond({ ':status': 200 }, { endStream: true });
}

export interface PoolCall {
  readonly stream: Stream;
  /** Undefined at a proper end, else the failure. */
  readonly ended: Promise<GatewayError | undefined>;
}

export interface PoolUnderTest {
  readonly pool: EndpointPool;
  readonly clock: ManualClock;
  /** What its random numbers are; a test may change it. */
  readonly random: { value: number };
  readonly call: () => PoolCall;
}

/** Its random numbers are all one half until a test says otherwise: ages come without jitter, backoffs at three quarters. */
export function poolTo(
  t: TestContext,
  port: number,
  settings: Partial<ConnectionSettings> = {},
  tls: ClientTls | null = null,
): PoolUnderTest {
  const clock = new ManualClock();
  const all = connectionSettings({ ...TIMELESS, ...settings });
  const { connectTimeoutMs } = all;
  const address = { host: '127.0.0.1', port, tls, connectTimeoutMs };
  const random = { value: 0.5 };
  const pool = new EndpointPool(address, all, { clock, random: { next: () => random.value } });
  t.after(() => pool.close(new GatewayError('PG_DRAIN', 'the test is over')));
  const head = encodeHeaders([
    ':method',
    'GET',
    ':scheme',
    'http',
    ':path',
    '/',
    ':authority',
    'a',
  ]);
  return {
    pool,
    clock,
    random,
    call() {
      const { promise: ended, resolve } = Promise.withResolvers<GatewayError | undefined>();
      const stream = new Stream([head], {
        onHeaders: (_, end) => (end ? resolve(undefined) : undefined),
        onData: (_, end) => (end ? resolve(undefined) : undefined),
        onDrain: () => {},
        onFailed: resolve,
      });
      pool.open(stream);
      stream.write(new Uint8Array(), new Uint8Array(), true);
      return { stream, ended };
    },
  };
}
