/** grpc.health.v1.Health of the running gateway, as grpc-js asks it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { test, type TestContext } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { createGateway, type Gateway, type RouteConfig } from 'polygate';
import { type Bookstore, startBookstore } from '../../examples/bookstore/server.ts';
import { memoryLog } from '../support/memory-log.ts';

interface Answer {
  readonly status: string;
}

interface HealthClient extends grpc.Client {
  Check(request: object, done: (error: grpc.ServiceError | null, answer?: Answer) => void): void;
  List(
    request: object,
    done: (error: grpc.ServiceError | null, answer?: { statuses: Record<string, Answer> }) => void,
  ): void;
  Watch(request: object): grpc.ClientReadableStream<Answer>;
}

const definition = loadSync('grpc/health/v1/health.proto', {
  includeDirs: [fileURLToPath(new URL('../../protos', import.meta.url))],
  enums: String,
});

function clientOf(t: TestContext, { port }: Gateway): HealthClient {
  const service = definition['grpc.health.v1.Health'] as grpc.ServiceDefinition;
  const Client = grpc.makeGenericClientConstructor(service, 'health');
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  t.after(() => client.close());
  return client as unknown as HealthClient;
}

interface Asked<Value> {
  readonly error: grpc.ServiceError | null;
  readonly answer: Value | undefined;
}

function check(client: HealthClient, service: string): Promise<Asked<Answer>> {
  return new Promise((resolve) => {
    client.Check({ service }, (error, answer) => resolve({ error, answer }));
  });
}

async function start(
  t: TestContext,
  services: RouteConfig['services'] = '*',
): Promise<{ readonly gateway: Gateway; readonly bookstore: Bookstore }> {
  const bookstore = await startBookstore();
  t.after(() => bookstore.close());
  const gateway = await createGateway(
    {
      listen: { port: 0 },
      admin: false,
      reflection: false,
      upstreams: {
        bookstore: {
          protocol: 'grpc',
          endpoints: [`127.0.0.1:${bookstore.port}`],
          schema: { reflection: true },
        },
      },
      routes: [{ services, upstream: 'bookstore' }],
    },
    { log: memoryLog() },
  );
  t.after(() => gateway.close(true));
  return { gateway, bookstore };
}

test('Check: the gateway and what it routes are serving, anything else is not found', async (t) => {
  const client = clientOf(t, (await start(t)).gateway);
  for (const service of ['', 'bookstore.v1.Bookstore', 'grpc.health.v1.Health']) {
    assert.equal((await check(client, service)).answer?.status, 'SERVING', service);
  }
  const { error } = await check(client, 'no.Such');
  assert.deepEqual([error?.code, error?.details], [5, 'no service no.Such is routed here']);
});

test('List: all of them', async (t) => {
  const client = clientOf(t, (await start(t)).gateway);
  const { error, answer } = await new Promise<Asked<{ statuses: Record<string, Answer> }>>(
    (resolve) => client.List({}, (error, answer) => resolve({ error, answer })),
  );
  assert.equal(error, null);
  assert.deepEqual(
    Object.entries(answer?.statuses ?? {}).map(([name, { status }]) => [name, status]),
    ['', 'bookstore.v1.Bookstore', 'grpc.health.v1.Health'].map((name) => [name, 'SERVING']),
  );
});

test('Watch: the status, its change with the drain, and the end, which holds no drain', async (t) => {
  const { gateway } = await start(t);
  const client = clientOf(t, gateway);
  const watched = ['', 'no.Such'].map((service) => {
    const stream = client.Watch({ service });
    const seen: string[] = [];
    stream.on('data', ({ status }: Answer) => seen.push(status));
    return { seen, first: once(stream, 'data'), end: once(stream, 'status') };
  });
  for (const { first } of watched) await first;
  assert.equal(await gateway.close(), 0, 'no call was cut');
  const ends = await Promise.all(
    watched.map(async ({ end }) => (await end) as [grpc.StatusObject]),
  );
  assert.deepEqual(
    ends.map(([{ code }]) => code),
    [0, 0],
  );
  assert.deepEqual(
    watched.map(({ seen }) => seen),
    [['SERVING', 'NOT_SERVING'], ['SERVICE_UNKNOWN']],
  );
});

test('Watch: a client that leaves', async (t) => {
  const { gateway } = await start(t);
  const stream = clientOf(t, gateway).Watch({ service: '' });
  const ended = once(stream, 'error');
  await once(stream, 'data');
  stream.cancel();
  assert.equal(((await ended) as [grpc.ServiceError])[0].code, 1);
  assert.equal(await gateway.close(), 0);
});

test('a route that names the health of its upstream wins', async (t) => {
  const { gateway, bookstore } = await start(t, ['grpc.health.v1.Health']);
  const client = clientOf(t, gateway);
  assert.equal((await check(client, '')).answer?.status, 'SERVING');
  await bookstore.close();
  assert.equal((await check(client, '')).error?.code, 14, 'the service is gone, and was asked');
});
