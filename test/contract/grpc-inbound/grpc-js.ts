/** Clients that nobody here wrote, grpc-js, through the gRPC inbound and outbound to a grpc-js server. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { startFaultServer } from '../outbound/grpc-server.ts';
import type { GrpcFront, StartGrpcFront } from '../../support/grpc-front.ts';
import { respond, startScriptedGrpc, type Item } from '../../support/scripted-grpc.ts';

interface Client extends grpc.Client {
  get: grpc.requestCallback<Item> extends infer Callback
    ? (
        request: Item,
        metadata: grpc.Metadata,
        options: grpc.CallOptions,
        done: Callback,
      ) => grpc.ClientUnaryCall
    : never;
  watch(request: Item, options?: grpc.CallOptions): grpc.ClientReadableStream<Item>;
  upload(done: grpc.requestCallback<Item>): grpc.ClientWritableStream<Item>;
  talk(options?: grpc.CallOptions): grpc.ClientDuplexStream<Item, Item>;
}

const MB = 1 << 20;

const definition = loadSync('fault/v1/fault.proto', {
  includeDirs: [
    new URL('../../support/protos', import.meta.url).pathname,
    new URL('../../../protos', import.meta.url).pathname,
  ],
});
const FaultClient = grpc.makeGenericClientConstructor(
  definition['fault.v1.Fault'] as grpc.ServiceDefinition,
  'Fault',
);

interface Unary {
  readonly error: grpc.ServiceError | null;
  readonly value: Item | undefined;
  readonly head: grpc.Metadata;
  readonly status: grpc.StatusObject;
}

function get(
  client: Client,
  request: Item,
  metadata = new grpc.Metadata(),
  options: grpc.CallOptions = {},
): Promise<Unary> {
  return new Promise((resolve) => {
    let head = new grpc.Metadata();
    let answered: [grpc.ServiceError | null, Item | undefined] = [null, undefined];
    const call = client.get(request, metadata, options, (error, value) => {
      answered = [error, value];
    });
    call.on('metadata', (received: grpc.Metadata) => (head = received));
    call.on('status', (status: grpc.StatusObject) => {
      setImmediate(() => resolve({ error: answered[0], value: answered[1], head, status }));
    });
  });
}

interface Streamed {
  readonly items: Item[];
  readonly status: grpc.StatusObject;
}

function read(call: grpc.ClientReadableStream<Item>): Promise<Streamed> {
  const items: Item[] = [];
  call.on('data', (item: Item) => items.push(item));
  call.on('error', () => {});
  return new Promise((resolve) => {
    call.on('status', (status: grpc.StatusObject) =>
      setImmediate(() => resolve({ items, status })),
    );
  });
}

function item(value: Item | undefined): Item {
  return { name: value?.name ?? '', count: value?.count ?? 0 };
}

export function grpcJsCases(startFront: StartGrpcFront): void {
  async function start(
    t: TestContext,
    peerPort?: number,
    options?: grpc.ClientOptions,
  ): Promise<{ client: Client; front: GrpcFront }> {
    const port = peerPort ?? (await startFaultServer(t));
    const front = await startFront(t, port, { maxBytes: 4 * MB });
    const address = `127.0.0.1:${front.port}`;
    const client = new FaultClient(address, grpc.credentials.createInsecure(), options);
    t.after(() => client.close());
    return { client: client as unknown as Client, front };
  }

  describe('unary', () => {
    test('with metadata both ways', async (t) => {
      const { client } = await start(t);
      const metadata = new grpc.Metadata();
      metadata.set('x-in', 'a');
      metadata.set('x-in-bin', Buffer.of(0, 1, 255));
      const { value, head, status } = await get(client, { name: 'a', count: 1 }, metadata);
      assert.deepEqual(item(value), { name: 'a', count: 2 });
      assert.deepEqual(head.get('x-head'), ['a']);
      assert.deepEqual(head.get('x-head-bin'), [Buffer.of(0, 1, 255)]);
      assert.deepEqual([status.code, status.metadata.get('x-tail')], [0, ['z']]);
    });

    test('an error with its message and metadata', async (t) => {
      const { client } = await start(t);
      const { error } = await get(client, { name: 'fail' });
      assert.deepEqual([error?.code, error?.details], [7, 'nö: 100%']);
      assert.deepEqual(error?.metadata.get('x-why'), ['because']);
    });

    test('three megabytes both ways, plain and compressed', async (t) => {
      const name = 'x'.repeat(3 * MB);
      const port = await startFaultServer(t);
      for (const algorithm of [0, 1, 2]) {
        const options = { 'grpc.default_compression_algorithm': algorithm };
        const { client } = await start(t, port, options);
        const { value, status } = await get(client, { name, count: 1 });
        assert.deepEqual([status.code, item(value)], [0, { name, count: 2 }]);
      }
    });

    test('more than the limit', async (t) => {
      const { client } = await start(t);
      const { error } = await get(client, { name: 'x'.repeat(5 * MB) });
      assert.equal(error?.code, grpc.status.RESOURCE_EXHAUSTED);
    });

    test('an error of the gateway has its reason in the details', async (t) => {
      const peer = await startScriptedGrpc();
      const { port } = peer;
      await peer.close();
      const { client } = await start(t, port);
      const { error } = await get(client, {});
      assert.equal(error?.code, grpc.status.UNAVAILABLE);
      const [details] = error.metadata.get('grpc-status-details-bin');
      assert.match(String(details), /PG_UPSTREAM_UNAVAILABLE/);
    });
  });

  describe('streams', () => {
    test('of the server', async (t) => {
      const { client } = await start(t);
      const { items, status } = await read(client.watch({ count: 5 }));
      assert.deepEqual([items.map(({ count }) => count), status.code], [[1, 2, 3, 4, 5], 0]);
    });

    test('of the server, with an error behind three messages', async (t) => {
      const { client } = await start(t);
      const { items, status } = await read(client.watch({ count: 3, name: 'fail' }));
      assert.deepEqual([items.length, status.code, status.details], [3, 15, 'lost']);
    });

    test('of the server, ten thousand messages', async (t) => {
      const { client } = await start(t);
      const { items, status } = await read(client.watch({ count: 10_000 }));
      assert.deepEqual([items.length, items.at(-1)?.count, status.code], [10_000, 10_000, 0]);
    });

    test('of the client', async (t) => {
      const { client } = await start(t);
      const value = await new Promise<Item | undefined>((resolve, reject) => {
        const call = client.upload((error, sum) => (error === null ? resolve(sum) : reject(error)));
        for (const count of [1, 2, 3]) call.write({ count });
        call.end();
      });
      assert.equal(value?.count, 6);
    });

    test('a dialogue', async (t) => {
      const { client } = await start(t);
      const call = client.talk();
      for (const name of ['a', 'b', 'c']) {
        const next = new Promise<Item>((resolve) => call.once('data', resolve));
        call.write({ name });
        assert.equal((await next).name, name.toUpperCase());
      }
      const rest = read(call);
      call.end();
      assert.deepEqual([(await rest).items, (await rest).status.code], [[], 0]);
    });

    test('a client that cancels', async (t) => {
      const peer = await startScriptedGrpc();
      t.after(() => peer.close());
      const closed = Promise.withResolvers<number | undefined>();
      peer.script = ({ stream }) => {
        stream.on('close', () => closed.resolve(stream.rstCode));
        respond(stream, { 'grpc-status': '0' });
      };
      const { client, front } = await start(t, peer.port);
      const call = client.talk();
      const ended = read(call);
      await new Promise((resolve) => call.once('metadata', resolve));
      call.cancel();
      assert.equal((await ended).status.code, grpc.status.CANCELLED);
      assert.equal(await closed.promise, 8);
      await front.ended(1);
      assert.equal(front.outcomes[0]?.error?.pg, 'PG_CLIENT_GONE');
    });
  });
}
