/** A gateway that is mounted into a server of node:http keeps the contract of exchanges. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMount } from '../../src/listen/mount.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { exchangeContract } from './exchange.ts';

exchangeContract('node:http', async (serve) => {
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
});
