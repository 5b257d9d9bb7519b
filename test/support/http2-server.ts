/** Server connections of HTTP/2 behind a plain port, as a listener has them. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { ConnectionLimits, LimitName, ServerConnection } from '../../src/call/server.ts';
import type { Exchange } from '../../src/call/types.ts';
import { createHttp2Connection } from '../../src/http2/server.ts';
import { TimerWheel } from '../../src/lib/timer-wheel.ts';
import { ManualClock } from './manual-clock.ts';

const LIMITS: ConnectionLimits = {
  firstByteMs: 10_000,
  headMs: 10_000,
  bodyMs: 20_000,
  idleMs: 60_000,
  writeMs: 30_000,
  headerBytes: 16_384,
  headers: 100,
  targetBytes: 8_192,
  pipelinedBytes: 65_536,
  streams: 100,
  resetsPerSecond: 100,
  controlFramesPerSecond: 500,
  headerBlockBytes: 65_536,
  headerTableBytes: 4_096,
};

export interface TestServer {
  readonly port: number;
  readonly clock: ManualClock;
  /** Of the bounds that have stopped something, in order. */
  readonly stopped: LimitName[];
  readonly connections: ReadonlySet<ServerConnection>;
  close(): Promise<void>;
}

/** `refuse` answers 400 with the `PG_*` code as the body. */
export async function startHttp2Server(
  serve: (exchange: Exchange) => void,
  limits: Partial<ConnectionLimits> = {},
): Promise<TestServer> {
  const clock = new ManualClock();
  const stopped: LimitName[] = [];
  const connections = new Set<ServerConnection>();
  const sockets = new Set<Socket>();
  const host = {
    scheme: 'http' as const,
    wheel: new TimerWheel(clock),
    limits: { ...LIMITS, ...limits },
    serve,
    refuse: ({ pg }: { readonly pg: string }) => ({
      status: 400,
      headers: ['content-type', 'text/plain'],
      body: Buffer.from(pg),
    }),
    onLimit: (name: LimitName) => void stopped.push(name),
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = createHttp2Connection(socket, host, null);
    sockets.add(socket);
    connections.add(connection);
    socket.on('close', () => {
      sockets.delete(socket);
      connections.delete(connection);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    clock,
    stopped,
    connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
