/** What a service can get wrong: the right status in the client's own protocol, within its deadline, with nothing left behind. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { createGateway } from 'polygate';
import {
  assertRecovers,
  flush,
  openStream,
  reasonOf,
  startFaultGateway,
} from '../support/fault-gateway.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { memoryLog } from '../support/memory-log.ts';
import { rawRequest, request } from '../support/raw-http.ts';
import { envelope, respond, startScriptedGrpc } from '../support/scripted-grpc.ts';

const get = '/v1/items/a';
const watch = '/v1/items:watch';

describe('a service that cannot be reached', () => {
  test('is 503 with Retry-After, and served again once it is up', async (t) => {
    const port = await freePort();
    const clock = new ManualClock();
    const gateway = await gatewayTo(t, port, clock);
    const down = await rawRequest(gateway.port, request('GET', get));
    assert.equal(down.status, 503, down.body);
    assert.equal(reasonOf(down), 'PG_UPSTREAM_UNAVAILABLE');
    assert.match(down.headers['retry-after'] ?? '', /^[1-9]\d*$/);
    const peer = await startScriptedGrpc(port);
    t.after(() => peer.close());
    // The backoff stands between two tries: until it has passed, calls are refused at once.
    const early = await rawRequest(gateway.port, request('GET', get));
    assert.deepEqual([early.status, peer.connections], [503, 0]);
    clock.advance(100);
    const up = await rawRequest(gateway.port, request('GET', get));
    assert.deepEqual([up.status, JSON.parse(up.body), peer.calls], [200, { name: 'a' }, 1]);
  });

  test('one that accepts and says nothing is 503 when the time to connect is over', async (t) => {
    const silent = createServer();
    await listenSilently(t, silent);
    const clock = new ManualClock();
    const gateway = await gatewayTo(t, portOf(silent), clock);
    const answer = rawRequest(gateway.port, request('GET', get));
    await once(silent, 'connection');
    clock.advance(10_000);
    assert.equal((await answer).status, 503);
    assert.equal(reasonOf(await answer), 'PG_UPSTREAM_UNAVAILABLE');
  });

  test('one that accepts and says nothing is 504 at the deadline of the call', async (t) => {
    const silent = createServer();
    const sockets = await listenSilently(t, silent);
    const clock = new ManualClock();
    const gateway = await gatewayTo(t, portOf(silent), clock);
    const headers = { 'grpc-timeout': '9S' };
    const answer = rawRequest(gateway.port, request('GET', get, { headers }));
    await once(silent, 'connection');
    clock.advance(9_020);
    assert.equal((await answer).status, 504);
    assert.equal(sockets.size > 0, true);
  });

  test('one that speaks HTTP/1.1 is an error of the gateway, not a hang', async (t) => {
    const server = createServer((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
    );
    await listenSilently(t, server);
    const gateway = await gatewayTo(t, portOf(server));
    const answer = await rawRequest(gateway.port, request('GET', get));
    assert.equal(answer.status, 503, answer.body);
  });
});

describe('a service that hangs', () => {
  test('is 504 when the default deadline has passed, not before; the stream is cancelled', async (t) => {
    const harness = await startFaultGateway(t);
    const arrived = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    harness.peer.script = ({ stream }) => {
      arrived.resolve();
      stream.on('close', cancelled.resolve);
    };
    const answer = harness.send('GET', get);
    await arrived.promise;
    let answered = false;
    void answer.then(() => (answered = true));
    harness.clock.advance(29_990);
    await flush(harness);
    assert.equal(answered, false);
    harness.clock.advance(30);
    assert.equal((await answer).status, 504);
    assert.equal(reasonOf(await answer), 'PG_DEADLINE_EXCEEDED');
    await cancelled.promise;
    await assertRecovers(harness);
  });

  for (const [header, value, ms] of [
    ['grpc-timeout', '250m', 250],
    ['grpc-timeout', '2S', 2_000],
    ['x-request-timeout', '1.5', 1_500],
    ['x-request-timeout', '250ms', 250],
  ] as const) {
    test(`the client's ${header}: ${value} ends it after ${ms} ms and is told to the service`, async (t) => {
      const harness = await startFaultGateway(t);
      const told = Promise.withResolvers<string | undefined>();
      harness.peer.script = ({ headers }) => told.resolve(headers['grpc-timeout'] as string);
      const answer = harness.send('GET', get, { headers: { [header]: value } });
      assert.equal(await told.promise, `${ms}m`);
      harness.clock.advance(ms + 20);
      assert.equal((await answer).status, 504);
    });
  }

  test("a client cannot get more than the route's timeout", async (t) => {
    const harness = await startFaultGateway(t, { timeout: '1s' });
    const told = Promise.withResolvers<string | undefined>();
    harness.peer.script = ({ headers }) => told.resolve(headers['grpc-timeout'] as string);
    const answer = harness.send('GET', get, { headers: { 'x-request-timeout': '60' } });
    assert.equal(await told.promise, '1000m');
    harness.clock.advance(1_020);
    assert.equal((await answer).status, 504);
  });

  test('a stream has no deadline but an idle bound, which ends it visibly', async (t) => {
    const harness = await startFaultGateway(t, { idle: '10s' });
    const sent = Promise.withResolvers<void>();
    harness.peer.script = ({ stream, headers }) => {
      assert.equal(headers['grpc-timeout'], undefined);
      respond(stream, { 'grpc-status': '0' });
      stream.write(envelope({ name: 'one' }), () => sent.resolve());
    };
    const reader = openStream(harness, watch);
    await sent.promise;
    await reader.until('"one"');
    harness.clock.advance(10_020);
    const text = await reader.ended;
    assert.match(text, /\{"error":\{"code":4,.*PG_IDLE_TIMEOUT/);
    assert.match(text, /\r\n0\r\n\r\n$/, 'the body ends properly');
    await assertRecovers(harness);
  });
});

describe('a service that breaks off', () => {
  test('before its head: 502, and the next call succeeds', async (t) => {
    const harness = await startFaultGateway(t);
    harness.peer.script = ({ stream }) => stream.close(2);
    const answer = await harness.send('GET', get);
    assert.equal(answer.status, 502, answer.body);
    assert.equal(reasonOf(answer), 'PG_UPSTREAM_RESET');
    assert.equal(harness.peer.calls, 1);
    await assertRecovers(harness);
  });

  test('between head and message of a unary answer: 502', async (t) => {
    const harness = await startFaultGateway(t);
    harness.peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      stream.write(envelope({ name: 'a' }).subarray(0, 3), () => stream.close(2));
    };
    const answer = await harness.send('GET', get);
    assert.equal(answer.status, 502, answer.body);
    await assertRecovers(harness);
  });

  for (const [format, accept, pattern] of [
    ['NDJSON', 'application/x-ndjson', /\{"name":"one"\}\n.*\{"error":\{"code":14,[^\n]*\}\}\n/s],
    ['an array', 'application/json', /\[\{"name":"one"\}.*,\{"error":\{"code":14,[^\n]*\}\}\]/s],
    [
      'SSE',
      'text/event-stream',
      /data: \{"name":"one"\}\n\n.*event: error\ndata: \{"code":14,[^\n]*\}\n\n/s,
    ],
  ] as const) {
    test(`in the middle of a stream: the client of ${format} sees it, and the body ends properly`, async (t) => {
      const harness = await startFaultGateway(t);
      const one = Promise.withResolvers<void>();
      harness.peer.script = ({ stream }) => {
        respond(stream, { 'grpc-status': '0' });
        stream.write(envelope({ name: 'one' }));
        void one.promise.then(() => stream.close(2));
      };
      const reader = openStream(harness, watch, { accept });
      await reader.until('"one"');
      one.resolve();
      const text = await reader.ended;
      assert.match(text, pattern);
      assert.match(text, /\r\n0\r\n\r\n$/, 'the body ends properly');
      await assertRecovers(harness);
    });
  }

  test('by its own status behind a message: as it says', async (t) => {
    const harness = await startFaultGateway(t);
    harness.peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '9', 'grpc-message': 'not%20now' });
      stream.end(envelope({ name: 'one' }));
    };
    const answer = await harness.send('GET', watch);
    assert.equal(answer.status, 200);
    assert.equal(
      answer.body,
      '{"name":"one"}\n{"error":{"code":9,"message":"not now","details":[]}}\n',
    );
  });

  test('by its own status before the first message: the HTTP status says it', async (t) => {
    const harness = await startFaultGateway(t);
    harness.peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '5', 'grpc-message': 'gone' });
      stream.end();
    };
    const answer = await harness.send('GET', watch);
    assert.deepEqual([answer.status, JSON.parse(answer.body).message], [404, 'gone']);
  });
});

describe('a service that does not keep to gRPC', () => {
  test('OK without a message is 502', async (t) => {
    const harness = await startFaultGateway(t);
    harness.peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      stream.end();
    };
    const answer = await harness.send('GET', get);
    assert.deepEqual([answer.status, reasonOf(answer)], [502, 'PG_UPSTREAM_CARDINALITY']);
    await assertRecovers(harness);
  });

  test('two messages in a unary answer are 502', async (t) => {
    const harness = await startFaultGateway(t);
    harness.peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      stream.end(Buffer.concat([envelope({ name: 'a' }), envelope({ name: 'b' })]));
    };
    const answer = await harness.send('GET', get);
    assert.deepEqual([answer.status, reasonOf(answer)], [502, 'PG_UPSTREAM_CARDINALITY']);
    await assertRecovers(harness);
  });

  test('bytes that are no message are 502', async (t) => {
    const harness = await startFaultGateway(t);
    harness.peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      stream.end(Buffer.from([0, 0, 0, 0, 3, 0x0a, 0x7f, 0x41]));
    };
    const answer = await harness.send('GET', get);
    assert.deepEqual([answer.status, reasonOf(answer)], [502, 'PG_RESPONSE_UNREADABLE']);
    await assertRecovers(harness);
  });

  test('a message above the limit is 502', async (t) => {
    const harness = await startFaultGateway(t, { limits: { message: 100 } });
    harness.peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      stream.end(envelope({ name: 'x'.repeat(200) }));
    };
    const answer = await harness.send('GET', get);
    assert.deepEqual([answer.status, reasonOf(answer)], [502, 'PG_RESPONSE_TOO_LARGE']);
    await assertRecovers(harness);
  });

  test('an HTTP status instead of gRPC is an error with that cause in the log', async (t) => {
    const harness = await startFaultGateway(t);
    harness.peer.script = ({ stream }) => {
      stream.respond({ ':status': 404, 'content-type': 'text/html' }, { endStream: true });
    };
    const answer = await harness.send('GET', get);
    // gRPC over HTTP/2, "HTTP to gRPC status code mapping": 404 is UNIMPLEMENTED.
    assert.equal(answer.status, 501, answer.body);
    await assertRecovers(harness);
  });
});

async function gatewayTo(
  t: TestContext,
  port: number,
  clock = new ManualClock(),
): Promise<{ port: number }> {
  const gateway = await createGateway(
    {
      listen: { port: 0 },
      admin: false,
      upstreams: {
        peer: {
          protocol: 'grpc',
          endpoints: [`127.0.0.1:${port}`],
          schema: { protos: ['fault/v1/fault.proto'], importPaths: ['.'] },
        },
      },
      routes: [{ services: '*', upstream: 'peer' }],
    },
    { clock, log: memoryLog(), baseDir: new URL('../support/protos', import.meta.url).pathname },
  );
  t.after(() => gateway.close(true));
  return gateway;
}

/** A port where nothing listens: taken once and given back, so that nobody else is given it meanwhile. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function listenSilently(t: TestContext, server: Server): Promise<Set<Socket>> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return sockets;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}
