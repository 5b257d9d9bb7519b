/**
 * The demo's service behind two gateways: one speaks gRPC to it, the other speaks REST to the first by the same protos. What a client gets
 * of both is the same, bytes, streams and errors alike.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createGateway, type Gateway, type UpstreamConfig } from 'polygate';
import { startBookstore } from '../../examples/bookstore/server.ts';

interface Place {
  readonly direct: Gateway;
  readonly chained: Gateway;
  close(): Promise<void>;
}

const SCHEMA = {
  protos: ['protos/demo/bookstore/v1/bookstore.proto'],
  importPaths: ['protos/demo'],
};

async function gatewayTo(upstream: Omit<UpstreamConfig, 'schema'>): Promise<Gateway> {
  return createGateway(
    {
      admin: false,
      log: { level: 'silent' },
      listen: { port: 0 },
      upstreams: { bookstore: { ...upstream, schema: SCHEMA } },
      routes: [{ services: ['bookstore.v1.Bookstore'], upstream: 'bookstore' }],
    },
    { baseDir: new URL('../..', import.meta.url).pathname },
  );
}

/** A service of its own for each, since they are changed. */
async function startPlace(): Promise<Place> {
  const stores = [await startBookstore(), await startBookstore()];
  const [one, two] = stores.map(({ port }) => `127.0.0.1:${port}`);
  const direct = await gatewayTo({ protocol: 'grpc', endpoints: [one ?? ''] });
  const between = await gatewayTo({ protocol: 'grpc', endpoints: [two ?? ''] });
  const chained = await gatewayTo({
    protocol: 'http',
    endpoints: [`http://127.0.0.1:${between.port}`],
  });
  return {
    direct,
    chained,
    async close() {
      for (const gateway of [chained, between, direct]) await gateway.close(true);
      for (const store of stores) await store.close();
    },
  };
}

type Request = readonly [target: string, init?: RequestInit];

const json = (value: unknown, method = 'POST'): RequestInit => ({
  method,
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
});

const REQUESTS: readonly Request[] = [
  ['/v1/shelves'],
  ['/v1/shelves/1'],
  ['/v1/shelves/1/books/1'],
  ['/v1/shelves/-/books?page.size=2&filter.genres=NOVEL&filter.genres=POETRY&order.field=TITLE'],
  ['/v1/shelves/1/books/1/reviews'],
  [
    '/v1/shelves/1/books?book_id=walden',
    json({ title: 'Walden / "é"', genre: 'ESSAY', pageCount: 352 }),
  ],
  ['/v1/shelves/1/books/walden', json({ tags: ['pond'], print: { binding: 'cloth' } }, 'PATCH')],
  ['/v1/shelves/1/books/walden:archive', json({ reason: 'too wet' })],
  ['/v1/shelves/1/books/walden', { method: 'DELETE' }],
  [
    '/v1/shelves/2/books:import',
    json([{ book: { title: 'Emma' } }, { book: { title: 'Persuasion' } }]),
  ],
  ['/v1/shelves/1/books:stream'],
  ['/v1/shelves/1/books:stream', { headers: { accept: 'text/event-stream' } }],
  ['/v1/shelves/1/books:stream', { headers: { accept: 'application/json' } }],
  ['/v1/shelves/1:chat', json([{ text: 'Moby-Dick?' }, { text: 'Walden?' }])],
  ['/v1/shelves/3/books:stream'],
  ['/v1/shelves/1/books/2/cover'],
  [
    '/v1/shelves/1/books/2/cover',
    { method: 'PUT', body: '<svg/>', headers: { 'content-type': 'image/svg+xml' } },
  ],
  ['/v1/shelves/1/books/2/cover'],
  ['/v1/shelves/1/books/2/manuscript'],
  [
    '/v1/shelves/1/books/2/manuscript',
    { method: 'PUT', body: 'x'.repeat(300_000), headers: { 'content-type': 'text/plain' } },
  ],
  ['/bookstore.v1.Bookstore/GetBook', json({ name: 'shelves/1/books/1' })],
  ['/v1/shelves/1/books/99'],
  ['/v1/shelves/1/books/99', { headers: { accept: 'application/problem+json' } }],
  ['/v1/shelves', json({ theme: 'x'.repeat(10_000) })],
  ['/v1/shelves/1/books', json({ titel: 'x' })],
];

describe('the bookstore by REST behind a gateway', () => {
  let place: Place;
  before(async () => {
    place = await startPlace();
  });
  after(() => place.close());

  for (const [target, init = {}] of REQUESTS) {
    test(`${init.method ?? 'GET'} ${target}`, async () => {
      const [direct, chained] = await Promise.all([
        answerOf(place.direct, target, init),
        answerOf(place.chained, target, init),
      ]);
      assert.deepEqual(chained, direct);
    });
  }

  test('a request that has no form by the first rule is refused, not changed', async () => {
    const { status, body } = await answerOf(place.chained, '/v1/books/isbn/9780142437247', {});
    assert.equal(status, 400);
    assert.match(body, /name: the path needs a value for it/);
  });
});

async function answerOf(
  { port }: Gateway,
  target: string,
  init: RequestInit,
): Promise<{ status: number; type: string | null; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${target}`, init);
  const body = await answer.text();
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    // Times and ids are of each service and of each call.
    body: body
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(/"requestId":"\w+"/g, '"requestId":"ID"'),
  };
}
