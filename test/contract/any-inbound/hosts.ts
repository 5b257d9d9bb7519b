/** What the exchanges of an inbound under test come from. */
import type { Exchange } from '../../../src/call/types.ts';
import { listen } from '../../../src/listen/listener.ts';
import type { HttpTransport } from '../../support/clients/http.ts';
import { listenerOptions } from '../../support/listener-options.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { mountOnHttp1, mountOnHttp2 } from '../../support/mounted-hosts.ts';

export interface Host {
  readonly name: string;
  readonly transport: Extract<HttpTransport, 'HTTP/1.1' | 'h2c'>;
  open(serve: (exchange: Exchange) => void): Promise<{
    readonly port: number;
    close(): void | Promise<void>;
  }>;
}

async function openListener(serve: (exchange: Exchange) => void): ReturnType<Host['open']> {
  const listener = await listen(listenerOptions(serve, new ManualClock()));
  return {
    port: listener.port,
    async close() {
      const drained = listener.drain();
      listener.cut();
      await drained;
    },
  };
}

export const OUR_HOSTS: readonly Host[] = [
  { name: 'our HTTP/1.1', transport: 'HTTP/1.1', open: openListener },
  { name: 'our HTTP/2', transport: 'h2c', open: openListener },
];

/** With node's own pair, which a mounted gateway has. */
export const HOSTS: readonly Host[] = [
  ...OUR_HOSTS,
  { name: 'node:http', transport: 'HTTP/1.1', open: mountOnHttp1 },
  { name: 'node:http2', transport: 'h2c', open: mountOnHttp2 },
];
