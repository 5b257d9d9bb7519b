/** A gateway that is mounted into a server of node:http or node:http2 keeps the contract of exchanges. */
import { createServer } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createMount } from '../../src/listen/mount.ts';
import { ManualClock } from '../support/manual-clock.ts';
import type { OpenExchangeHost } from './exchange/host.ts';
import { exchangeContract, http2ExchangeContract } from './exchange.ts';

const onHttp1: OpenExchangeHost = async (serve) => {
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
};

const onHttp2: OpenExchangeHost = async (serve) => {
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
};

// Its upgrades are an event of their own.
exchangeContract('node:http', onHttp1, { upgrades: 'passed over', requestTrailers: false });
// It answers each CONNECT with 405, where nobody listens for the event of that name.
http2ExchangeContract('node:http2', onHttp2, { upgrades: 'refused', requestTrailers: true });
