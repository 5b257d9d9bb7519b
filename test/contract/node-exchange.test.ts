/** The listener over node:http keeps the contracts of exchanges and listeners. */
import { listen, type ListenerOptions } from '../../src/listen/listener.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { exchangeContract } from './exchange.ts';
import { listenerContract } from './listener.ts';

function optionsFor(serve: ListenerOptions['serve'], clock: ManualClock): ListenerOptions {
  return {
    host: '127.0.0.1',
    port: 0,
    clock,
    maxHeaderBytes: 16_384,
    maxHeaders: 100,
    maxConnections: 1_000,
    headTimeoutMs: 30_000,
    keepAliveMs: 30_000,
    serve,
    refuse: ({ pg }) => ({
      status: 400,
      headers: ['content-type', 'text/plain'],
      body: Buffer.from(pg),
    }),
  };
}

exchangeContract('listen over node:http', async (serve) => {
  const clock = new ManualClock();
  const listener = await listen(optionsFor(serve, clock));
  return {
    port: listener.port,
    clock,
    async close() {
      const drained = listener.drain();
      listener.cut();
      await drained;
    },
  };
});

listenerContract('listen over node:http', async (serve) => {
  const clock = new ManualClock();
  return { ...(await listen(optionsFor(serve, clock))), clock };
});
