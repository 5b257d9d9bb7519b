/** Clients that do not wait for the end: what runs for them is cancelled, and nothing stays open. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { turns } from '../contract/exchange/host.ts';
import { assertRecovers, flush, startFaultGateway } from '../support/fault-gateway.ts';
import { request } from '../support/raw-http.ts';
import { envelope, respond } from '../support/scripted-grpc.ts';

const get = '/v1/items/a';
const watch = '/v1/items:watch';
const COUNT = 500;

describe('HEAD on a stream', () => {
  test('gets the head and ends the call with the first message', async (t) => {
    const harness = await startFaultGateway(t);
    const closed = Promise.withResolvers<void>();
    harness.peer.script = ({ stream }) => {
      stream.on('close', closed.resolve);
      respond(stream, { 'grpc-status': '0' });
      stream.write(envelope({ name: 'one' }));
    };
    const answer = await harness.send('HEAD', watch);
    assert.deepEqual(
      [answer.status, answer.headers['content-type']],
      [200, 'application/x-ndjson'],
    );
    await closed.promise;
    await assertRecovers(harness);
  });
});

describe('a client that leaves', () => {
  for (const target of [get, watch]) {
    test(`in the middle of GET ${target}: the service's stream is cancelled`, async (t) => {
      const harness = await startFaultGateway(t);
      const arrived = Promise.withResolvers<void>();
      const code = Promise.withResolvers<number>();
      harness.peer.script = ({ stream }) => {
        arrived.resolve();
        stream.on('close', () => code.resolve(stream.rstCode ?? -1));
      };
      const socket = connect(harness.gateway.port, '127.0.0.1');
      socket.write(request('GET', target));
      await arrived.promise;
      socket.destroy();
      assert.equal(await code.promise, 8, 'RST_STREAM CANCEL');
      assert.equal(harness.peer.open, 0);
      await assertRecovers(harness);
    });
  }

  test('in the middle of an upload: the call is cancelled, not ended as if complete', async (t) => {
    const harness = await startFaultGateway(t);
    const arrived = Promise.withResolvers<void>();
    const code = Promise.withResolvers<number>();
    harness.peer.script = ({ stream }) => {
      stream.once('data', () => arrived.resolve());
      stream.on('close', () => code.resolve(stream.rstCode ?? -1));
    };
    const socket = connect(harness.gateway.port, '127.0.0.1');
    socket.write(
      'POST /v1/items:upload HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-ndjson\r\ncontent-length: 1000\r\n\r\n{"name":"a"}\n',
    );
    await arrived.promise;
    socket.destroy();
    assert.equal(await code.promise, 8, 'RST_STREAM CANCEL');
    await assertRecovers(harness);
  });

  test('500 at a time, in the middle of their streams: no call, no timer and no stream is left', async (t) => {
    const harness = await startFaultGateway(t, { admin: { port: 0 } });
    const { clock, gateway, peer } = harness;
    // The connection to the service has a timer of its own, and stays.
    await assertRecovers(harness);
    // Those of clients have timers as long as they are open.
    await turns();
    clock.advance(1_000);
    const idle = clock.pending;
    let closed = 0;
    const all = Promise.withResolvers<void>();
    peer.script = ({ stream }) => {
      stream.on('close', () => {
        if (++closed === COUNT) all.resolve();
      });
      respond(stream, { 'grpc-status': '0' });
      stream.write(envelope({ name: 'one' }));
    };
    const sockets = await Promise.all(
      Array.from({ length: COUNT }, async () => {
        const socket = connect(gateway.port, '127.0.0.1');
        socket.write(request('GET', watch));
        await once(socket, 'data');
        return socket;
      }),
    );
    const inFlight = async (): Promise<string | undefined> => {
      const metrics = await fetch(`http://127.0.0.1:${gateway.adminPort}/metrics`);
      return /^polygate_calls_in_flight\{route="fault.v1.Fault\/Watch"\} (\d+)$/m.exec(
        await metrics.text(),
      )?.[1];
    };
    assert.deepEqual([peer.open, await inFlight()], [COUNT, String(COUNT)]);
    for (const socket of sockets) socket.destroy();
    await all.promise;
    await flush(harness);
    assert.deepEqual([peer.open, await inFlight()], [0, '0']);
    await turns();
    // The wheel notices at its next turn that nobody waits for it.
    clock.advance(1_000);
    assert.equal(clock.pending, idle);
    await assertRecovers(harness);
  });
});
