/** Connections over llhttp, and the listener that makes them, keep the contracts of exchanges and listeners. */
import { listen } from '../../src/listen/listener.ts';
import { listenerOptions } from '../support/listener-options.ts';
import { ManualClock } from '../support/manual-clock.ts';
import type { OpenExchangeHost } from './exchange/host.ts';
import { exchangeContract } from './exchange.ts';
import { listenerContract } from './listener.ts';

const open: OpenExchangeHost = async (serve) => {
  const clock = new ManualClock();
  const listener = await listen(listenerOptions(serve, clock));
  return {
    port: listener.port,
    clock,
    async close() {
      const drained = listener.drain();
      listener.cut();
      await drained;
    },
  };
};

exchangeContract('http1', open, { upgrades: 'given', requestTrailers: false });

listenerContract('http1', async (serve) => {
  const clock = new ManualClock();
  return { ...(await listen(listenerOptions(serve, clock))), clock };
});
