/** The official gRPC-Web client of the npm registry, in text and in binary, over an XMLHttpRequest for Node. */
import assert from 'node:assert/strict';
import { before, describe, test, type TestContext } from 'node:test';
import { createRequire } from 'node:module';
import { type FaultGateway, startFaultGateway } from '../support/fault-gateway.ts';
import {
  decodeItem,
  encodeItem,
  envelope,
  type Item,
  respond,
  respondOnly,
} from '../support/scripted-grpc.ts';

interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
}

interface CallStream {
  on(event: 'data', listener: (item: Item) => void): void;
  on(event: 'status', listener: (status: RpcError) => void): void;
  on(event: 'error', listener: (error: RpcError) => void): void;
  on(event: 'end', listener: () => void): void;
}

interface GrpcWeb {
  readonly GrpcWebClientBase: new (options: {
    format: string;
  }) => {
    rpcCall(
      url: string,
      item: Item,
      metadata: Record<string, string>,
      descriptor: object,
      done: (error: RpcError | null, item: Item | null) => void,
    ): unknown;
    serverStreaming(
      url: string,
      item: Item,
      metadata: Record<string, string>,
      descriptor: object,
    ): CallStream;
  };
  readonly MethodDescriptor: new (
    name: string,
    type: string,
    request: object,
    response: object,
    encode: (item: Item) => Uint8Array,
    decode: (bytes: Uint8Array) => Item,
  ) => object;
}

const require = createRequire(import.meta.url);
let grpcWeb: GrpcWeb;

before(() => {
  // It takes the browser's from the global object when a call begins.
  Object.assign(globalThis, { XMLHttpRequest: require('xhr2') });
  grpcWeb = require('grpc-web') as GrpcWeb;
});

function descriptor(method: string, type: string): object {
  const { MethodDescriptor } = grpcWeb;
  const name = `/fault.v1.Fault/${method}`;
  return new MethodDescriptor(name, type, Object, Object, encodeItem, (bytes) =>
    decodeItem(new Uint8Array(bytes)),
  );
}

async function start(t: TestContext): Promise<{ harness: FaultGateway; url: string }> {
  const harness = await startFaultGateway(t);
  return { harness, url: `http://127.0.0.1:${harness.gateway.port}/fault.v1.Fault` };
}

for (const format of ['text', 'binary']) {
  describe(`grpc-web, ${format}`, () => {
    test('a unary call with metadata', async (t) => {
      const { harness, url } = await start(t);
      const tenants: unknown[] = [];
      harness.peer.script = async ({ stream, headers, messages }) => {
        tenants.push(headers['x-tenant']);
        const [item] = await messages;
        respond(stream, { 'grpc-status': '0' });
        stream.end(envelope({ name: `${item?.name}!`, count: 7 }));
      };
      const client = new grpcWeb.GrpcWebClientBase({ format });
      const item = await new Promise((resolve, reject) => {
        client.rpcCall(
          `${url}/Get`,
          { name: 'ünï' },
          { 'x-tenant': 't1' },
          descriptor('Get', 'unary'),
          (error, answer) => (error === null ? resolve(answer) : reject(new Error(error.message))),
        );
      });
      assert.deepEqual(item, { name: 'ünï!', count: 7 });
      assert.deepEqual(tenants, ['t1']);
      assert.equal(harness.peer.calls, 1);
    });

    test('an error of the service', async (t) => {
      const { harness, url } = await start(t);
      harness.peer.script = ({ stream }) => {
        stream.resume();
        respondOnly(stream, { 'grpc-status': '5', 'grpc-message': 'no such item' });
      };
      const client = new grpcWeb.GrpcWebClientBase({ format });
      const error = await new Promise<RpcError | null>((resolve) => {
        client.rpcCall(`${url}/Get`, {}, {}, descriptor('Get', 'unary'), resolve);
      });
      assert.deepEqual([error?.code, error?.message], [5, 'no such item']);
      assert.equal(harness.peer.calls, 1);
    });

    // The client reads streams in text alone.
    if (format === 'binary') return;

    test('a server stream, and one that fails behind its messages', async (t) => {
      const { harness, url } = await start(t);
      harness.peer.script = async ({ stream, messages }) => {
        const [item] = await messages;
        const late = item?.name === 'late';
        respond(
          stream,
          late ? { 'grpc-status': '8', 'grpc-message': 'enough' } : { 'grpc-status': '0' },
        );
        for (let count = 1; count <= 5; count++) {
          stream.write(envelope({ name: 'x'.repeat(count), count }));
        }
        stream.end();
      };
      const client = new grpcWeb.GrpcWebClientBase({ format });
      for (const [name, code] of [
        ['good', 0],
        ['late', 8],
      ] as const) {
        const counts: unknown[] = [];
        const stream = client.serverStreaming(
          `${url}/Watch`,
          { name },
          {},
          descriptor('Watch', 'server_streaming'),
        );
        stream.on('data', ({ count }) => counts.push(count));
        const end = await new Promise<number>((resolve) => {
          stream.on('error', (error) => resolve(error.code));
          stream.on('end', () => resolve(0));
        });
        assert.deepEqual([counts, end], [[1, 2, 3, 4, 5], code]);
      }
      assert.equal(harness.peer.calls, 2);
    });
  });
}
