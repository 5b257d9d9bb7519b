/** A gateway that is mounted into servers of others answers through them as on its own port, and ends without ending them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { fastify } from 'fastify';
import { fastifyPlugin, type Gateway } from 'polygate';
import { type Bookstore, startBookstore } from '../../examples/bookstore/server.ts';
import { mountIntoFastify } from '../../examples/mounts/fastify.ts';
import { mountIntoHttp } from '../../examples/mounts/node-http.ts';
import { mountIntoHttp2 } from '../../examples/mounts/node-http2.ts';
import { makeCertificates } from '../support/certificates.ts';
import { rawRequest, request } from '../support/raw-http.ts';
import { type Ask, askHttp1, askHttp2 } from './mounted/ask.ts';
import { listening, unlistening } from './mounted/gateway.ts';
import { grpcCases } from './mounted/grpc.ts';
import { restCases } from './mounted/rest.ts';

const closing = { closers: [] as (() => unknown)[] };
let bookstore: Bookstore;
let gateway: Gateway;

before(async () => {
  bookstore = await startBookstore();
  closing.closers.push(() => bookstore.close());
  gateway = await unlistening(bookstore.port, closing);
});
after(async () => {
  for (const close of closing.closers.toReversed()) await close();
});

interface Kind {
  readonly name: string;
  readonly ask: Ask;
  readonly grpc: boolean;
  /** Gives its port. */
  open(): Promise<number>;
}

const kinds: readonly Kind[] = [
  {
    name: 'node:http',
    ask: askHttp1,
    grpc: false,
    open: () => listening(mountIntoHttp(gateway), closing),
  },
  {
    name: 'node:http2',
    ask: askHttp2,
    grpc: true,
    open: () => listening(mountIntoHttp2(gateway), closing),
  },
  {
    name: 'fastify',
    ask: askHttp1,
    grpc: false,
    async open() {
      const app = await mountIntoFastify(gateway);
      closing.closers.push(() => app.close());
      await app.listen({ port: 0, host: '127.0.0.1' });
      return (app.server.address() as AddressInfo).port;
    },
  },
  {
    name: 'fastify over HTTP/2',
    ask: askHttp2,
    grpc: true,
    async open() {
      const app = fastify({ http2: true });
      app.get('/own', () => 'own');
      await app.register(fastifyPlugin(gateway));
      closing.closers.push(() => app.close());
      await app.listen({ port: 0, host: '127.0.0.1' });
      return (app.server.address() as AddressInfo).port;
    },
  },
];

for (const kind of kinds) {
  describe(`mounted into ${kind.name}`, () => {
    let port: number;
    before(async () => (port = await kind.open()));
    const mounted = () => ({ port, gateway });
    describe('REST', () => restCases(mounted, kind.ask));
    if (kind.grpc) describe('gRPC', () => grpcCases(mounted));
  });
}

describe('mounted', () => {
  test('it opens no port of its own', () => {
    assert.equal(gateway.port, 0);
  });

  test('one secure server of node:http2 serves both versions', async () => {
    const { ca, loopback } = makeCertificates();
    const server = createSecureServer({ ...loopback, allowHTTP1: true }, gateway.mount.request);
    const port = await listening(server, closing);
    for (const ask of [askHttp1, askHttp2]) {
      const { status, text } = await ask(port, { path: '/v1/shelves/1/books/1' }, ca);
      assert.equal(status, 200, text);
      assert.equal((JSON.parse(text) as { name: string }).name, 'shelves/1/books/1');
    }
  });

  test('docs/mounting.md shows the examples', () => {
    const page = readFileSync(new URL('../../docs/mounting.md', import.meta.url), 'utf8');
    for (const name of ['node-http', 'node-http2', 'fastify']) {
      const url = new URL(`../../examples/mounts/${name}.ts`, import.meta.url);
      assert.ok(page.includes(`\`\`\`ts\n${readFileSync(url, 'utf8')}\`\`\``), name);
    }
  });

  test('closed, it turns requests away and leaves the server alone', async () => {
    const other = await unlistening(bookstore.port, closing);
    const port = await listening(createServer(other.mount.request), closing);
    const list = request('GET', '/v1/shelves', { headers: { connection: 'close' } });
    assert.equal((await rawRequest(port, list)).status, 200);
    await other.close();
    const answer = await rawRequest(port, list);
    assert.equal(answer.status, 503);
    assert.match(answer.body, /PG_DRAIN/);
  });
});
