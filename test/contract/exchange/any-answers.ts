/** Heads and answers over any version of HTTP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../src/call/error.ts';
import { untilStill } from '../../support/raw-connection.ts';
import { type OpenExchangeHost, startHost, turns } from './host.ts';
import type { OpenPeer, PeerAnswer } from './peer.ts';
import { writeAll } from './writer.ts';

const MB = 1 << 20;

export function anyAnswerCases(open: OpenExchangeHost, openPeer: OpenPeer): void {
  test('the head is what was sent', async (t) => {
    const host = await startHost(t, open);
    openPeer(t, host.port).request({
      verb: 'DELETE',
      target: '/a%2Fb/../c?d=%20&e',
      headers: [
        ['x-a', '1'],
        ['x-b', 'ä'],
        ['x-a', '2'],
        ['cookie', 'a=1; b=2'],
      ],
    });
    const { head } = (await host.next()).exchange;
    assert.deepEqual(
      [head.verb, head.path, head.query, head.authority, head.scheme, head.peer],
      ['DELETE', '/a%2Fb/../c', 'd=%20&e', 'a.test', 'http', '127.0.0.1'],
    );
    assert.deepEqual(
      [head.header('x-a'), head.header('x-none'), head.header('cookie'), head.hasBody],
      ['1, 2', undefined, 'a=1; b=2', false],
    );
    const seen: [string, string][] = [];
    head.eachHeader((name, value) => {
      if (name.startsWith('x-')) seen.push([name, value]);
    });
    assert.deepEqual(seen, [
      ['x-a', '1'],
      ['x-b', 'ä'],
      ['x-a', '2'],
    ]);
  });

  test('a whole answer: status, headers with repeats, length, body', async (t) => {
    const host = await startHost(t, open);
    const { answer } = openPeer(t, host.port).request();
    const served = await host.next();
    served.exchange.answer(201, ['X-a', '1', 'x-b', '2', 'x-a', '3'], Buffer.from('hällo'));
    const got = await answer;
    assert.equal(got.status, 201);
    assert.deepEqual(valuesOf(got, 'x-a'), ['1', '3']);
    assert.deepEqual(valuesOf(got, 'content-length'), ['6']);
    assert.equal(valuesOf(got, 'date').length, 1);
    assert.equal(got.body.toString(), 'hällo');
    await served.done;
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  for (const [name, status, verb, length] of [
    ['204', 204, 'GET', []],
    ['304', 304, 'GET', []],
    ['HEAD', 200, 'HEAD', ['5']],
  ] as const) {
    test(`${name} has no body, and the client can ask again`, async (t) => {
      const host = await startHost(t, open);
      const peer = openPeer(t, host.port);
      const { answer } = peer.request({ verb });
      (await host.next()).exchange.answer(status, [], Buffer.from(verb === 'HEAD' ? '12345' : ''));
      const got = await answer;
      assert.deepEqual([got.status, got.body.length], [status, 0]);
      assert.deepEqual(valuesOf(got, 'content-length'), length);
      const again = peer.request();
      (await host.next()).exchange.answer(200, [], Buffer.from('next'));
      assert.equal((await again.answer).body.toString(), 'next');
    });
  }

  for (const [name, status, verb] of [
    ['204', 204, 'GET'],
    ['304', 304, 'GET'],
    ['HEAD', 200, 'HEAD'],
  ] as const) {
    test(`a streamed answer to ${name} has no body either`, async (t) => {
      const host = await startHost(t, open);
      const peer = openPeer(t, host.port);
      const { answer } = peer.request({ verb });
      const served = await host.next();
      const sink = served.exchange.start(status, ['x-a', '1']);
      if (verb === 'HEAD') sink.write(Buffer.from('none of it'));
      sink.end(null);
      const got = await answer;
      assert.deepEqual([got.status, got.body.length, valuesOf(got, 'x-a')], [status, 0, ['1']]);
      await served.done;
      assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
      const again = peer.request();
      (await host.next()).exchange.answer(200, [], Buffer.from('next'));
      assert.equal((await again.answer).body.toString(), 'next');
    });
  }

  test('a whole answer with trailers', async (t) => {
    const host = await startHost(t, open);
    const { answer } = openPeer(t, host.port).request({ headers: [['te', 'trailers']] });
    const { exchange } = await host.next();
    exchange.answer(200, [], Buffer.from('body'), ['x-t', '1']);
    const { body, trailers } = await answer;
    assert.deepEqual([body.toString(), trailers], ['body', [['x-t', '1']]]);
  });

  test('one larger than any buffer arrives in full', async (t) => {
    const host = await startHost(t, open);
    const { answer } = openPeer(t, host.port).request();
    const served = await host.next();
    served.exchange.answer(200, [], Buffer.alloc(8 * MB, 'x'));
    assert.equal((await answer).body.length, 8 * MB);
    await served.done;
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('reset cuts without an answer; that is no leaving of the client', async (t) => {
    const host = await startHost(t, open);
    const { answer } = openPeer(t, host.port).request();
    const served = await host.next();
    served.exchange.reset();
    await assert.rejects(answer);
    await served.done;
    await turns();
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('a client that leaves is told of, once, and the answer goes nowhere', async (t) => {
    const host = await startHost(t, open);
    const peer = openPeer(t, host.port);
    const request = peer.request();
    const served = await host.next();
    request.leave();
    await served.gone;
    served.exchange.answer(200, [], Buffer.from('late'));
    const late = served.exchange.start(200, []);
    late.write(Buffer.from('late'));
    late.end(null);
    served.exchange.reset();
    await served.done;
    await turns();
    assert.deepEqual([served.goneCount, served.doneCount], [1, 1]);
  });

  test('a streamed answer: the head first, each chunk as it is written, trailers behind', async (t) => {
    const host = await startHost(t, open);
    const request = openPeer(t, host.port).request();
    const served = await host.next();
    const sink = served.exchange.start(200, ['content-type', 'text/plain']);
    assert.equal(await request.head, 200);
    sink.write(Buffer.from('one'));
    await untilStill(() => request.got);
    assert.equal(request.got, 3);
    sink.write(Buffer.from('two'));
    assert.equal(served.doneCount, 0);
    sink.end(['x-t', '1', 'x-t', '2']);
    const { body, trailers } = await request.answer;
    assert.equal(body.toString(), 'onetwo');
    assert.deepEqual(trailers, [
      ['x-t', '1'],
      ['x-t', '2'],
    ]);
    await served.done;
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('a stream without a chunk ends properly', async (t) => {
    const host = await startHost(t, open);
    const { answer } = openPeer(t, host.port).request();
    (await host.next()).exchange.start(200, []).end(null);
    assert.equal((await answer).body.length, 0);
  });

  test('fail is seen as a cut, and no leaving of the client', async (t) => {
    const host = await startHost(t, open);
    const request = openPeer(t, host.port).request();
    const served = await host.next();
    const sink = served.exchange.start(200, []);
    sink.write(Buffer.from('one'));
    await request.head;
    sink.fail(new GatewayError('PG_UPSTREAM_RESET', 'cut'));
    await assert.rejects(request.answer);
    await served.done;
    await turns();
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('a reader that stops makes the writer stop within some MB; drain comes when it goes on', async (t) => {
    const host = await startHost(t, open);
    const request = openPeer(t, host.port).request();
    request.reads = false;
    const served = await host.next();
    const writer = writeAll(served.exchange.start(200, []), 64 * MB);
    const held = await untilStill(() => writer.written);
    assert.equal(writer.waiting, true, 'write must have returned false');
    assert.ok(held < 16 * MB, `${held} bytes are held for a reader that does not read`);
    request.reads = true;
    assert.equal((await request.answer).body.length, 64 * MB);
    await served.done;
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('a client that leaves lets a writer go that waits', async (t) => {
    const host = await startHost(t, open);
    const request = openPeer(t, host.port).request();
    request.reads = false;
    const served = await host.next();
    const writer = writeAll(served.exchange.start(200, []), 64 * MB);
    await untilStill(() => writer.written);
    assert.equal(writer.waiting, true);
    request.leave();
    await served.done;
    await writer.finished;
    assert.deepEqual([served.goneCount, served.doneCount], [1, 1]);
  });
}

function valuesOf({ headers }: PeerAnswer, wanted: string): string[] {
  return headers.filter(([name]) => name === wanted).map(([, value]) => value);
}
