/** The same calls against a server that nobody here wrote: grpc-js with proto-loader. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { Metadata } from '../../../src/call/metadata.ts';
import { faultDefinition } from '../../support/fault-definition.ts';
import type { Item } from '../../support/scripted-grpc.ts';
import { allItems, bodyOf, FedBody, type MakeOutbound, nextItem, targetOn } from './harness.ts';

export function grpcServerCases(make: MakeOutbound): void {
  test('unary, with metadata both ways', async (t) => {
    const { send } = targetOn(t, make, await startFaultServer(t));
    const metadata = new Metadata().append('x-in', 'a').append('x-in-bin', new Uint8Array([1, 2]));
    const reply = await send({ body: bodyOf({ name: 'a', count: 1 }), metadata }).reply;
    assert.deepEqual(await allItems(reply), [{ name: 'a', count: 2 }]);
    assert.equal(reply.metadata?.text('x-head'), 'a');
    assert.deepEqual(reply.metadata.get('x-head-bin'), Buffer.from([1, 2]));
    const { code, trailers } = await reply.end;
    assert.deepEqual([code, trailers?.text('x-tail')], ['OK', 'z']);
  });

  test('an error with metadata', async (t) => {
    const { send } = targetOn(t, make, await startFaultServer(t));
    const reply = await send({ body: bodyOf({ name: 'fail' }) }).reply;
    const { code, message, trailers } = await reply.end;
    assert.deepEqual(
      [code, message, trailers?.text('x-why')],
      ['PERMISSION_DENIED', 'nö: 100%', 'because'],
    );
  });

  test('a server stream', async (t) => {
    const { send } = targetOn(t, make, await startFaultServer(t));
    const reply = await send({ kind: 'server_stream', body: bodyOf({ count: 5 }) }).reply;
    assert.deepEqual(
      (await allItems(reply)).map(({ count }) => count),
      [1, 2, 3, 4, 5],
    );
    assert.equal((await reply.end).code, 'OK');
  });

  test('a server stream that fails behind its third message', async (t) => {
    const { send } = targetOn(t, make, await startFaultServer(t));
    const body = bodyOf({ count: 3, name: 'fail' });
    const reply = await send({ kind: 'server_stream', body }).reply;
    assert.equal((await allItems(reply)).length, 3);
    assert.equal((await reply.end).code, 'DATA_LOSS');
  });

  test('a client stream', async (t) => {
    const { send } = targetOn(t, make, await startFaultServer(t));
    const body = bodyOf({ count: 1 }, { count: 2 }, { count: 3 });
    const reply = await send({ kind: 'client_stream', body }).reply;
    assert.deepEqual(await allItems(reply), [{ count: 6 }]);
  });

  test('a dialogue', async (t) => {
    const { send } = targetOn(t, make, await startFaultServer(t));
    const body = new FedBody();
    const { reply } = send({ kind: 'bidi', body });
    for (const name of ['a', 'b', 'c']) {
      body.give({ name });
      assert.deepEqual(await nextItem(await reply), { name: name.toUpperCase() });
    }
    body.end();
    assert.equal(await nextItem(await reply), undefined);
    assert.equal((await (await reply).end).code, 'OK');
  });

  test('a method that the service does not have', async (t) => {
    const port = await startFaultServer(t, ['Get']);
    const { send } = targetOn(t, make, port);
    const reply = await send({ kind: 'server_stream', body: bodyOf({}) }).reply;
    await allItems(reply);
    assert.deepEqual([(await reply.end).code, (await reply.end).error], ['UNIMPLEMENTED', null]);
  });
}

/** fault.v1.Fault on a free port; `only` leaves out the other methods. */
export async function startFaultServer(t: TestContext, only?: readonly string[]): Promise<number> {
  const server = new grpc.Server();
  const kept = Object.entries(faultDefinition()).filter(([name]) => only?.includes(name) ?? true);
  server.addService(Object.fromEntries(kept), HANDLERS);
  t.after(() => server.forceShutdown());
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

const get: grpc.handleUnaryCall<Item, Item> = (call, respond) => {
  const { name = '', count = 0 } = call.request;
  if (name === 'fail') {
    const metadata = new grpc.Metadata();
    metadata.set('x-why', 'because');
    respond({ code: grpc.status.PERMISSION_DENIED, details: 'nö: 100%', metadata });
    return;
  }
  const head = new grpc.Metadata();
  for (const value of call.metadata.get('x-in')) head.add('x-head', value);
  for (const value of call.metadata.get('x-in-bin')) head.add('x-head-bin', value);
  call.sendMetadata(head);
  const trailers = new grpc.Metadata();
  trailers.set('x-tail', 'z');
  respond(null, { name, count: count + 1 }, trailers);
};

const watch: grpc.handleServerStreamingCall<Item, Item> = (call) => {
  const { name, count = 0 } = call.request;
  for (let i = 1; i <= count; i++) call.write({ count: i });
  if (name === 'fail') call.emit('error', { code: grpc.status.DATA_LOSS, details: 'lost' });
  else call.end();
};

const upload: grpc.handleClientStreamingCall<Item, Item> = (call, respond) => {
  let sum = 0;
  call.on('data', ({ count = 0 }: Item) => (sum += count));
  call.on('end', () => respond(null, { count: sum }));
};

const talk: grpc.handleBidiStreamingCall<Item, Item> = (call) => {
  call.on('data', ({ name = '' }: Item) => call.write({ name: name.toUpperCase() }));
  call.on('end', () => call.end());
};

const HANDLERS: grpc.UntypedServiceImplementation = {
  Get: get,
  Watch: watch,
  Upload: upload,
  Talk: talk,
};
