/** One REST request, many messages as NDJSON. */
import { ask, assertMessages } from '../lib/answer.ts';
import { price, STREAMED_MESSAGES, TICKS } from '../lib/messages.ts';
import { countedLoad } from '../load/h2load.ts';
import type { Load } from '../load/types.ts';
import type { LoadTarget, Workload } from './types.ts';

interface Streams {
  readonly path: string;
  readonly messages: number;
  readonly clients: number;
}

const TIMEOUT_SECONDS = 60;
const BACK_TO_BACK = { path: '/v1/prices', messages: STREAMED_MESSAGES };

export const stream: Workload = {
  ...streams({ ...BACK_TO_BACK, clients: 1 }),
  name: 'stream',
  title: 'server stream of 20,000 messages of 75 B, back to back, one client',
  upstream: 'canned',
};
export const stream8: Workload = {
  ...streams({ ...BACK_TO_BACK, clients: 8 }),
  name: 'stream-8',
  title: 'the same, 8 clients',
  upstream: 'canned',
};
export const ticks: Workload = {
  ...streams({ path: '/v1/ticks', messages: TICKS, clients: 8 }),
  name: 'ticks',
  title: 'the same message, one a millisecond and each in a write of its own, 8 clients',
  upstream: 'paced',
};

function streams(how: Streams): Pick<Workload, 'per' | 'contestants' | 'check' | 'load'> {
  return {
    per: 'message',
    contestants: ['obvious', 'polygate', 'grpc-gateway', 'envoy'],
    check: async (port) => {
      const body = await ask(port, { method: 'GET', path: how.path });
      assertMessages(
        body,
        Array.from({ length: how.messages }, (_, n) => price(n)),
      );
      return body.length;
    },
    load: (target) => wholeStreams(target, how),
  };
}

/** Whole streams only, so that every message that has cost time is counted; as many as the time wants. */
async function wholeStreams(target: LoadTarget, how: Streams): Promise<Load> {
  const { path, messages, clients } = how;
  const { port, bodyBytes } = target;
  let answers = 0;
  let elapsedMs = 0;
  while (elapsedMs < target.seconds * 1000) {
    const bounds = { connections: clients, requests: clients, seconds: TIMEOUT_SECONDS };
    const load = await countedLoad({ port, path, bodyBytes, ...bounds });
    answers += load.answers * messages;
    elapsedMs += load.elapsedMs;
  }
  return { answers, elapsedMs };
}
