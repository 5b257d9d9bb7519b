/** What happens between two exchanges of a connection, and to a connection whose upload nobody reads to its end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'undici';
import { untilStill } from '../../support/raw-connection.ts';
import { KeepingSink, type OpenExchangeHost, startHost, turns } from './host.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const MB = 1 << 20;

export function connectionCases(open: OpenExchangeHost): void {
  test('a connection is used again, as undici does', async (t) => {
    const host = await startHost(t, open);
    const client = new Client(`http://127.0.0.1:${host.port}`);
    t.after(() => client.destroy());
    let connects = 0;
    client.on('connect', () => connects++);
    for (const text of ['one', 'two', 'three']) {
      const answer = client.request({ method: 'POST', path: '/', body: text });
      const { exchange } = await host.next();
      const sink = new KeepingSink();
      exchange.body.pump(sink);
      await sink.settled;
      exchange.answer(200, ['content-type', 'text/plain'], Buffer.from(sink.text));
      assert.equal(await (await answer).body.text(), text);
    }
    assert.equal(connects, 1);
  });

  test('pipelined requests are served one behind the other and answered in order', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    const requests = ['/1', '/2', '/3'].map((path) => GET.replace('/', path)).join('');
    void connection.write(requests);
    for (const [count, path] of [
      [1, '/1'],
      [2, '/2'],
      [3, '/3'],
    ] as const) {
      const served = await host.next();
      assert.equal(served.exchange.head.path, path);
      await turns();
      assert.equal(host.served, count, 'the next one waits for the end of this answer');
      const sink = served.exchange.start(200, []);
      sink.write(Buffer.from(path));
      await turns();
      assert.equal(host.served, count, 'the next one waits for the end of this answer');
      sink.end(null);
      assert.equal((await connection.answer()).body, path);
      await served.done;
      assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
    }
  });

  test('a pipelined request with a body waits with its body', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(`${GET}POST /2 HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc`);
    const first = await host.next();
    await turns();
    first.exchange.answer(200, [], Buffer.from('1'));
    const { exchange } = await host.next();
    const sink = new KeepingSink();
    exchange.body.pump(sink);
    await sink.settled;
    exchange.answer(200, [], Buffer.from(sink.text));
    assert.deepEqual(
      [(await connection.answer()).body, (await connection.answer()).body],
      ['1', 'abc'],
    );
  });

  for (const [coding, head, body] of [
    ['a counted body', 'content-length: 11', 'hello\r\nbody'],
    ['chunks', 'transfer-encoding: chunked', '5\r\nhello\r\n6\r\n\r\nbody\r\n0\r\n\r\n'],
  ] as const) {
    for (const place of ['end', 'write'] as const) {
      test(`an answer from within the ${place} of the sink of ${coding} leaves the next request what it is`, async (t) => {
        const host = await startHost(t, open);
        const connection = host.connect();
        void connection.write(`POST / HTTP/1.1\r\nhost: a\r\n${head}\r\n\r\n`);
        const first = await host.next();
        const answer = (): void => first.exchange.answer(200, [], Buffer.from('first'));
        const sink = new KeepingSink();
        sink.accept = () => {
          if (place === 'write') answer();
          return true;
        };
        if (place === 'end') sink.end = answer;
        first.exchange.body.pump(sink);
        void connection.write(`${body}GET /next HTTP/1.1\r\nhost: a\r\n\r\n`);
        const { headers, body: got } = await connection.answer();
        assert.equal(got, 'first');
        await first.done;
        if (new Map(headers).get('connection') === 'close') {
          assert.equal(place, 'write', 'a body that was read in full is no reason to close');
          await connection.closed;
          assert.deepEqual([host.served, connection.received], [1, '']);
          return;
        }
        const { exchange } = await host.next();
        assert.equal(exchange.head.path, '/next');
        exchange.answer(200, [], Buffer.from('second'));
        assert.equal((await connection.answer()).body, 'second');
      });
    }
  }

  test('a client that leaves takes its pipelined requests along: they are never served', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(GET + GET);
    const served = await host.next();
    await turns();
    connection.socket.resetAndDestroy();
    await served.gone;
    await turns();
    assert.equal(host.served, 1);
    assert.deepEqual([served.goneCount, served.doneCount], [1, 1]);
  });

  test('a flood of pipelined requests is not read while the first is at work', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    const many = Buffer.from(GET.repeat(2_000));
    const flood = (async () => {
      for (let i = 0; i < 512 && !connection.socket.destroyed; i++) await connection.write(many);
    })();
    await host.next();
    const sent = await untilStill(() => connection.sent);
    assert.ok(sent < 16 * MB, `${sent} bytes of requests were taken behind the first`);
    connection.socket.destroy();
    await flood;
    assert.equal(host.served, 1);
  });

  test('Expect: 100-continue is answered, then the body comes', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n',
    );
    const { exchange } = await host.next();
    const sink = new KeepingSink();
    exchange.body.pump(sink);
    assert.equal((await connection.answer()).status, 100);
    void connection.write('abc');
    await sink.settled;
    exchange.answer(200, [], Buffer.from(sink.text));
    assert.equal((await connection.answer()).body, 'abc');
  });

  test('an upload that nobody wants is not asked for: the answer comes instead of 100', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n',
    );
    const served = await host.next();
    await turns();
    served.exchange.answer(413, [], Buffer.from('no'));
    const { status, body } = await connection.answer();
    assert.deepEqual([status, body], [413, 'no']);
    assert.equal(await connection.closed, 'end');
    await served.done;
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('another Expect is passed over (RFC 9110 section 10.1.1)', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write('GET / HTTP/1.1\r\nhost: a\r\nexpect: tea\r\n\r\n');
    (await host.next()).exchange.answer(200, [], Buffer.from('x'));
    assert.equal((await connection.answer()).body, 'x');
  });

  test('a client that closes its side before the answer is leaving: closing both looks the same', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(GET);
    const served = await host.next();
    connection.socket.end();
    await served.done;
    assert.deepEqual([served.goneCount, served.doneCount], [1, 1]);
  });

  for (const how of ['whole', 'streamed'] as const) {
    test(`a ${how} answer before the end of the upload reaches a client that writes first and reads then`, async (t) => {
      const host = await startHost(t, open);
      const connection = host.connect();
      connection.socket.pause();
      await connection.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n');
      await connection.write('x'.repeat(10_000));
      const served = await host.next();
      if (how === 'whole') {
        served.exchange.answer(413, [], Buffer.from('enough'));
      } else {
        const sink = served.exchange.start(413, []);
        sink.write(Buffer.from('enough'));
        sink.end(null);
      }
      await served.done;
      await turns();
      for (let i = 0; i < 9; i++) {
        await connection.write('x'.repeat(10_000));
        await turns(5);
      }
      assert.equal(connection.sent > 100_000, true, 'nothing of the upload was refused');
      connection.socket.resume();
      const { status, body } = await connection.answer();
      assert.deepEqual([status, body], [413, 'enough']);
      assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
    });
  }

  test('an upload without end is cut at a cap, its answer has gone out before', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
    const served = await host.next();
    served.exchange.answer(413, [], Buffer.from('enough'));
    assert.equal((await connection.answer()).body, 'enough');
    const chunk = Buffer.from(`10000\r\n${'x'.repeat(1 << 16)}\r\n`);
    const flood = (async () => {
      for (let i = 0; i < 1_000 && !connection.socket.destroyed; i++) await connection.write(chunk);
    })();
    await Promise.all([flood, connection.closed]);
    assert.ok(connection.sent < 16 * MB, `${connection.sent} bytes went into nothing`);
    await served.done;
    assert.equal(served.doneCount, 1);
  });

  test('an upload that stands still is cut after a while', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\nx');
    const served = await host.next();
    served.exchange.answer(413, [], Buffer.from('enough'));
    assert.equal((await connection.answer()).body, 'enough');
    await served.done;
    await turns();
    host.clock.advance(5_000);
    await new Promise((resolve) => {
      connection.socket.on('error', resolve);
      connection.socket.on('close', resolve);
      void connection.closed.then(resolve);
    });
    assert.equal(host.clock.pending, 0, 'no timer is left behind');
  });
}
