import { ask, assertMessages } from '../lib/answer.ts';
import { ITEM, ITEM_ID, SLOW_MS } from '../lib/messages.ts';
import type { HttpRequest } from '../load/types.ts';
import { unaryLoad } from '../load/unary.ts';
import type { Workload } from './types.ts';

const REQUEST: HttpRequest = { method: 'GET', path: `/v1/slow-items/${ITEM_ID}` };
const CALLS = 1000;

export const slow: Workload = {
  name: 'slow',
  title: `small, 1,000 calls at once that the service answers after ${SLOW_MS} ms`,
  per: 'request',
  contestants: ['obvious', 'polygate', 'grpc-gateway', 'envoy'],
  upstream: 'paced',
  check: async (port) => {
    const body = await ask(port, REQUEST);
    assertMessages(body, [ITEM]);
    return body.length;
  },
  load: ({ port, seconds, bodyBytes }) =>
    unaryLoad({ port, connections: CALLS, seconds, request: REQUEST, bodyBytes }),
};
