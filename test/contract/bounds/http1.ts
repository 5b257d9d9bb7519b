/** What a client of HTTP/1.1 is told where it goes beyond a bound. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type FaultGateway, flush, reasonOf, stoppedBy } from '../../support/fault-gateway.ts';
import { openConnection, type RawConnection, untilStill } from '../../support/raw-connection.ts';
import { request } from '../../support/raw-http.ts';
import { envelope, respond, type ScriptedCall } from '../../support/scripted-grpc.ts';
import {
  BOUND,
  type BoundCase,
  boundPasses,
  type Cases,
  holdCalls,
  untilStopped,
} from './bound.ts';

const GET = request('GET', '/v1/items/good');
const MESSAGE = envelope({ name: 'x'.repeat(1 << 20) });
const MESSAGES = 64;

const post = (more: string): string =>
  `POST /fault.v1.Fault/Get HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${more}`;
const connect = (t: TestContext, { gateway }: FaultGateway): RawConnection =>
  openConnection(t, gateway.port);

/** The next answer refuses, and is the last one. */
async function assertRefused(connection: RawConnection, status: number, pg: string): Promise<void> {
  const answer = await connection.answer();
  const headers = Object.fromEntries(answer.headers);
  assert.deepEqual([answer.status, reasonOf({ ...answer, headers, complete: true })], [status, pg]);
  connection.socket.end();
  assert.equal(await connection.closed, 'end');
}

/** A request that is refused by its bytes alone. */
function refused(
  settings: BoundCase['settings'],
  bytes: string | Uint8Array,
  ...expected: readonly [status: number, pg: string]
): BoundCase {
  return {
    settings,
    run: async (t, harness) => {
      const connection = connect(t, harness);
      await connection.write(bytes);
      await assertRefused(connection, ...expected);
      assert.equal(harness.peer.calls, 0);
    },
  };
}

/** The script of a service that sends as fast as it is let; counts what it could send. */
function sendMuch({ stream }: ScriptedCall, sent: { messages: number }): void {
  respond(stream, { 'grpc-status': '0' });
  const send = (): void => {
    while (sent.messages < MESSAGES) {
      sent.messages++;
      if (!stream.write(MESSAGE)) return void stream.once('drain', send);
    }
    stream.end();
  };
  send();
}

export const HTTP1_CASES: Cases = {
  connections: {
    settings: { listen: { limits: { connections: 1 } } },
    run: async (t, harness) => {
      const first = connect(t, harness);
      await first.write(GET);
      assert.equal((await first.answer()).status, 200);
      const second = connect(t, harness);
      await second.write(GET);
      while (Object.keys(await stoppedBy(harness)).length === 0);
      await first.write(GET);
      assert.equal((await first.answer()).status, 200, 'what runs goes on');
      assert.equal(second.received, '', 'it waits unread');
      first.socket.end();
      assert.equal((await second.answer()).status, 200);
      second.socket.end();
      await second.closed;
    },
  },
  connections_per_address: {
    settings: { listen: { limits: { connectionsPerAddress: 1 } } },
    run: async (t, harness) => {
      const first = connect(t, harness);
      await first.write(GET);
      await first.answer();
      const second = connect(t, harness);
      await second.closed;
      assert.equal(second.received, '');
      await first.write(GET);
      assert.equal((await first.answer()).status, 200, 'the first one goes on');
      first.socket.end();
      await first.closed;
    },
  },
  calls: {
    settings: { listen: { limits: { calls: 1 } } },
    run: async (_, harness) => {
      const { held, release } = holdCalls(harness);
      const running = harness.send('GET', '/v1/items/good');
      await held;
      const more = await harness.send('GET', '/v1/items/good');
      assert.deepEqual([more.status, reasonOf(more)], [503, 'PG_OVERLOADED']);
      assert.equal(more.headers['retry-after'], '1');
      release();
      assert.equal((await running).status, 200);
    },
  },
  first_byte: {
    settings: { listen: { limits: { firstByte: BOUND } } },
    run: async (t, harness) => {
      const connection = connect(t, harness);
      await boundPasses(harness);
      assert.equal(await connection.closed, 'end');
      assert.equal(connection.received, '');
    },
  },
  head: {
    settings: { listen: { limits: { head: BOUND } } },
    run: async (t, harness) => {
      const connection = connect(t, harness);
      await connection.write('GET / HTTP/1.1\r\nho');
      await boundPasses(harness);
      await assertRefused(connection, 408, 'PG_HEAD_TIMEOUT');
    },
  },
  body: {
    settings: { listen: { limits: { body: BOUND } } },
    run: async (t, harness) => {
      const connection = connect(t, harness);
      await connection.write(post('content-length: 15\r\n\r\n{'));
      for (const part of ['"na', 'me"', ':']) {
        await flush(harness);
        harness.clock.advance(1_500);
        await connection.write(part);
      }
      await boundPasses(harness);
      await assertRefused(connection, 408, 'PG_BODY_TIMEOUT');
      assert.equal(harness.peer.calls, 0);
    },
  },
  idle: {
    settings: { listen: { limits: { idle: BOUND } } },
    run: async (t, harness) => {
      const connection = connect(t, harness);
      await connection.write(GET);
      await connection.answer();
      await boundPasses(harness);
      assert.equal(await connection.closed, 'end');
      assert.equal(connection.received, '');
    },
  },
  write: {
    settings: { listen: { limits: { write: BOUND } } },
    run: async (t, harness) => {
      const sent = { messages: 0 };
      harness.peer.script = (call) => sendMuch(call, sent);
      const connection = connect(t, harness);
      connection.socket.pause();
      await connection.write(request('GET', '/v1/items:watch'));
      const before = await untilStill(() => sent.messages);
      assert.ok(before < MESSAGES, 'the service waits for the reader');
      await boundPasses(harness);
      connection.socket.resume();
      assert.equal(await connection.closed, 'reset');
      // The service is told.
      while (harness.peer.open > 0) await flush(harness);
    },
  },
  header_bytes: refused(
    { limits: { headers: '1kb' } },
    request('GET', '/', { headers: { x: 'a'.repeat(1_100) } }),
    431,
    'PG_HEADERS_TOO_LARGE',
  ),
  headers: refused(
    { listen: { limits: { headerCount: 4 } } },
    request('GET', '/', { headers: { a: '1', b: '2', c: '3', d: '4' } }),
    431,
    'PG_HEADERS_TOO_LARGE',
  ),
  target: refused(
    { listen: { limits: { target: '32b' } } },
    request('GET', `/${'a'.repeat(32)}`),
    414,
    'PG_TARGET_TOO_LONG',
  ),
  body_bytes: refused(
    { limits: { body: '1kb' } },
    post(`transfer-encoding: chunked\r\n\r\n401\r\n${' '.repeat(1_025)}\r\n0\r\n\r\n`),
    413,
    'PG_BODY_TOO_LARGE',
  ),
  pipelined: {
    settings: { listen: { limits: { pipelined: '1kb' } } },
    run: async (t, harness) => {
      const { held, release } = holdCalls(harness);
      const connection = connect(t, harness);
      await connection.write(GET);
      await held;
      const count = 50;
      await connection.write(Buffer.concat(Array.from({ length: count }, () => GET)));
      await untilStopped(harness);
      assert.equal(harness.peer.calls, 1, 'they wait');
      release();
      for (let i = 0; i <= count; i++) assert.equal((await connection.answer()).status, 200);
    },
  },
};
