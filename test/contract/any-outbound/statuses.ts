/** How a call ends when the service ends it, and what travels beside messages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metadata } from '../../../src/call/metadata.ts';
import { STATUS_CODES } from '../../../src/call/status.ts';
import { allItems, assertRejects, bodyOf, FedBody } from '../outbound/harness.ts';
import { type Adapter, startHarness } from './peer.ts';

export function statusCases(adapter: Adapter): void {
  test('each of the codes instead of an answer', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    for (const code of STATUS_CODES) {
      if (code === 'OK') continue;
      peer.script = (call) => call.fail(code, `said so: ${code}`);
      for (const kind of ['unary', 'server_stream', 'client_stream'] as const) {
        const reply = await send({ kind, body: bodyOf({}) }).reply;
        assert.deepEqual(await allItems(reply), []);
        const { message, details, error, ...status } = await reply.end;
        assert.deepEqual(
          [status.code, message, details, error],
          [code, `said so: ${code}`, [], null],
        );
      }
    }
  });

  test('a status behind messages: the stream is read first', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    peer.script = (call) => {
      call.head(true);
      call.send({ count: 1 });
      call.fail('ABORTED', 'again');
    };
    const reply = await send({ kind: 'server_stream' }).reply;
    assert.deepEqual(await allItems(reply), [{ count: 1 }]);
    const { code, message, error } = await reply.end;
    assert.deepEqual([code, message, error], ['ABORTED', 'again', null]);
  });

  test('a service that answers before it has read everything has answered', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    peer.script = async (call) => {
      await call.started;
      call.head(false);
      call.send({ name: 'enough' });
      call.end();
    };
    const body = new FedBody();
    const { reply } = send({ kind: 'client_stream', body });
    body.give({ count: 1 });
    assert.deepEqual(await allItems(await reply), [{ name: 'enough' }]);
    assert.equal((await (await reply).end).code, 'OK');
    assert.equal(body.seen.cancels.length, 1, 'nobody reads the rest of the request');
    await assertRejects(
      Promise.resolve().then(() => body.next()),
      'PG_CLIENT_GONE',
    );
  });

  test('metadata of the call arrives; what belongs to a wire never does, nor what would break it', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    const metadata = new Metadata()
      .append('authorization', 'Bearer t')
      .append('x-many', '1')
      .append('x-many', '2')
      .append('x-bytes-bin', Uint8Array.of(0, 255))
      .append('x-forwarded-for', '1.2.3.4')
      .append('x-forwarded-host', 'example.com')
      .append('x-broken', 'a\r\nx-smuggled: 1')
      .append('x-not-ascii', 'ü')
      .append('x bad', 'name')
      .append('content-length', '5')
      .append('transfer-encoding', 'chunked')
      .append('connection', 'x-many')
      .append('host', 'evil.example')
      .append('grpc-timeout', '1n')
      .append('te', 'gzip');
    const seen = Promise.withResolvers<(name: string) => string | undefined>();
    peer.script = (call) => {
      seen.resolve((name) => call.header(name));
      call.head(false);
      call.send({});
      call.end();
    };
    await allItems(await send({ metadata }).reply);
    const header = await seen.promise;
    assert.equal(header('authorization'), 'Bearer t');
    assert.equal(header('x-many')?.replaceAll(',', ', ').replaceAll('  ', ' '), '1, 2');
    assert.equal(header('x-bytes-bin')?.replace(/=+$/, ''), 'AP8');
    assert.equal(header('x-forwarded-for'), '1.2.3.4');
    assert.equal(header('x-forwarded-host'), 'example.com');
    for (const name of ['x-broken', 'x-smuggled', 'x-not-ascii', 'x bad', 'grpc-timeout']) {
      assert.equal(header(name), undefined, name);
    }
    assert.notEqual(header('content-length'), '5');
    assert.notEqual(header('connection'), 'x-many');
    assert.notEqual(header('host'), 'evil.example');
    assert.notEqual(header('te'), 'gzip');
  });

  test('metadata of the answer arrives', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    peer.script = (call) => {
      call.head(true, {
        'x-head': 'a',
        'x-many': ['1', '2'],
        'x-bytes-bin': 'AP8=',
        'grpc-x': 'y',
      });
      call.send({});
      call.end({ 'x-tail': 'z' });
    };
    const reply = await send({ kind: 'server_stream' }).reply;
    await allItems(reply);
    assert.equal(reply.metadata?.text('x-head'), 'a');
    assert.equal((reply.metadata.getAll('x-many') as string[]).join(', '), '1, 2');
    const bytes = reply.metadata.get('x-bytes-bin');
    assert.ok(bytes instanceof Uint8Array);
    assert.deepEqual([...bytes], [0, 255]);
    const names = new Set<string>();
    reply.metadata.each((name) => names.add(name));
    for (const owned of [
      'content-type',
      'connection',
      'transfer-encoding',
      'grpc-x',
      'keep-alive',
    ]) {
      assert.ok(!names.has(owned), owned);
    }
    const { trailers } = await reply.end;
    assert.equal(trailers?.text('x-tail') === 'z', adapter.capabilities.trailers);
  });

  test('the service is told how long the call may take', async (t) => {
    const { peer, send } = await startHarness(t, adapter);
    const told: (string | undefined)[] = [];
    peer.script = (call) => {
      told.push(call.header('grpc-timeout') ?? call.header('x-request-timeout'));
      call.head(false);
      call.send({});
      call.end();
    };
    await send({ timeoutMs: 1_500 }).reply;
    await send().reply;
    assert.match(told[0] ?? '', /^1500ms?$/);
    assert.equal(told[1], undefined);
  });
}
