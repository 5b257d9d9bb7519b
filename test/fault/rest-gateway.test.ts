/** gRPC and REST clients of the running gateway in front of a service of plain HTTP: both see its answers in their own way, and leave nothing behind. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { createGateway, type ConnectionsConfig, type Gateway } from 'polygate';
import { ManualClock } from '../support/manual-clock.ts';
import { memoryLog } from '../support/memory-log.ts';
import { untilStill } from '../support/raw-connection.ts';
import { type RawGrpcClient, rawGrpcClient } from '../support/raw-grpc-client.ts';
import { rawRequest, request } from '../support/raw-http.ts';
import { decodeItem, envelope } from '../support/scripted-grpc.ts';
import {
  answerJson,
  type HttpExchange,
  type HttpVersion,
  type ScriptedHttp,
  startScriptedHttp,
} from '../support/scripted-http.ts';

interface Harness {
  readonly peer: ScriptedHttp;
  readonly gateway: Gateway;
  readonly clock: ManualClock;
  readonly client: RawGrpcClient;
}

async function start(
  t: TestContext,
  http: HttpVersion,
  connections: ConnectionsConfig = {},
): Promise<Harness> {
  const peer = await startScriptedHttp({ http });
  const clock = new ManualClock();
  const gateway = await createGateway(
    {
      listen: { port: 0 },
      admin: { port: 0 },
      upstreams: {
        peer: {
          protocol: 'http',
          endpoints: [`http://127.0.0.1:${peer.port}/base`],
          schema: { protos: ['fault/v1/fault.proto'], importPaths: ['.'] },
          connections: { http, ...connections },
        },
      },
      routes: [{ services: '*', upstream: 'peer' }],
    },
    { clock, log: memoryLog(), baseDir: new URL('../support/protos', import.meta.url).pathname },
  );
  t.after(async () => {
    await gateway.close(true);
    await peer.close();
  });
  return { peer, gateway, clock, client: rawGrpcClient(t, gateway.port) };
}

/** The next request, held. */
function nextExchange(peer: ScriptedHttp): Promise<HttpExchange> {
  return new Promise((resolve) => {
    peer.script = (exchange) => resolve(exchange);
  });
}

function itemsOf(body: Buffer): unknown[] {
  const items: unknown[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    items.push(decodeItem(body.subarray(at + 5, end)));
    at = end;
  }
  return items;
}

async function numberOf({ gateway }: Harness, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${gateway.adminPort}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`polygate_upstream_${name}`));
  return Number(line?.slice(line.lastIndexOf(' ') + 1) ?? Number.NaN);
}

for (const http of ['1.1', '2'] as const) describe(`over HTTP/${http}`, () => cases(http));

function cases(http: HttpVersion): void {
  describe('one message', () => {
    test('is the request of its rule; what one leg owns does not cross to the other', async (t) => {
      const { peer, client } = await start(t, http);
      const exchange = nextExchange(peer);
      const call = client.send('Get', envelope({ name: 'a/b', count: 2 }), {
        'x-tenant': 't',
        'grpc-timeout': '1S',
        'grpc-accept-encoding': 'gzip',
      });
      const { request: got, response } = await exchange;
      assert.deepEqual([got.method, got.url], ['GET', '/base/v1/items/a%2Fb?count=2']);
      assert.deepEqual(
        [got.headers['x-tenant'], got.headers['x-request-timeout']],
        ['t', '1000ms'],
      );
      const crossed = Object.keys(got.headers).filter((name) =>
        /^(?:grpc-|te$|content-)/.test(name),
      );
      assert.deepEqual(crossed, []);
      answerJson(response, { name: 'good' }, 201, { 'x-head': 'h', 'grpc-status': '5' });
      const { httpStatus, headers, end, body } = await call;
      assert.deepEqual(
        [httpStatus, headers['x-head'], headers['content-type'], end['grpc-status']],
        [200, 'h', 'application/grpc', '0'],
      );
      assert.deepEqual(itemsOf(body), [{ name: 'good' }]);
    });

    test('an error is a Status for gRPC and has its own HTTP status for REST', async (t) => {
      const { peer, client, gateway } = await start(t, http);
      peer.script = ({ response }) =>
        answerJson(response, { code: 6, message: 'there already' }, 422, { 'retry-after': '3' });
      const { end } = await client.send('Get', envelope({ name: 'a' }));
      assert.deepEqual([end['grpc-status'], end['grpc-message']], ['6', 'there already']);
      const rest = await rawRequest(gateway.port, request('GET', '/v1/items/a'));
      const { code, message } = JSON.parse(rest.body) as Record<string, unknown>;
      assert.deepEqual([rest.status, code, message], [422, 6, 'there already']);
      assert.equal(peer.calls, 2);
    });

    test('a REST client keeps the status of the service', async (t) => {
      const { peer, gateway } = await start(t, http);
      for (const status of [200, 201, 202, 404, 418, 503]) {
        peer.script = ({ response }) => answerJson(response, {}, status);
        const answer = await rawRequest(gateway.port, request('GET', '/v1/items/a'));
        assert.equal(answer.status, status);
      }
    });
  });

  describe('a stream', () => {
    for (const [type, text] of [
      ['application/x-ndjson', '{"count":1}\n{"count":2}\n'],
      ['text/event-stream', 'data: {"count":1}\n\ndata: {"count":2}\n\n'],
      ['application/json', '[{"count":1},{"count":2}]'],
    ] as const) {
      test(`of ${type} for a gRPC client`, async (t) => {
        const { peer, client } = await start(t, http);
        peer.script = ({ response }) => {
          response.writeHead(200, { 'content-type': type });
          response.end(text);
        };
        const { end, body } = await client.send('Watch', envelope({}));
        assert.equal(end['grpc-status'], '0');
        assert.deepEqual(itemsOf(body), [{ count: 1 }, { count: 2 }]);
      });
    }

    test('from a gRPC client is NDJSON', async (t) => {
      const { peer, client } = await start(t, http);
      peer.script = async (exchange) =>
        answerJson(exchange.response, { name: await exchange.body });
      const sent = Buffer.concat([envelope({ count: 1 }), envelope({ count: 2 })]);
      const { end, body } = await client.send('Upload', sent);
      assert.equal(end['grpc-status'], '0');
      assert.deepEqual(itemsOf(body), [{ name: '{"count":1}\n{"count":2}\n' }]);
    });

    test('whose client does not read stops the service, and comes whole when it does', async (t) => {
      const { peer, gateway } = await start(t, http);
      const line = `{"name":"${'x'.repeat(9_988)}"}\n`;
      let written = 0;
      peer.script = async ({ response }) => {
        response.writeHead(200, { 'content-type': 'application/x-ndjson' });
        for (; written < 3_000; written++) if (!response.write(line)) await once(response, 'drain');
        response.end();
      };
      const socket = connect(gateway.port, '127.0.0.1');
      t.after(() => socket.destroy());
      socket.pause();
      socket.write(request('GET', '/v1/items:watch'));
      const stopped = await untilStill(() => written);
      assert.ok(stopped > 0 && stopped < 2_000, `${stopped} messages of 10 KB went out`);
      let bytes = 0;
      const whole = Promise.withResolvers<void>();
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (chunk.toString('latin1').endsWith('0\r\n\r\n')) whole.resolve();
      });
      socket.resume();
      await whole.promise;
      assert.equal(written, 3_000);
      assert.ok(bytes > 3_000 * line.length, `${bytes} bytes`);
    });

    test('that its gRPC client resets ends at the service', async (t) => {
      const harness = await start(t, http);
      const { peer, client } = harness;
      const exchange = nextExchange(peer);
      const { stream, head } = client.open('Watch');
      stream.end(envelope({}));
      const { response } = await exchange;
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write('{"count":1}\n');
      await head;
      assert.equal(await numberOf(harness, 'streams{'), 1);
      stream.close(8);
      assert.equal(await untilStill(() => peer.open), 0);
      assert.equal(await numberOf(harness, 'streams{'), 0);
      // The client has left, not the service.
      assert.equal(await numberOf(harness, 'aborted_streams_total{'), 0);
    });
  });

  describe('time and connections', () => {
    test('a deadline ends the call on both sides', async (t) => {
      const { peer, client, clock } = await start(t, http);
      const exchange = nextExchange(peer);
      const call = client.send('Get', envelope({ name: 'a' }), { 'grpc-timeout': '1S' });
      await exchange;
      clock.advance(1_100);
      assert.equal((await call).end['grpc-status'], '4');
      assert.equal(await untilStill(() => peer.open), 0);
    });

    test('a service that breaks off is counted, and so is one that is not there', async (t) => {
      const harness = await start(t, http);
      const { peer, client } = harness;
      const exchange = nextExchange(peer);
      const call = client.send('Get', envelope({ name: 'a' }));
      await exchange;
      peer.cut();
      assert.equal((await call).end['grpc-status'], '14');
      const text = await (
        await fetch(`http://127.0.0.1:${harness.gateway.adminPort}/metrics`)
      ).text();
      assert.match(text, /polygate_upstream_aborted_streams_total\{[^}]*cause="lost"\} 1\n/);
      await peer.close();
      assert.equal((await client.send('Get', envelope({ name: 'a' }))).end['grpc-status'], '14');
      const after = await (
        await fetch(`http://127.0.0.1:${harness.gateway.adminPort}/metrics`)
      ).text();
      assert.match(after, /polygate_upstream_connects_total\{[^}]*result="failed"\} 1\n/);
    });
  });
}

test('who finds all connections and places in the queue taken is refused, and counted', async (t) => {
  const harness = await start(t, '1.1', { max: 1, maxPending: 1 });
  const { peer, client } = harness;
  const exchange = nextExchange(peer);
  const first = client.send('Get', envelope({ name: 'a' }));
  const { response } = await exchange;
  const second = client.send('Get', envelope({ name: 'b' }));
  const third = await client.send('Get', envelope({ name: 'c' }));
  assert.equal(third.end['grpc-status'], '14');
  assert.equal(peer.calls, 1);
  assert.equal(await numberOf(harness, 'connections{'), 1);
  assert.equal(await numberOf(harness, 'streams{'), 1);
  assert.equal(await numberOf(harness, 'queued{'), 1);
  assert.equal(await numberOf(harness, 'refused_total{'), 1);
  peer.script = ({ response: next }) => answerJson(next, {});
  answerJson(response, {});
  for (const { end } of await Promise.all([first, second])) assert.equal(end['grpc-status'], '0');
  assert.equal(await numberOf(harness, 'streams_total{'), 2);
  assert.equal(await numberOf(harness, 'connects_total{'), 1);
  assert.equal(await numberOf(harness, 'queued{'), 0);
  assert.ok((await numberOf(harness, 'bytes_total{')) > 0);
});

test('over HTTP/2 connections stand ready before the first call, and end while the gateway drains', async (t) => {
  const { peer, gateway, client } = await start(t, '2', { warm: 2 });
  while (peer.connections < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await client.send('Get', envelope({ name: 'a' }))).end['grpc-status'], '0');
  assert.equal(peer.connections, 2);
  await gateway.close();
  while (peer.connections > 0) await new Promise((resolve) => setImmediate(resolve));
});
