/** A gateway's mount in servers of node:http and node:http2, as somebody else's server has it. */
import { createServer } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Exchange } from '../../src/call/types.ts';
import { createMount } from '../../src/listen/mount.ts';
import { ManualClock } from './manual-clock.ts';

export interface MountedHost {
  readonly port: number;
  readonly clock: ManualClock;
  close(): void;
}

export async function mountOnHttp1(serve: (exchange: Exchange) => void): Promise<MountedHost> {
  const clock = new ManualClock();
  const mount = createMount({ clock, serve });
  const server = createServer({ requireHostHeader: false, requestTimeout: 0 }, mount.request);
  server.on('checkContinue', mount.checkContinue);
  server.on('clientError', mount.clientError);
  server.on('checkExpectation', mount.request);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    clock,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export async function mountOnHttp2(serve: (exchange: Exchange) => void): Promise<MountedHost> {
  const clock = new ManualClock();
  const mount = createMount({ clock, serve });
  const server = createHttp2Server({ settings: { enableConnectProtocol: true } }, mount.request);
  server.on('checkContinue', mount.checkContinue);
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    // A client that resets its connection in the middle.
    session.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    clock,
    close() {
      server.close();
      for (const session of sessions) session.destroy();
    },
  };
}
