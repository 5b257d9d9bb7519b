/** The obvious stack: fastify, @grpc/grpc-js and proto-loader, a handler for each route. Arguments: its port and the port of the service. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { credentials } from '@grpc/grpc-js';
import fastify from 'fastify';
import { orderFromJson, orderToJson, type Plain, shopClient } from '../lib/proto.ts';

type Unary = (request: Plain) => Promise<Plain>;
type Stream = (request: Plain) => Readable;

const [port, upstreamPort] = process.argv.slice(2).map(Number);
const Client = shopClient();
const client = new Client(`127.0.0.1:${upstreamPort}`, credentials.createInsecure());
const unary = (name: string): Unary => promisify(method(name)) as Unary;
const stream = (name: string): Stream => method(name) as Stream;

const getItem = unary('GetItem');
const getSlowItem = unary('GetSlowItem');
const placeOrder = unary('PlaceOrder');
const listOrders = unary('ListOrders');

const app = fastify();
app.get<{ Params: { id: string } }>('/v1/items/:id', ({ params }) => getItem({ id: params.id }));
app.get<{ Params: { id: string } }>('/v1/slow-items/:id', ({ params }) =>
  getSlowItem({ id: params.id }),
);
app.post<{ Body: Plain }>('/v1/orders', async ({ body }) =>
  orderToJson(await placeOrder(orderFromJson(body))),
);
app.get('/v1/orders', async () => {
  const { orders } = await listOrders({});
  return { orders: (orders as Plain[]).map((order) => orderToJson(order)) };
});
for (const [path, name] of [
  ['/v1/prices', 'WatchPrices'],
  ['/v1/ticks', 'TickPrices'],
] as const) {
  const watch = stream(name);
  app.get(path, (_, reply) => {
    void reply.header('content-type', 'application/x-ndjson');
    return reply.send(Readable.from(lines(watch({}))));
  });
}
await app.listen({ port: port ?? 0, host: '127.0.0.1' });
await once(process, 'SIGTERM');
process.exit();

async function* lines(messages: Readable): AsyncGenerator<string> {
  for await (const message of messages) yield `${JSON.stringify(message)}\n`;
}

function method(name: string): (...args: never[]) => unknown {
  const found: unknown = client[name];
  if (typeof found !== 'function') throw new Error(`no method ${name}`);
  return found.bind(client) as (...args: never[]) => unknown;
}
