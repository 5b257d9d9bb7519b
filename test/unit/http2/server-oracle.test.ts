/** Our server against node:http2's client: the calls of gRPC, of REST, extended CONNECT, and the end of a connection. */
import assert from 'node:assert/strict';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Exchange } from '../../../src/call/types.ts';
import { KeepingSink } from '../../contract/exchange/host.ts';
import { startHttp2Server } from '../../support/http2-server.ts';

interface Answer {
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
  readonly trailers: Record<string, unknown>;
  readonly code: number;
}

test('a unary call of gRPC: head, message and trailers', async (t) => {
  const { session } = await open(t, async (exchange) => {
    const body = await bodyOf(exchange);
    exchange.answer(200, ['content-type', 'application/grpc'], body, ['grpc-status', '0']);
  });
  const stream = session.request({
    ':method': 'POST',
    ':path': '/a.B/C',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const answer = answerOf(stream);
  stream.end(Buffer.from('message'));
  const { headers, body, trailers, code } = await answer;
  assert.equal(headers[':status'], 200);
  assert.equal(headers['content-type'], 'application/grpc');
  assert.equal(headers['content-length'], undefined);
  assert.equal(headers['date'], undefined);
  assert.equal(body.toString(), 'message');
  assert.equal(trailers['grpc-status'], '0');
  assert.equal(code, constants.NGHTTP2_NO_ERROR);
});

test('a call of REST has a length and a date', async (t) => {
  const { session } = await open(t, (exchange) => {
    exchange.answer(200, ['content-type', 'application/json'], Buffer.from('{}'));
  });
  const { headers, body } = await answerOf(session.request({ ':path': '/x' }));
  assert.equal(headers['content-length'], '2');
  assert.equal(headers['date'], 'Tue, 01 Jan 2030 00:00:00 GMT');
  assert.equal(body.toString(), '{}');
});

test('headers of any values, both ways, with the dynamic table of the client', async (t) => {
  const { session } = await open(t, (exchange) => {
    const echoed: string[] = [];
    exchange.head.eachHeader((name, value) => {
      if (name.startsWith('x-')) echoed.push(name, value);
    });
    exchange.answer(200, echoed, new Uint8Array());
  });
  const value = fc.stringMatching(/^(?:[!-~](?:[ -~]{0,60}[!-~])?)?$/);
  const name = fc.stringMatching(/^x-[a-z0-9_.-]{1,12}$/);
  const fields = fc.uniqueArray(fc.tuple(name, value), { maxLength: 12, selector: ([n]) => n });
  await fc.assert(
    fc.asyncProperty(fields, async (list) => {
      const sent = Object.fromEntries(list);
      const { headers } = await answerOf(session.request({ ':path': '/', ...sent }));
      const got = Object.entries(headers).filter(([header]) => header.startsWith('x-'));
      assert.deepEqual(Object.fromEntries(got), sent);
    }),
    { seed: 7, numRuns: 200 },
  );
});

test('bodies of any size, both ways, in any windows', async (t) => {
  for (const initialWindowSize of [100, 1_000, 65_535, 1 << 20]) {
    const { session } = await open(
      t,
      (exchange) => {
        const sink = exchange.start(200, []);
        sink.onDrain = () => exchange.body.resume();
        exchange.body.pump(sink);
      },
      { initialWindowSize },
    );
    for (const size of [0, 1, 4_096, 16_384, 65_536, 1_500_000]) {
      if (initialWindowSize === 100 && size > 16_384) continue;
      const sent = Buffer.alloc(size, 'polygate');
      const stream = session.request({ ':method': 'POST', ':path': '/' });
      const answer = answerOf(stream);
      stream.end(sent);
      assert.equal((await answer).body.equals(sent), true, `${size} in ${initialWindowSize}`);
    }
  }
});

test('extended CONNECT (RFC 8441) gives the bytes of both sides', async (t) => {
  const { session } = await open(t, (exchange) => {
    assert.equal(exchange.head.upgrade, 'websocket');
    assert.equal(exchange.head.path, '/chat');
    const duplex = exchange.upgrade(['sec-websocket-protocol', 'x']);
    duplex.on('data', (chunk: Buffer) => duplex.write(chunk.toString().toUpperCase()));
    duplex.on('end', () => duplex.end('bye'));
  });
  await new Promise((resolve) => session.once('remoteSettings', resolve));
  assert.equal(session.remoteSettings.enableConnectProtocol, true);
  const stream = session.request({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':path': '/chat',
    ':scheme': 'http',
    ':authority': 'a',
  });
  const answer = answerOf(stream);
  stream.write('hello ');
  stream.end('there ');
  const { headers, body } = await answer;
  assert.equal(headers[':status'], 200);
  assert.equal(headers['sec-websocket-protocol'], 'x');
  assert.equal(body.toString(), 'HELLO THERE bye');
});

test('trailers of a request, and cookie crumbs that are one field', async (t) => {
  const { session } = await open(t, async (exchange) => {
    const sink = new KeepingSink();
    let trailers: readonly string[] | null = null;
    sink.end = (got?: readonly string[] | null) => {
      trailers = got ?? null;
      const cookie = exchange.head.header('cookie') ?? '';
      exchange.answer(200, ['x-cookie', cookie, 'x-trailers', String(trailers)], new Uint8Array());
    };
    exchange.body.pump(sink);
  });
  const stream = session.request(
    { ':method': 'POST', ':path': '/', cookie: ['a=1', 'b=2'] },
    { waitForTrailers: true },
  );
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-t': '1' }));
  const answer = answerOf(stream);
  stream.end('abc');
  const { headers } = await answer;
  assert.equal(headers['x-cookie'], 'a=1; b=2');
  assert.equal(headers['x-trailers'], 'x-t,1');
});

test('drain: GOAWAY twice, what is open ends, then the connection', async (t) => {
  const { session, server, next } = await open(t, () => {});
  const goaways: number[] = [];
  session.on('goaway', (_code, lastId) => void goaways.push(lastId));
  const closed = new Promise((resolve) => session.once('close', resolve));
  const answer = answerOf(session.request({ ':path': '/' }));
  const exchange = await next();
  for (const connection of server.connections) connection.drain();
  await new Promise((resolve) => session.once('goaway', resolve));
  while (goaways.length < 2) await new Promise((resolve) => session.once('goaway', resolve));
  assert.deepEqual(goaways, [2 ** 31 - 1, 1]);
  exchange.answer(200, [], Buffer.from('last'));
  assert.equal((await answer).body.toString(), 'last');
  await closed;
});

interface Opened {
  readonly session: ClientHttp2Session;
  readonly server: Awaited<ReturnType<typeof startHttp2Server>>;
  /** The next exchange. */
  readonly next: () => Promise<Exchange>;
}

async function open(
  t: TestContext,
  serve: (exchange: Exchange) => unknown,
  settings: { readonly initialWindowSize?: number } = {},
): Promise<Opened> {
  const arrived: Exchange[] = [];
  let look = (): void => {};
  const server = await startHttp2Server((exchange) => {
    arrived.push(exchange);
    look();
    void serve(exchange);
  });
  const session = connect(`http://127.0.0.1:${server.port}`, { settings });
  t.after(async () => {
    session.destroy();
    await server.close();
  });
  return {
    session,
    server,
    next: () =>
      new Promise((resolve) => {
        look = () => {
          const exchange = arrived.shift();
          if (exchange !== undefined) resolve(exchange);
        };
        look();
      }),
  };
}

async function bodyOf(exchange: Exchange): Promise<Uint8Array> {
  const sink = new KeepingSink();
  exchange.body.pump(sink);
  await sink.settled;
  return Buffer.concat(sink.chunks);
}

function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let headers = {};
    let trailers = {};
    stream.on('response', (got) => (headers = got));
    stream.on('trailers', (got) => (trailers = got));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('close', () => {
      resolve({ headers, body: Buffer.concat(chunks), trailers, code: stream.rstCode ?? 0 });
    });
  });
}
