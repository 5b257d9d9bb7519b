/** A server of HTTP/2 whose exchanges are counted, and time that passes as on a wheel that is not late. */
import type { TestContext } from 'node:test';
import type { ConnectionLimits } from '../../src/call/server.ts';
import type { Exchange } from '../../src/call/types.ts';
import { turns } from '../contract/exchange/host.ts';
import { startHttp2Server, type TestServer } from './http2-server.ts';

export interface Bounded extends TestServer {
  /** Exchanges that are not over. */
  readonly live: ReadonlySet<Exchange>;
  readonly gone: number;
}

export async function startBounded(
  t: TestContext,
  serve: (exchange: Exchange) => void = () => {},
  limits: Partial<ConnectionLimits> = {},
): Promise<Bounded> {
  const live = new Set<Exchange>();
  let gone = 0;
  const server = await startHttp2Server((exchange) => {
    live.add(exchange);
    exchange.onGone = () => gone++;
    exchange.onDone = () => live.delete(exchange);
    serve(exchange);
  }, limits);
  t.after(() => server.close());
  return {
    ...server,
    live,
    get gone() {
      return gone;
    },
  };
}

export async function accepted({ connections }: TestServer): Promise<void> {
  while (connections.size === 0) await turns(1);
  await turns();
}

/** In steps, so that what stands still is looked at as often as in real time. */
export async function passes({ clock }: TestServer, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1_000) clock.advance(Math.min(left, 1_000));
  await turns(5);
}
