/** Request bodies over any version of HTTP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../src/call/error.ts';
import { untilStill } from '../../support/raw-connection.ts';
import { type Capabilities, KeepingSink, type OpenExchangeHost, startHost, turns } from './host.ts';
import type { OpenPeer, PeerRequest } from './peer.ts';

const MB = 1 << 20;
const UPLOAD = { verb: 'POST', body: true } as const;

export function anyBodyCases(
  open: OpenExchangeHost,
  openPeer: OpenPeer,
  { requestTrailers }: Capabilities,
): void {
  for (const [name, headers] of [
    ['of a length that was said', [['content-length', '6']]],
    ['of any length', []],
  ] as const) {
    test(`a body ${name} arrives in order and ends once`, async (t) => {
      const host = await startHost(t, open);
      const request = openPeer(t, host.port).request({ ...UPLOAD, headers });
      const { exchange } = await host.next();
      assert.equal(exchange.head.hasBody, true);
      const sink = new KeepingSink();
      exchange.body.pump(sink);
      for (const text of ['a', 'bcd', 'ef']) await request.write(Buffer.from(text));
      request.end();
      await sink.settled;
      exchange.answer(200, [], new Uint8Array());
      await request.answer;
      assert.deepEqual([sink.text, sink.ends, sink.failures.length], ['abcdef', 1, 0]);
    });
  }

  test('a body that is not there ends at once', async (t) => {
    const host = await startHost(t, open);
    openPeer(t, host.port).request();
    const { exchange } = await host.next();
    const sink = new KeepingSink();
    exchange.body.pump(sink);
    await sink.settled;
    assert.deepEqual([sink.bytes, sink.ends], [0, 1]);
  });

  test('a body that nobody has pumped yet waits', async (t) => {
    const host = await startHost(t, open);
    const request = openPeer(t, host.port).request(UPLOAD);
    const { exchange } = await host.next();
    for (let i = 0; i < 300; i++) void request.write(Buffer.from(`${i},`));
    request.end();
    await turns();
    const sink = new KeepingSink();
    exchange.body.pump(sink);
    await sink.settled;
    const expected = Array.from({ length: 300 }, (_, i) => `${i},`).join('');
    assert.deepEqual([sink.text, sink.ends], [expected, 1]);
  });

  test('a sink that returns false stops the sender; resume lets it go on', async (t) => {
    const host = await startHost(t, open);
    const request = openPeer(t, host.port).request(UPLOAD);
    void sendAll(request, 32 * MB);
    const { exchange } = await host.next();
    const sink = new KeepingSink();
    sink.accept = () => false;
    exchange.body.pump(sink);
    const sent = await untilStill(() => request.sent);
    assert.ok(sent < 16 * MB, `${sent} bytes went out to a sink that wants none`);
    assert.ok(sink.bytes <= 1 << 17, `${sink.bytes} bytes came behind the refusal`);
    const before = sink.bytes;
    exchange.body.resume();
    await turns();
    assert.ok(sink.bytes > before, 'resume must let the next chunk come');
    sink.accept = () => {
      sink.chunks.length = 0;
      return true;
    };
    exchange.body.resume();
    await sink.settled;
    assert.deepEqual([sink.bytes, sink.ends, sink.failures.length], [32 * MB, 1, 0]);
  });

  test('pause and resume from outside do the same', async (t) => {
    const host = await startHost(t, open);
    const request = openPeer(t, host.port).request(UPLOAD);
    void sendAll(request, 32 * MB);
    const { exchange } = await host.next();
    const sink = new KeepingSink();
    sink.accept = () => {
      sink.chunks.length = 0;
      return true;
    };
    exchange.body.pump(sink);
    exchange.body.pause();
    const sent = await untilStill(() => request.sent);
    assert.ok(sent < 16 * MB);
    assert.equal(sink.bytes, await untilStill(() => sink.bytes));
    exchange.body.resume();
    await sink.settled;
    assert.deepEqual([sink.bytes, sink.ends], [32 * MB, 1]);
  });

  test('a client that leaves in the middle: PG_BODY_INCOMPLETE once, never an end', async (t) => {
    const host = await startHost(t, open);
    const request = openPeer(t, host.port).request(UPLOAD);
    const served = await host.next();
    const sink = new KeepingSink();
    const first = Promise.withResolvers<void>();
    sink.accept = () => {
      first.resolve();
      return true;
    };
    served.exchange.body.pump(sink);
    await request.write(Buffer.from('abc'));
    await first.promise;
    request.leave();
    await sink.settled;
    await served.done;
    await turns();
    const codes = sink.failures.map(({ pg }) => pg);
    assert.deepEqual([sink.text, sink.ends, codes], ['abc', 0, ['PG_BODY_INCOMPLETE']]);
    assert.deepEqual([served.goneCount, served.doneCount], [1, 1]);
  });

  for (const [name, complete] of [
    ['a body that broke off', false],
    ['a complete body that nobody has read', true],
  ] as const) {
    test(`${name} before anybody pumped it fails then`, async (t) => {
      const host = await startHost(t, open);
      const request = openPeer(t, host.port).request(UPLOAD);
      const served = await host.next();
      await request.write(Buffer.from('abc'));
      if (complete) request.end();
      await turns();
      request.leave();
      await served.gone;
      const sink = new KeepingSink();
      served.exchange.body.pump(sink);
      await sink.settled;
      const codes = sink.failures.map(({ pg }) => pg);
      assert.deepEqual([sink.ends, codes], [0, ['PG_BODY_INCOMPLETE']]);
    });
  }

  for (const by of ['its reader', 'the sink in the middle of a chunk'] as const) {
    test(`cancel by ${by} stops the delivery, without an end or a failure; the answer goes out`, async (t) => {
      const host = await startHost(t, open);
      const request = openPeer(t, host.port).request(UPLOAD);
      const { exchange } = await host.next();
      const cancel = (): void =>
        exchange.body.cancel(new GatewayError('PG_BODY_TOO_LARGE', 'enough'));
      const sink = new KeepingSink();
      const first = Promise.withResolvers<void>();
      sink.accept = () => {
        if (by !== 'its reader') cancel();
        first.resolve();
        return by === 'its reader';
      };
      exchange.body.pump(sink);
      await request.write(Buffer.from('abc'));
      await first.promise;
      if (by === 'its reader') cancel();
      void request.write(Buffer.from('def'));
      await turns();
      exchange.answer(413, [], Buffer.from('enough'));
      assert.equal((await request.answer).status, 413);
      await turns();
      assert.deepEqual([sink.text, sink.ends, sink.failures.length], ['abc', 0, 0]);
    });
  }

  test('an answer before the end of the upload reaches the client', async (t) => {
    const host = await startHost(t, open);
    const request = openPeer(t, host.port).request(UPLOAD);
    await request.write(Buffer.alloc(10_000));
    const served = await host.next();
    served.exchange.answer(413, [], Buffer.from('enough'));
    const { status, body } = await request.answer;
    assert.deepEqual([status, body.toString()], [413, 'enough']);
    await served.done;
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  for (const how of ['whole', 'streamed'] as const) {
    test(`a ${how} answer before the end of the upload comes with its trailers`, async (t) => {
      const host = await startHost(t, open);
      const headers = [['te', 'trailers']] as const;
      const request = openPeer(t, host.port).request({ ...UPLOAD, headers });
      await request.write(Buffer.alloc(10_000));
      const { exchange } = await host.next();
      if (how === 'whole') exchange.answer(200, [], new Uint8Array(), ['x-t', '1']);
      else exchange.start(200, []).end(['x-t', '1']);
      const { status, trailers } = await request.answer;
      assert.deepEqual([status, trailers], [200, [['x-t', '1']]]);
    });
  }

  test('Expect: 100-continue is answered when somebody wants the body', async (t) => {
    const host = await startHost(t, open);
    const request = openPeer(t, host.port).request({
      ...UPLOAD,
      headers: [['expect', '100-continue']],
    });
    const { exchange } = await host.next();
    await turns();
    assert.equal(request.continues, 0, 'nobody wants it yet');
    const sink = new KeepingSink();
    exchange.body.pump(sink);
    await untilStill(() => request.continues);
    assert.equal(request.continues, 1);
    await request.write(Buffer.from('abc'));
    request.end();
    await sink.settled;
    exchange.answer(200, [], Buffer.from(sink.text));
    assert.equal((await request.answer).body.toString(), 'abc');
    assert.equal(request.continues, 1);
  });

  test('a body that waits to be asked for and nobody wants gets the answer alone', async (t) => {
    const host = await startHost(t, open);
    const request = openPeer(t, host.port).request({
      ...UPLOAD,
      headers: [['expect', '100-continue']],
    });
    const served = await host.next();
    served.exchange.answer(413, [], Buffer.from('no'));
    const { status, body } = await request.answer;
    assert.deepEqual([status, body.toString(), request.continues], [413, 'no', 0]);
    await served.done;
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test(`trailers behind a body ${requestTrailers ? 'come with its end' : 'are discarded'}`, async (t) => {
    const host = await startHost(t, open);
    const trailers = [
      ['x-t', '1'],
      ['x-u', '2'],
    ] as const;
    const request = openPeer(t, host.port).request({ ...UPLOAD, trailers });
    const { exchange } = await host.next();
    const sink = new KeepingSink();
    exchange.body.pump(sink);
    await request.write(Buffer.from('abc'));
    request.end();
    await sink.settled;
    exchange.answer(200, [], Buffer.from(sink.text));
    assert.equal((await request.answer).body.toString(), 'abc');
    assert.deepEqual(sink.trailers, requestTrailers ? trailers.flat() : null);
    assert.equal(exchange.head.header('x-t'), undefined, 'a trailer is no header');
  });
}

/** Sends a body as fast as it is taken. */
async function sendAll(request: PeerRequest, bytes: number): Promise<void> {
  const chunk = Buffer.alloc(1 << 16, 'x');
  for (let sent = 0; sent < bytes; sent += chunk.length) await request.write(chunk);
  request.end();
}
