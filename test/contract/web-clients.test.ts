/** Clients of Connect, gRPC and gRPC-Web that we did not write, each through the gateway to a gRPC service. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from '@connectrpc/connect-node';
import {
  createConnectTransport as connectOfPages,
  createGrpcWebTransport as grpcWebOfPages,
} from '@connectrpc/connect-web';
import { type FaultGateway, startFaultGateway } from '../support/fault-gateway.ts';
import { faultService } from '../support/fault-service.ts';
import { envelope, respond, respondOnly, type ScriptedCall } from '../support/scripted-grpc.ts';

const service = faultService();

interface Item {
  name?: string;
  count?: number;
}

type Options = {
  headers?: Record<string, string>;
  onHeader?: (headers: Headers) => void;
  onTrailer?: (headers: Headers) => void;
  timeoutMs?: number;
};

/** What createClient makes of a service that has no generated types. */
interface Client {
  get(item: Item, options?: Options): Promise<Item>;
  create(item: Item, options?: Options): Promise<Item>;
  watch(item: Item, options?: Options): AsyncIterable<Item>;
  upload(items: AsyncIterable<Item>, options?: Options): Promise<Item>;
  talk(items: AsyncIterable<Item>, options?: Options): AsyncIterable<Item>;
}

interface Peer {
  readonly name: string;
  readonly transport: (baseUrl: string) => Transport;
  /** Pages cannot stream what they send. */
  readonly page?: boolean;
  readonly duplex?: boolean;
}

const NODE = { useBinaryFormat: true } as const;
const PEERS: readonly Peer[] = [
  ...(['1.1', '2'] as const).flatMap((httpVersion) =>
    [true, false].flatMap((useBinaryFormat): Peer[] => {
      const codec = `${useBinaryFormat ? 'proto' : 'JSON'}, HTTP/${httpVersion}`;
      const duplex = httpVersion === '2';
      const rest = { httpVersion, useBinaryFormat } as const;
      return [
        {
          name: `connect-node, Connect, ${codec}`,
          transport: (baseUrl) => createConnectTransport({ baseUrl, ...rest }),
          duplex,
        },
        {
          name: `connect-node, gRPC-Web, ${codec}`,
          transport: (baseUrl) => createGrpcWebTransport({ baseUrl, ...rest }),
          duplex,
        },
      ];
    }),
  ),
  ...[true, false].map((useBinaryFormat): Peer => {
    return {
      name: `connect-node, gRPC, ${useBinaryFormat ? 'proto' : 'JSON'}`,
      transport: (baseUrl) => createGrpcTransport({ baseUrl, useBinaryFormat }),
      duplex: true,
    };
  }),
  ...[true, false].flatMap((useBinaryFormat): Peer[] => {
    const codec = useBinaryFormat ? 'proto' : 'JSON';
    return [
      {
        name: `connect-web, Connect, ${codec}`,
        transport: (baseUrl) => connectOfPages({ baseUrl, useBinaryFormat }),
        page: true,
      },
      {
        name: `connect-web, gRPC-Web, ${codec}`,
        transport: (baseUrl) => grpcWebOfPages({ baseUrl, useBinaryFormat }),
        page: true,
      },
    ];
  }),
  {
    name: 'connect-node, Connect, GET of proto',
    transport: (baseUrl) =>
      createConnectTransport({ baseUrl, httpVersion: '1.1', useHttpGet: true, ...NODE }),
  },
  {
    name: 'connect-web, Connect, GET of JSON',
    transport: (baseUrl) => connectOfPages({ baseUrl, useHttpGet: true }),
    page: true,
  },
];

/** BadRequest with one violation, as google.rpc.Status in `grpc-status-details-bin`. */
const DETAIL = Buffer.from([0x0a, 0x03, 0x0a, 0x01, 0x78]);
const TYPE_URL = 'type.googleapis.com/google.rpc.BadRequest';
const ANY = Buffer.concat([
  Buffer.from([0x0a, TYPE_URL.length]),
  Buffer.from(TYPE_URL),
  Buffer.from([0x12, DETAIL.length]),
  DETAIL,
]);
const STATUS_BIN = Buffer.concat([Buffer.from([0x08, 5, 0x1a, ANY.length]), ANY]).toString(
  'base64',
);

async function serve({ path, headers, stream, messages }: ScriptedCall): Promise<void> {
  const items = await messages;
  const [first] = items;
  const name = first?.name ?? '';
  if (name === 'missing') {
    respondOnly(stream, {
      'grpc-status': '5',
      'grpc-message': 'no such %C3%BC item',
      'grpc-status-details-bin': STATUS_BIN,
      'x-why': 'gone',
    });
    return;
  }
  respond(
    stream,
    name === 'late'
      ? { 'grpc-status': '8', 'grpc-message': 'enough' }
      : { 'grpc-status': '0', 'x-last': 'z', 'x-last-bin': 'AAH/' },
    { 'x-first': String(headers['x-tenant'] ?? 'a') },
  );
  const method = path.slice(path.lastIndexOf('/') + 1);
  if (method === 'Upload') {
    stream.end(envelope({ name: items.map((item) => item.name).join('+'), count: items.length }));
  } else if (method === 'Get' || method === 'Create') {
    stream.end(envelope({ name: `${name}!`, count: 7 }));
  } else if (method === 'Talk') {
    for (const item of items) stream.write(envelope({ name: `${item.name}!` }));
    stream.end();
  } else {
    for (let count = 1; count <= 3; count++) stream.write(envelope({ name, count }));
    stream.end();
  }
}

async function start(
  t: TestContext,
  peer: Peer,
): Promise<{ harness: FaultGateway; client: Client }> {
  const harness = await startFaultGateway(t);
  harness.peer.script = serve;
  const transport = peer.transport(`http://127.0.0.1:${harness.gateway.port}`);
  return { harness, client: createClient(service, transport) as unknown as Client };
}

async function* of(...names: string[]): AsyncGenerator<Item> {
  for (const name of names) yield { name };
}

async function all(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const { name, count } of items) found.push({ name: name ?? '', count: count ?? 0 });
  return found;
}

for (const peer of PEERS) {
  describe(peer.name, () => {
    test('unary, with metadata both ways', async (t) => {
      const { harness, client } = await start(t, peer);
      let header: string | null = null;
      let trailer: string | null = null;
      for (const call of ['get', 'create'] as const) {
        const item = await client[call](
          { name: 'ünï' },
          {
            headers: { 'x-tenant': 't1' },
            onHeader: (headers) => {
              header = headers.get('x-first');
            },
            onTrailer: (trailers) => {
              trailer = `${trailers.get('x-last')} ${trailers.get('x-last-bin')}`;
            },
          },
        );
        assert.deepEqual([item.name, item.count, header], ['ünï!', 7, 't1']);
        assert.match(String(trailer), /^z AAH\/$/);
      }
      assert.equal(harness.peer.calls, 2);
    });

    test('an error with its details', async (t) => {
      const { harness, client } = await start(t, peer);
      const error = await client.get({ name: 'missing' }).then(
        () => assert.fail('it succeeded'),
        (reason: unknown) => ConnectError.from(reason),
      );
      assert.equal(error.code, Code.NotFound);
      assert.equal(error.rawMessage, 'no such ü item');
      assert.equal(error.metadata.get('x-why'), 'gone');
      const [detail] = error.details as { type: string; value: Uint8Array }[];
      assert.equal(detail?.type, 'google.rpc.BadRequest');
      assert.deepEqual(Buffer.from(detail.value), DETAIL);
      assert.equal(harness.peer.calls, 1);
    });

    test('a server stream, and one that fails behind its messages', async (t) => {
      const { harness, client } = await start(t, peer);
      assert.deepEqual(await all(client.watch({ name: 'w' })), [
        { name: 'w', count: 1 },
        { name: 'w', count: 2 },
        { name: 'w', count: 3 },
      ]);
      const got: Item[] = [];
      await assert.rejects(
        async () => {
          for await (const item of client.watch({ name: 'late' })) got.push(item);
        },
        (error: unknown) => {
          const { code, rawMessage } = ConnectError.from(error);
          return code === Code.ResourceExhausted && rawMessage === 'enough';
        },
      );
      assert.equal(got.length, 3);
      assert.equal(harness.peer.calls, 2);
    });

    if (peer.page === true) return;

    test('a client stream and half-duplex bidi', async (t) => {
      const { harness, client } = await start(t, peer);
      const item = await client.upload(of('a', 'b', 'c'));
      assert.deepEqual([item.name, item.count], ['a+b+c', 3]);
      const items = await all(client.talk(of('x', 'y')));
      assert.deepEqual(
        items.map(({ name }) => name),
        ['x!', 'y!'],
      );
      assert.equal(harness.peer.calls, 2);
    });

    if (peer.duplex !== true) return;

    test('full-duplex bidi', async (t) => {
      const { harness, client } = await start(t, peer);
      harness.peer.script = ({ stream }) => {
        respond(stream, { 'grpc-status': '0' });
        stream.on('data', (chunk: Buffer) => stream.write(chunk));
        stream.on('end', () => stream.end());
      };
      const turn = Promise.withResolvers<void>();
      async function* ask(): AsyncGenerator<Item> {
        yield { name: 'one' };
        // The second question waits for the first answer.
        await turn.promise;
        yield { name: 'two' };
      }
      const names: string[] = [];
      for await (const item of client.talk(ask())) {
        names.push(item.name ?? '');
        turn.resolve();
      }
      assert.deepEqual(names, ['one', 'two']);
    });
  });
}
