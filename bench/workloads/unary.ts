/** REST to one gRPC call: what most requests of a gateway are. */
import { ask, assertMessages } from '../lib/answer.ts';
import { ITEM, ITEM_ID, ORDER, ORDER_LIST } from '../lib/messages.ts';
import type { HttpRequest } from '../load/types.ts';
import { unaryLoad } from '../load/unary.ts';
import type { Workload } from './types.ts';

export const BUSY_CONNECTIONS = 64;

export const SMALL: HttpRequest = { method: 'GET', path: `/v1/items/${ITEM_ID}` };
const MEDIUM: HttpRequest = {
  method: 'POST',
  path: '/v1/orders',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(ORDER),
};
const LARGE: HttpRequest = { method: 'GET', path: '/v1/orders' };

/** What a browser sends with a request of a page: 15 headers. */
const BROWSER_HEADERS = {
  'sec-ch-ua': '"Chromium";v="142", "Not_A Brand";v="99"',
  'sec-ch-ua-mobile': '?0',
  'sec-ch-ua-platform': '"Linux"',
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  accept: 'application/json, text/plain, */*',
  'accept-language': 'en-GB,en;q=0.9,nl;q=0.8',
  'cache-control': 'no-cache',
  pragma: 'no-cache',
  dnt: '1',
  priority: 'u=1, i',
  referer: 'https://shop.example.com/catalogue/stationery?page=2',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
};

export const small = unary('small', 'GET with a path variable, 140 B of JSON out', SMALL, ITEM);
export const medium = unary('medium', 'POST, 660 B of JSON both ways', MEDIUM, ORDER);
export const large = unary('large', 'GET, 200 KB of JSON out', LARGE, ORDER_LIST);
export const browser = unary(
  'browser',
  'small, with the 15 headers of a browser (Host is one)',
  { ...SMALL, headers: BROWSER_HEADERS },
  ITEM,
);
export const close = unary(
  'close',
  'small, a connection for each request',
  { ...SMALL, headers: { connection: 'close' } },
  ITEM,
);

function unary(name: string, title: string, request: HttpRequest, expected: unknown): Workload {
  return {
    name,
    title,
    per: 'request',
    contestants: ['floor', 'obvious', 'polygate', 'grpc-gateway', 'envoy'],
    upstream: 'canned',
    check: async (port) => {
      const body = await ask(port, request);
      assertMessages(body, [expected]);
      return body.length;
    },
    load: ({ port, seconds, bodyBytes }) =>
      unaryLoad({ port, connections: BUSY_CONNECTIONS, seconds, request, bodyBytes }),
  };
}
