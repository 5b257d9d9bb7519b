/** PING: when it is sent, what becomes of a service that does not answer, and of one that has had enough of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, test, type TestContext } from 'node:test';
import { createSecureContext } from 'node:tls';
import type { EndpointNumbers } from '../../../src/telemetry/endpoint-numbers.ts';
import { makeCertificates } from '../../support/certificates.ts';
import {
  HEAD_BLOCK,
  rawFrame,
  type RawPeer,
  SETTINGS,
  startRawPeer,
} from '../../support/http2-frames.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { answer, poolTo, startHoldingService } from '../../support/pool.ts';
import { startScriptedGrpc } from '../../support/scripted-grpc.ts';

const SECOND = 1_000;
const PING = 6;
const keepalive = { intervalMs: 60 * SECOND, timeoutMs: 20 * SECOND, withoutStreams: false };
const pongTo = (payload: Buffer): Buffer => rawFrame(PING, 1, 0, payload);

describe('keepalive', () => {
  test('a silent service with a stream is asked; an answer is enough', async (t) => {
    const service = await startHoldingService(t);
    const { pool, clock, call } = poolTo(t, service.port, { keepalive });
    call();
    await service.holds(1);
    // What has come since the connection was ready (an acknowledgement, a window) counts as a sign of life: after 60 s or after 120.
    advanceToPing(pool, clock, 1);
    const received = pool.bytesReceived;
    while (pool.bytesReceived === received) await turn();
    clock.advance(20 * SECOND);
    assert.deepEqual([pool.connections, pool.streams], [1, 1]);
    answer(service.held[0]);
  });

  test('no answer in time: its calls fail, and the next one connects anew', async (t) => {
    const peer = await start(t);
    const { pool, clock, call } = poolTo(t, peer.port, { keepalive });
    const { ended } = call();
    await peer.until(({ type }) => type === 1);
    clock.advance(60 * SECOND);
    await peer.until(({ type }) => type === PING);
    clock.advance(20 * SECOND - 1);
    assert.equal(pool.connections, 1);
    clock.advance(1);
    const error = await ended;
    assert.deepEqual([error?.pg, error?.reached], ['PG_UPSTREAM_RESET', 'maybe']);
    assert.match(String(error?.cause), /no answer to a PING within 20000 ms/);
    assert.deepEqual([pool.connections, pool.lost, clock.pending], [0, 1, 0]);
    call();
    while (pool.connectionsMade < 2) await turn();
  });

  test('without streams nobody is asked, unless it is said', async (t) => {
    for (const [withoutStreams, pings] of [
      [false, 0],
      [true, 1],
    ] as const) {
      const peer = await start(t);
      const settings = { warm: 1, keepalive: { ...keepalive, withoutStreams } };
      const { pool, clock } = poolTo(t, peer.port, settings);
      pool.warm();
      while (pool.connections === 0) await turn();
      clock.advance(60 * SECOND);
      assert.equal(pool.pings, pings);
    }
  });

  test('too many pings: the interval doubles for the connections to come', async (t) => {
    const peer = await start(t);
    const { pool, clock, call } = poolTo(t, peer.port, { keepalive });
    peer.answer = Buffer.alloc(0);
    const { ended } = call();
    await peer.until(({ type }) => type === 1);
    clock.advance(60 * SECOND);
    await peer.until(({ type }) => type === PING);
    const goaway = rawFrame(7, 0, 0, Buffer.from('000000010000000b', 'hex'));
    peer.send(Buffer.concat([goaway, rawFrame(1, 5, 1, HEAD_BLOCK)]));
    assert.equal(await ended, undefined);
    call();
    while (pool.connections === 0) await turn();
    clock.advance(119 * SECOND);
    assert.equal(pool.pings, 1);
    clock.advance(SECOND);
    assert.equal(pool.pings, 2);
  });

  test('ENHANCE_YOUR_CALM without a PING of ours says nothing about them', async (t) => {
    const peer = await start(t);
    const { pool, clock, call } = poolTo(t, peer.port, { keepalive });
    peer.answer = rawFrame(7, 0, 0, Buffer.from('000000000000000b', 'hex'));
    assert.equal((await call().ended)?.reached, 'no');
    peer.answer = Buffer.alloc(0);
    call();
    while (pool.connections === 0) await turn();
    clock.advance(60 * SECOND);
    assert.equal(pool.pings, 1);
  });
});

test('keepalive over TLS: its answer counts, and its absence', async (t) => {
  const { ca, loopback } = makeCertificates();
  const service = await startScriptedGrpc(0, loopback);
  t.after(() => service.close());
  const called = Promise.withResolvers<Duplex>();
  service.script = ({ stream }) => called.resolve(stream);
  // Between the two, so that nothing of the service comes through any more.
  const answers: Socket[] = [];
  const wire = createServer((client) => {
    const toService = connect(service.port, '127.0.0.1');
    client.pipe(toService).pipe(client);
    answers.push(toService);
    client.on('close', () => toService.destroy());
    for (const socket of [client, toService]) socket.on('error', () => socket.destroy());
  });
  wire.listen(0, '127.0.0.1');
  await once(wire, 'listening');
  t.after(() => wire.close());
  const { port } = wire.address() as AddressInfo;
  const context = createSecureContext({ ca });
  const tls = { context, serverName: undefined, session: undefined };
  const { pool, clock, call } = poolTo(t, port, { keepalive }, tls);
  const { ended } = call();
  await called.promise;
  advanceToPing(pool, clock, 1);
  const received = pool.bytesReceived;
  while (pool.bytesReceived === received) await turn();
  clock.advance(20 * SECOND);
  assert.deepEqual([pool.connections, pool.pings], [1, 1]);
  for (const socket of answers) socket.unpipe();
  advanceToPing(pool, clock, 2);
  clock.advance(20 * SECOND);
  assert.match(String((await ended)?.cause), /no answer to a PING/);
});

describe('a call that was given up without a byte from the service', () => {
  test('asks whether it is there: if not, the connection is not used again', async (t) => {
    const peer = await start(t);
    const { pool, clock, call } = poolTo(t, peer.port, { keepalive });
    const { stream } = call();
    await peer.until(({ type }) => type === 1);
    clock.advance(10 * SECOND);
    stream.cancel();
    await peer.until(({ type }) => type === PING);
    clock.advance(20 * SECOND);
    while (pool.connections > 0) await turn();
    assert.equal(clock.pending, 0);
  });

  test('a service that answers the PING keeps it, and is not asked again before the interval', async (t) => {
    const peer = await start(t);
    const { pool, clock, call } = poolTo(t, peer.port, { keepalive });
    const [first, lost] = [call(), call()];
    await peer.until(({ type, id }) => type === 1 && id === 3);
    first.stream.cancel();
    const { payload } = await peer.until(({ type }) => type === PING);
    const before = pool.bytesReceived;
    peer.send(pongTo(payload));
    while (pool.bytesReceived === before) await turn();
    clock.advance(20 * SECOND);
    lost.stream.cancel();
    call().stream.cancel();
    assert.deepEqual([pool.connections, pool.pings], [1, 1]);
    clock.advance(60 * SECOND);
    call().stream.cancel();
    assert.equal(pool.pings, 2);
  });

  test('a service that has answered a call since is asked again at once', async (t) => {
    const peer = await start(t);
    const { pool, clock, call } = poolTo(t, peer.port, { keepalive });
    const calls = [call(), call(), call()];
    await peer.until(({ type, id }) => type === 1 && id === 5);
    calls[0]?.stream.cancel();
    const { payload } = await peer.until(({ type }) => type === PING);
    const before = pool.bytesReceived;
    peer.send(pongTo(payload));
    while (pool.bytesReceived < before + 17) await turn();
    clock.advance(20 * SECOND);
    const last = call();
    peer.send(rawFrame(1, 5, 3, HEAD_BLOCK));
    assert.equal(await calls[1]?.ended, undefined);
    last.stream.cancel();
    assert.equal(pool.pings, 1, 'something has come since it was opened');
    call().stream.cancel();
    assert.equal(pool.pings, 2);
  });

  test('nobody is asked where keepalive is off', async (t) => {
    const service = await startHoldingService(t);
    const { pool, call } = poolTo(t, service.port);
    const { stream } = call();
    await service.holds(1);
    stream.cancel();
    assert.equal(pool.pings, 0);
  });
});

async function start(t: TestContext): Promise<RawPeer> {
  const peer = await startRawPeer(SETTINGS);
  t.after(() => peer.close());
  return peer;
}

/** Within two intervals: bytes that came at the beginning of the first one count for it. */
function advanceToPing(pool: EndpointNumbers, clock: ManualClock, count: number): void {
  for (let second = 0; second < 120 && pool.pings < count; second++) clock.advance(SECOND);
  assert.equal(pool.pings, count);
}

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
