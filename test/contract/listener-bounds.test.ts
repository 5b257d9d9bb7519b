/** The bounds of the port and of an HTTP/1.1 connection: each stops what is too much, says so once, and leaves the others alone. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { Exchange } from '../../src/call/types.ts';
import { listen } from '../../src/listen/listener.ts';
import { listenerOptions, LIMITS } from '../support/listener-options.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { openConnection, type RawConnection } from '../support/raw-connection.ts';
import { turns } from './exchange/host.ts';

interface Bounded {
  readonly clock: ManualClock;
  readonly stopped: string[];
  readonly held: Exchange[];
  readonly connect: () => RawConnection;
}

/** Answers 200, but keeps requests for /held. */
async function start(t: TestContext, changes: Partial<typeof LIMITS> = {}): Promise<Bounded> {
  const clock = new ManualClock();
  const stopped: string[] = [];
  const held: Exchange[] = [];
  const listener = await listen(
    listenerOptions(
      (exchange) => {
        if (exchange.head.path === '/held') held.push(exchange);
        else exchange.answer(200, [], Buffer.from('ok'));
      },
      clock,
      { limits: { ...LIMITS, ...changes }, onLimit: (name) => void stopped.push(name) },
    ),
  );
  t.after(async () => {
    const drained = listener.drain();
    listener.cut();
    await drained;
  });
  return { clock, stopped, held, connect: () => openConnection(t, listener.port) };
}

const get = (path: string, headers = ''): string =>
  `GET ${path} HTTP/1.1\r\nhost: a\r\n${headers}\r\n`;

describe('connections', () => {
  test('above the bound one waits unread until another closes; what runs goes on', async (t) => {
    const { stopped, held, connect } = await start(t, { connections: 1 });
    const first = connect();
    await first.write(get('/held'));
    while (held.length === 0) await turns(1);
    const second = connect();
    await second.write(get('/second'));
    while (stopped.length === 0) await turns(1);
    await turns();
    assert.equal(second.received, '');
    held[0]?.answer(200, [], Buffer.from('held'));
    assert.equal((await first.answer()).body, 'held');
    assert.equal(second.received, '');
    first.socket.end();
    assert.equal((await second.answer()).body, 'ok');
    assert.deepEqual(stopped, ['connections']);
  });

  test('of one address: one too many is closed, and its place is free again behind an end', async (t) => {
    const { stopped, connect } = await start(t, { connectionsPerAddress: 1 });
    const first = connect();
    await first.write(get('/'));
    assert.equal((await first.answer()).status, 200);
    const second = connect();
    await second.closed;
    assert.deepEqual(stopped, ['connections_per_address']);
    await first.write(get('/'));
    assert.equal((await first.answer()).status, 200);
    first.socket.end();
    await first.closed;
    const third = connect();
    await third.write(get('/'));
    assert.equal((await third.answer()).status, 200);
  });
});

describe('an HTTP/1.1 head', () => {
  const refused: readonly [limit: string, pg: string, request: string][] = [
    ['header_bytes', 'PG_HEADERS_TOO_LARGE', get('/', `x: ${'a'.repeat(17_000)}\r\n`)],
    ['headers', 'PG_HEADERS_TOO_LARGE', get('/', 'x: a\r\n'.repeat(101))],
    ['target', 'PG_TARGET_TOO_LONG', get(`/${'a'.repeat(8_200)}`)],
  ];
  for (const [limit, pg, request] of refused) {
    test(`${limit}: refused with ${pg}, and the connection ends`, async (t) => {
      const { stopped, held, connect } = await start(t);
      const connection = connect();
      await connection.write(request + get('/held'));
      assert.equal((await connection.answer()).body, pg);
      await connection.closed;
      assert.deepEqual([stopped, held.length], [[limit], 0]);
    });
  }

  test('head: half of one has its time', async (t) => {
    const { clock, stopped, connect } = await start(t);
    const connection = connect();
    await connection.write('GET / HTTP/1.1\r\nho');
    await turns();
    clock.advance(10_020);
    assert.equal((await connection.answer()).body, 'PG_HEAD_TIMEOUT');
    await connection.closed;
    assert.deepEqual(stopped, ['head']);
  });

  test('idle: a connection without a request ends', async (t) => {
    const { clock, stopped, connect } = await start(t);
    const connection = connect();
    await connection.write(get('/'));
    await connection.answer();
    clock.advance(60_020);
    await connection.closed;
    assert.deepEqual(stopped, ['idle']);
  });
});
