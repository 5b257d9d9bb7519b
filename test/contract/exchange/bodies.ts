/** The request body as a Source. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../src/call/error.ts';
import { type RawConnection, untilStill } from '../../support/raw-connection.ts';
import { KeepingSink, type OpenExchangeHost, startHost, turns } from './host.ts';

const MB = 1 << 20;
const CHUNKED = 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n';

export function bodyCases(open: OpenExchangeHost): void {
  for (const [name, bytes, expected] of [
    [
      'of a declared length',
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabcdef',
      'abcdef',
    ],
    ['in chunks', `${CHUNKED}1\r\na\r\n3;x=y\r\nbcd\r\n2\r\nef\r\n0\r\n\r\n`, 'abcdef'],
    ['in chunks with trailers', `${CHUNKED}1\r\na\r\n0\r\nx-t: 1\r\n\r\n`, 'a'],
    ['that is empty', `${CHUNKED}0\r\n\r\n`, ''],
    ['that is not there', 'POST / HTTP/1.1\r\nhost: a\r\n\r\n', ''],
  ] as const) {
    test(`a body ${name} arrives in order and ends once`, async (t) => {
      const host = await startHost(t, open);
      const connection = host.connect();
      void connection.write(bytes);
      const { exchange } = await host.next();
      const sink = new KeepingSink();
      exchange.body.pump(sink);
      await sink.settled;
      exchange.answer(200, [], new Uint8Array());
      await connection.answer();
      assert.deepEqual([sink.text, sink.ends, sink.failures.length], [expected, 1, 0]);
    });
  }

  test('a body that nobody has pumped yet waits', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc');
    const { exchange } = await host.next();
    await turns();
    const sink = new KeepingSink();
    exchange.body.pump(sink);
    await sink.settled;
    assert.deepEqual([sink.text, sink.ends], ['abc', 1]);
  });

  test('a sink that returns false stops the sender; resume lets it go on', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void sendAll(connection, 64 * MB);
    const { exchange } = await host.next();
    const sink = new KeepingSink();
    sink.accept = () => false;
    exchange.body.pump(sink);
    const sent = await untilStill(() => connection.sent);
    assert.ok(sent < 16 * MB, `${sent} bytes went out to a sink that wants none`);
    assert.ok(sink.bytes <= 1 << 17, `${sink.bytes} bytes came behind the refusal`);
    const before = sink.bytes;
    exchange.body.resume();
    await turns();
    assert.ok(sink.bytes > before, 'resume must let the next chunk come');
    sink.chunks.length = 0;
    sink.accept = () => {
      sink.chunks.length = 0;
      return true;
    };
    exchange.body.resume();
    await sink.settled;
    assert.deepEqual([sink.bytes, sink.ends, sink.failures.length], [64 * MB, 1, 0]);
  });

  test('pause and resume from outside do the same', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void sendAll(connection, 32 * MB);
    const { exchange } = await host.next();
    const sink = new KeepingSink();
    sink.accept = () => {
      sink.chunks.length = 0;
      return true;
    };
    exchange.body.pump(sink);
    exchange.body.pause();
    const sent = await untilStill(() => connection.sent);
    assert.ok(sent < 16 * MB);
    assert.equal(sink.bytes, await untilStill(() => sink.bytes));
    exchange.body.resume();
    await sink.settled;
    assert.deepEqual([sink.bytes, sink.ends], [32 * MB, 1]);
  });

  for (const how of ['half-closes', 'resets'] as const) {
    for (const [coding, head] of [
      ['a declared length', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc'],
      ['chunks', `${CHUNKED}3\r\nabc\r\n`],
    ] as const) {
      test(`a client that ${how} in the middle of ${coding}: PG_BODY_INCOMPLETE once, never an end`, async (t) => {
        const host = await startHost(t, open);
        const connection = host.connect();
        void connection.write(head);
        const served = await host.next();
        const sink = new KeepingSink();
        const first = Promise.withResolvers<void>();
        sink.accept = () => {
          first.resolve();
          return true;
        };
        served.exchange.body.pump(sink);
        await first.promise;
        if (how === 'resets') connection.socket.resetAndDestroy();
        else connection.socket.end();
        await sink.settled;
        served.exchange.answer(400, [], new Uint8Array());
        await served.done;
        await turns();
        assert.deepEqual(
          [sink.text, sink.ends, sink.failures.map(({ pg }) => pg)],
          ['abc', 0, ['PG_BODY_INCOMPLETE']],
        );
        assert.equal(served.goneCount, how === 'resets' ? 1 : 0);
        assert.equal(served.doneCount, 1);
      });
    }
  }

  test('a body that broke off before anybody pumped it fails then', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc');
    const served = await host.next();
    connection.socket.resetAndDestroy();
    await served.gone;
    await assertFails(served.exchange);
  });

  test('a complete body that nobody has read when the client leaves fails as well: one of both always comes', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc');
    const served = await host.next();
    await turns();
    connection.socket.resetAndDestroy();
    await served.gone;
    await assertFails(served.exchange);
  });

  for (const [coding, request] of [
    ['a declared length', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc'],
    ['chunks', `${CHUNKED}3\r\nabc\r\n0\r\n\r\n`],
  ] as const) {
    test(`a client that closes behind a complete body of ${coding} has left, though nobody has read it`, async (t) => {
      const host = await startHost(t, open);
      const connection = host.connect();
      void connection.write(request);
      const served = await host.next();
      await turns();
      connection.socket.end();
      await served.gone;
      await served.done;
      await assertFails(served.exchange);
    });
  }

  test('cancel stops the delivery, without an end and without a failure; the answer still goes out', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(`${CHUNKED}3\r\nabc\r\n`);
    const { exchange } = await host.next();
    const sink = new KeepingSink();
    const first = Promise.withResolvers<void>();
    sink.accept = () => {
      first.resolve();
      return true;
    };
    exchange.body.pump(sink);
    await first.promise;
    exchange.body.cancel(new GatewayError('PG_BODY_TOO_LARGE', 'enough'));
    void connection.write('3\r\ndef\r\n0\r\n\r\n');
    await turns();
    exchange.answer(413, [], Buffer.from('enough'));
    assert.equal((await connection.answer()).status, 413);
    await turns();
    assert.deepEqual([sink.text, sink.ends, sink.failures.length], ['abc', 0, 0]);
  });

  test('cancel by the sink in the middle of its chunk', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(`${CHUNKED}3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n`);
    const { exchange } = await host.next();
    const sink = new KeepingSink();
    sink.accept = () => {
      exchange.body.cancel(new GatewayError('PG_BODY_TOO_LARGE', 'enough'));
      return false;
    };
    exchange.body.pump(sink);
    await turns();
    exchange.answer(413, [], new Uint8Array());
    await connection.answer();
    await turns();
    assert.deepEqual([sink.text, sink.ends, sink.failures.length], ['abc', 0, 0]);
  });
}

async function assertFails(exchange: { body: { pump(sink: KeepingSink): void } }): Promise<void> {
  const sink = new KeepingSink();
  exchange.body.pump(sink);
  await sink.settled;
  await turns();
  assert.deepEqual([sink.ends, sink.failures.map(({ pg }) => pg)], [0, ['PG_BODY_INCOMPLETE']]);
}

/** Sends a body as fast as the system takes it. */
async function sendAll(connection: RawConnection, bytes: number): Promise<void> {
  await connection.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${bytes}\r\n\r\n`);
  const chunk = Buffer.alloc(1 << 16, 'x');
  for (let sent = 0; sent < bytes; sent += chunk.length) await connection.write(chunk);
}
