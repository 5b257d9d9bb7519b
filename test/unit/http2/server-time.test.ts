/** The bounds of time of a client's connection: each ends one stream or the connection, and says its name. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KeepingSink, turns } from '../../contract/exchange/host.ts';
import { rawFrame, SETTINGS } from '../../support/http2-frames.ts';
import {
  codeOf,
  openRawClient,
  PREFACE,
  requestBlock,
  Type,
} from '../../support/http2-raw-client.ts';
import { accepted, passes, startBounded } from '../../support/http2-bounded.ts';

const CANCEL = 8;
const END_HEADERS = 4;
const REQUEST = requestBlock();

const head = (id: number, ends = true): Buffer =>
  rawFrame(Type.headers, ends ? 5 : END_HEADERS, id, REQUEST);
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

describe('time', () => {
  test('no first byte', async (t) => {
    const server = await startBounded(t);
    const client = openRawClient(t, server.port, true);
    await accepted(server);
    await passes(server, 9_900);
    assert.deepEqual(server.stopped, []);
    await passes(server, 5_000);
    assert.deepEqual(server.stopped, ['first_byte']);
    await client.closed;
  });

  for (const [name, ...parts] of [
    ['a preface', PREFACE.subarray(0, 10)],
    ['SETTINGS', PREFACE, SETTINGS.subarray(0, 4)],
  ] as const) {
    test(`half of ${name}`, async (t) => {
      const server = await startBounded(t);
      const client = openRawClient(t, server.port, true);
      client.write(...parts);
      await accepted(server);
      await passes(server, 9_000);
      assert.deepEqual(server.stopped, []);
      await passes(server, 5_000);
      assert.deepEqual(server.stopped, ['head']);
      await client.closed;
    });
  }

  for (const [name, begin, drip] of [
    ['a frame that comes byte by byte', head(1).subarray(0, 20), Buffer.of(0)],
    [
      'a block that comes frame by frame',
      rawFrame(Type.headers, 1, 1, REQUEST),
      rawFrame(Type.continuation, 0, 1),
    ],
  ] as const) {
    test(`the head: ${name}`, async (t) => {
      const server = await startBounded(t);
      const client = openRawClient(t, server.port);
      await client.roundTrip();
      client.write(begin);
      for (let i = 0; i < 14 && server.stopped.length === 0; i++) {
        await turns();
        server.clock.advance(1_000);
        if (server.stopped.length === 0) client.write(drip);
      }
      assert.deepEqual(server.stopped, ['head']);
      await client.closed;
    });
  }

  test('a body that stands still fails for its reader; the answer goes out', async (t) => {
    const sink = new KeepingSink();
    const server = await startBounded(t, (exchange) => exchange.body.pump(sink));
    const client = openRawClient(t, server.port);
    client.write(head(1, false));
    for (let i = 0; i < 5; i++) {
      client.write(rawFrame(Type.data, 0, 1, '00'));
      await client.roundTrip();
      await passes(server, 12_000);
    }
    assert.deepEqual([server.stopped, sink.bytes], [[], 5]);
    await passes(server, 20_000);
    assert.deepEqual(server.stopped, ['body']);
    await sink.settled;
    assert.equal(sink.failures[0]?.pg, 'PG_BODY_TIMEOUT');
    for (const exchange of server.live) exchange.answer(408, [], Buffer.from('late'));
    const data = await client.until(({ type }) => type === Type.data);
    assert.equal(data.payload.toString(), 'late');
    const reset = await client.until(({ type }) => type === Type.reset);
    assert.equal(codeOf(reset), 0);
  });

  test('a body that nobody waits for may stand still', async (t) => {
    const server = await startBounded(t);
    const client = openRawClient(t, server.port);
    client.write(head(1, false));
    await client.roundTrip();
    await passes(server, 50_000);
    await client.roundTrip();
    assert.deepEqual(server.stopped, []);
  });

  test('an answer that a window holds up is cut, and its exchange told', async (t) => {
    const server = await startBounded(t, (exchange) =>
      exchange.answer(200, [], Buffer.alloc(1_000)),
    );
    const client = openRawClient(t, server.port, true);
    client.write(PREFACE, rawFrame(Type.settings, 0, 0, '000400000000'), head(1));
    for (let i = 0; i < 3; i++) {
      await client.roundTrip();
      await passes(server, 20_000);
      client.write(rawFrame(Type.windowUpdate, 0, 1, uint32(100)));
    }
    await client.roundTrip();
    assert.deepEqual([server.stopped, server.gone], [[], 0]);
    await passes(server, 40_000);
    assert.deepEqual([server.stopped, server.gone], [['write'], 1]);
    const reset = await client.until(({ type }) => type === Type.reset);
    assert.equal(codeOf(reset), CANCEL);
  });

  test('a socket that takes nothing is closed', async (t) => {
    const server = await startBounded(t, (exchange) =>
      exchange.answer(200, [], Buffer.alloc(32 << 20)),
    );
    const client = openRawClient(t, server.port, true);
    const wide = rawFrame(Type.settings, 0, 0, '00047fffffff');
    const window = rawFrame(Type.windowUpdate, 0, 0, uint32(2 ** 30));
    client.write(PREFACE, wide, window, head(1));
    client.socket.pause();
    await accepted(server);
    await turns(200);
    await passes(server, 45_000);
    assert.deepEqual([server.stopped, server.gone], [['write'], 1]);
  });

  test('a connection without requests ends in peace', async (t) => {
    const server = await startBounded(t, (exchange) => exchange.answer(200, [], new Uint8Array()));
    const client = openRawClient(t, server.port);
    client.write(head(1));
    await client.roundTrip();
    await passes(server, 59_000);
    assert.deepEqual(server.stopped, []);
    await passes(server, 5_000);
    assert.deepEqual(server.stopped, ['idle']);
    const goaway = await client.until(({ type }) => type === Type.goaway);
    assert.deepEqual([codeOf(goaway), codeOf(goaway, 4)], [2 ** 31 - 1, 0]);
    await passes(server, 2_000);
    await client.closed;
    assert.equal(server.clock.pending, 0, 'no timer is left behind');
  });
});
