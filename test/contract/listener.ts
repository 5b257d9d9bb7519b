/** What every listener must do at its end, and with what can never become an exchange. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import type { Exchange } from '../../src/call/types.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { openConnection } from '../support/raw-connection.ts';
import { turns } from './exchange/host.ts';

/** What the contract needs of a listener. `refuse` must answer 400 with the `PG_*` code as the body, heads beyond 16 KB or 100 fields be refused. */
export interface ContractListener {
  readonly port: number;
  /** The clock that its bounds of time go by. */
  readonly clock: ManualClock;
  drain(): Promise<void>;
  cut(): void;
}

export type OpenListener = (serve: (exchange: Exchange) => void) => Promise<ContractListener>;

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

export function listenerContract(name: string, open: OpenListener): void {
  describe(`the listener of ${name}`, () => {
    describe('drain', () => drainCases(open));
    describe('refusals', () => refusalCases(open));
  });
}

function drainCases(open: OpenListener): void {
  test('closes connections at once that have been answered', async (t) => {
    const listener = await start(t, open, (exchange) => exchange.answer(200, [], Buffer.from('x')));
    const connection = openConnection(t, listener.port);
    void connection.write(GET);
    await connection.answer();
    await listener.drain();
    await connection.closed;
  });

  test('closes connections at once that have not said anything yet', async (t) => {
    const listener = await start(t, open, () => {});
    const connection = openConnection(t, listener.port);
    await new Promise((resolve) => connection.socket.on('connect', resolve));
    await turns();
    await listener.drain();
    await connection.closed;
  });

  test('a busy connection closes behind its answer, which says so; no new one is accepted', async (t) => {
    const arrived = Promise.withResolvers<Exchange>();
    const listener = await start(t, open, arrived.resolve);
    const connection = openConnection(t, listener.port);
    void connection.write(GET);
    const exchange = await arrived.promise;
    let drained = false;
    const drain = listener.drain().then(() => (drained = true));
    await turns();
    assert.equal(drained, false);
    await assertRefused(listener.port);
    exchange.answer(200, [], Buffer.from('x'));
    const { body, headers } = await connection.answer();
    assert.equal(body, 'x');
    assert.equal(new Map(headers).get('connection'), 'close');
    await drain;
    assert.equal(await connection.closed, 'end');
  });

  test('a streamed answer that has begun ends in peace', async (t) => {
    const arrived = Promise.withResolvers<Exchange>();
    const listener = await start(t, open, arrived.resolve);
    const connection = openConnection(t, listener.port);
    void connection.write(GET);
    const sink = (await arrived.promise).start(200, []);
    sink.write(Buffer.from('one'));
    const drain = listener.drain();
    await turns();
    sink.write(Buffer.from('two'));
    sink.end(null);
    assert.equal((await connection.answer()).body, 'onetwo');
    await drain;
    await connection.closed;
  });

  test('cut closes what is left, drain resolves', async (t) => {
    const arrived = Promise.withResolvers<Exchange>();
    const listener = await start(t, open, arrived.resolve);
    const connection = openConnection(t, listener.port);
    void connection.write(GET);
    const exchange = await arrived.promise;
    const gone = new Promise<void>((resolve) => {
      exchange.onGone = resolve;
    });
    const drain = listener.drain();
    listener.cut();
    await Promise.all([drain, gone, connection.closed]);
    assert.equal(connection.received, '');
  });
}

function refusalCases(open: OpenListener): void {
  for (const [name, bytes, code] of [
    ['a malformed request line', 'GET / HTTP/1.1 x\r\n\r\n', 'PG_BAD_REQUEST'],
    [
      'a head beyond the limit',
      `GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
      'PG_HEADERS_TOO_LARGE',
    ],
    [
      'more fields than the limit, never a part of them',
      `GET / HTTP/1.1\r\nhost: a\r\n${Array.from({ length: 200 }, (_, i) => `x-${i}: 1\r\n`).join('')}\r\n`,
      'PG_HEADERS_TOO_LARGE',
    ],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 'PG_BAD_REQUEST'],
    ['a verb that HTTP does not know', 'FROB / HTTP/1.1\r\nhost: a\r\n\r\n', 'PG_UNKNOWN_VERB'],
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n', 'PG_UNKNOWN_VERB'],
  ] as const) {
    test(`${name} is answered by refuse with ${code}, and the connection closes`, async (t) => {
      let served = 0;
      const listener = await start(t, open, () => served++);
      const connection = openConnection(t, listener.port);
      void connection.write(bytes);
      const { status, body, headers } = await connection.answer();
      assert.deepEqual([status, body], [400, code]);
      assert.equal(new Map(headers).get('connection'), 'close');
      const names = headers.map(([header]) => header.toLowerCase());
      assert.equal(names.filter((header) => header === 'date').length, 1);
      await connection.closed;
      assert.equal(served, 0);
    });
  }

  test('a refused client that does not close is cut after a while', async (t) => {
    const listener = await start(t, open, () => {});
    const connection = openConnection(t, listener.port);
    void connection.write('GET / HTTP/1.1 x\r\n\r\n');
    await connection.answer();
    await connection.closed;
    const drain = listener.drain();
    listener.clock.advance(5_000);
    await drain;
    assert.equal(listener.clock.pending, 0);
  });

  test('garbage behind a request does not touch its answer', async (t) => {
    const arrived = Promise.withResolvers<Exchange>();
    const listener = await start(t, open, arrived.resolve);
    const connection = openConnection(t, listener.port);
    void connection.write(`${GET}garbage\r\n\r\n`);
    const exchange = await arrived.promise;
    await turns();
    exchange.answer(200, [], Buffer.from('x'));
    assert.equal((await connection.answer()).body, 'x');
    await connection.closed;
  });

  test('garbage behind two pipelined requests touches neither answer', async (t) => {
    const exchanges: Exchange[] = [];
    const listener = await start(t, open, (exchange) => exchanges.push(exchange));
    const connection = openConnection(t, listener.port);
    void connection.write(`${GET}${GET}garbage\r\n\r\n`);
    for (const text of ['1', '2']) {
      await turns();
      exchanges.shift()?.answer(200, [], Buffer.from(text));
      assert.equal((await connection.answer()).body, text);
    }
    await connection.closed;
  });

  test('a client that resets in the middle of a head is passed over', async (t) => {
    const listener = await start(t, open, (exchange) => exchange.answer(200, [], Buffer.from('x')));
    const broken = openConnection(t, listener.port);
    await broken.write('GET / HT');
    broken.socket.resetAndDestroy();
    const connection = openConnection(t, listener.port);
    void connection.write(GET);
    assert.equal((await connection.answer()).body, 'x');
  });
}

async function start(
  t: TestContext,
  open: OpenListener,
  serve: (exchange: Exchange) => void,
): Promise<ContractListener> {
  const listener = await open(serve);
  t.after(async () => {
    const drained = listener.drain();
    listener.cut();
    await drained;
  });
  return listener;
}

function assertRefused(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve());
    socket.on('connect', () => {
      socket.destroy();
      reject(new Error('a draining listener accepted a connection'));
    });
  });
}
