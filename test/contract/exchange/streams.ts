/** Exchange.start and its sink: what a slow or leaving reader means for the writer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../src/call/error.ts';
import { untilStill } from '../../support/raw-connection.ts';
import { type OpenExchangeHost, startHost, turns } from './host.ts';
import { writeAll } from './writer.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const MB = 1 << 20;

export function streamCases(open: OpenExchangeHost): void {
  test('the head goes out before the first chunk, each chunk as it is written', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(GET);
    const served = await host.next();
    const sink = served.exchange.start(200, ['content-type', 'text/plain', 'x-a', '1']);
    await connection.until('x-a: 1\r\n');
    sink.write(Buffer.from('one'));
    await connection.until('one');
    sink.write(Buffer.from('two'));
    await connection.until('two');
    assert.equal(served.doneCount, 0);
    sink.end(null);
    const { status, body, trailers } = await connection.answer();
    assert.deepEqual([status, body, trailers], [200, 'onetwo', []]);
    await served.done;
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('a stream without a chunk ends properly', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(GET);
    (await host.next()).exchange.start(200, []).end(null);
    assert.equal((await connection.answer()).body, '');
  });

  test('trailers come behind the last chunk', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(GET);
    const sink = (await host.next()).exchange.start(200, []);
    sink.write(Buffer.from('x'));
    sink.end(['x-t', '1', 'x-t', '2']);
    const { body, trailers } = await connection.answer();
    assert.equal(body, 'x');
    assert.deepEqual(trailers, [
      ['x-t', '1'],
      ['x-t', '2'],
    ]);
  });

  test('a reader of 64 MB that stops makes the writer stop within some MB; drain comes when it goes on', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    connection.socket.pause();
    let got = 0;
    connection.socket.removeAllListeners('data');
    connection.socket.pause();
    void connection.write(GET);
    const served = await host.next();
    const writer = writeAll(served.exchange.start(200, []), 64 * MB);
    const held = await untilStill(() => writer.written);
    assert.equal(writer.waiting, true, 'write must have returned false');
    assert.ok(held < 16 * MB, `${held} bytes are held for a reader that does not read`);
    connection.socket.on('data', (chunk) => (got += chunk.length));
    connection.socket.resume();
    await served.done;
    await untilStill(() => got);
    assert.equal(writer.written, 64 * MB);
    assert.ok(got >= 64 * MB);
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('fail is seen as a cut: no last chunk, and no leaving of the client', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(GET);
    const served = await host.next();
    const sink = served.exchange.start(200, []);
    sink.write(Buffer.from('one'));
    await connection.until('one');
    sink.fail(new GatewayError('PG_UPSTREAM_RESET', 'cut'));
    assert.equal(await connection.closed, 'reset');
    assert.doesNotMatch(connection.received, /\r\n0\r\n/);
    await served.done;
    await turns();
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('a client that leaves is told of, and a writer that waits is let go', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    connection.socket.removeAllListeners('data');
    connection.socket.pause();
    void connection.write(GET);
    const served = await host.next();
    const writer = writeAll(served.exchange.start(200, []), 64 * MB);
    await untilStill(() => writer.written);
    assert.equal(writer.waiting, true);
    connection.socket.resetAndDestroy();
    await served.done;
    await writer.finished;
    assert.deepEqual([served.goneCount, served.doneCount], [1, 1]);
  });

  test('HTTP/1.0 gets no chunks: the end of the connection ends the body', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write('GET / HTTP/1.0\r\n\r\n');
    const sink = (await host.next()).exchange.start(200, []);
    sink.write(Buffer.from('one'));
    sink.end(null);
    assert.equal(await connection.closed, 'end');
    assert.match(connection.received, /\r\n\r\none$/);
  });
}
