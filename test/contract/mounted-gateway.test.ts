/** A gateway that is mounted into servers of others answers through them as on its own port, and ends without ending them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createHttp2Server, type Http2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { fastify } from 'fastify';
import { createGateway, fastifyPlugin, type Gateway } from 'polygate';
import { type Bookstore, startBookstore } from '../../examples/bookstore/server.ts';
import { memoryLog } from '../support/memory-log.ts';
import { rawRequest, request } from '../support/raw-http.ts';

const checkout = new URL('../..', import.meta.url).pathname;
let bookstore: Bookstore;
let gateway: Gateway;
const closers: (() => unknown)[] = [];

before(async () => {
  bookstore = await startBookstore();
  closers.push(() => bookstore.close());
  gateway = await mounted();
});
after(async () => {
  for (const close of closers.toReversed()) await close();
});

async function mounted(): Promise<Gateway> {
  const made = await createGateway(
    {
      admin: false,
      upstreams: {
        bookstore: {
          protocol: 'grpc',
          endpoints: [`127.0.0.1:${bookstore.port}`],
          schema: {
            protos: ['protos/demo/bookstore/v1/bookstore.proto'],
            importPaths: ['protos/demo', 'protos'],
          },
        },
      },
      routes: [{ services: '*', upstream: 'bookstore' }],
    },
    { baseDir: checkout, log: memoryLog(), listen: false },
  );
  closers.push(() => made.close(true));
  return made;
}

async function listening(server: Server | Http2Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const create = request('POST', '/v1/shelves', {
  headers: { 'content-type': 'application/json', connection: 'close' },
  body: '{"theme":"Mounted"}',
});

describe('mounted', () => {
  test('it opens no port of its own', () => {
    assert.equal(gateway.port, 0);
  });

  test('into node:http', async () => {
    const port = await listening(createServer(gateway.mount.request));
    const answer = await rawRequest(port, create);
    assert.equal(answer.status, 200, answer.body);
    assert.equal((JSON.parse(answer.body) as { theme: string }).theme, 'Mounted');
  });

  test('into node:http2, with a body, a refusal and a stream', async () => {
    const port = await listening(createHttp2Server(gateway.mount.request));
    const session = connect(`http://127.0.0.1:${port}`);
    closers.push(() => session.destroy());
    const ask = async (
      headers: Record<string, string>,
      body?: string,
    ): Promise<{ status: unknown; text: string }> => {
      const stream = session.request(headers, { endStream: body === undefined });
      if (body !== undefined) stream.end(body);
      const [head] = (await once(stream, 'response')) as [Record<string, unknown>];
      let text = '';
      for await (const chunk of stream.setEncoding('utf8')) text += String(chunk);
      return { status: head[':status'], text };
    };
    const created = await ask(
      { ':method': 'POST', ':path': '/v1/shelves', 'content-type': 'application/json' },
      '{"theme":"Mounted"}',
    );
    assert.equal(created.status, 200, created.text);
    const lost = await ask({ ':path': '/nowhere' });
    assert.equal(lost.status, 404);
    assert.match(lost.text, /PG_ROUTE_NOT_FOUND/);
    const list = await ask({ ':path': '/v1/shelves' });
    assert.equal(list.status, 200);
  });

  test('into fastify, beside routes of the application', async () => {
    const app = fastify();
    app.get('/own', () => ({ own: true }));
    await app.register(fastifyPlugin(gateway));
    await app.listen({ port: 0, host: '127.0.0.1' });
    closers.push(() => app.close());
    const { port } = app.server.address() as AddressInfo;
    const own = await rawRequest(port, request('GET', '/own'));
    assert.deepEqual([own.status, own.body], [200, '{"own":true}']);
    const answer = await rawRequest(port, create);
    assert.equal(answer.status, 200, answer.body);
    const patch = request('POST', '/v1/shelves', {
      headers: { 'content-type': 'text/plain' },
      body: 'x',
    });
    assert.equal((await rawRequest(port, patch)).status, 415, 'no parser of fastify in between');
  });

  test('closed, it turns requests away and leaves the server alone', async () => {
    const other = await mounted();
    const port = await listening(createServer(other.mount.request));
    assert.equal((await rawRequest(port, create)).status, 200);
    await other.close();
    const answer = await rawRequest(port, create);
    assert.equal(answer.status, 503);
    assert.match(answer.body, /PG_DRAIN/);
  });
});
