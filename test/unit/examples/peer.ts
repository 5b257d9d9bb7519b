/** A grpc-js client of the demo's services, for tests: plain requests in, plain answers and decoded errors out. */
import type { TestContext } from 'node:test';
import {
  type ChannelCredentials,
  Client,
  credentials,
  type Metadata,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { loadProto, PROTOS, serviceOf } from '../../../examples/bookstore/protos.ts';
import { type BookstoreOptions, startBookstore } from '../../../examples/bookstore/server.ts';

/** An answer as text and numbers; tests look into it by hand. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Answer = any;

export interface Peer {
  readonly port: number;
  /** One request, one answer. Rejects with grpc-js's ServiceError. */
  call(method: string, request: object): Promise<Answer>;
  /** The initial metadata of a unary call. */
  head(method: string, request: object): Promise<Metadata>;
  /** Many requests, one answer. */
  send(method: string, requests: readonly object[]): Promise<Answer>;
  /** One request, the answers until the end; `error` is set when it ended badly. */
  stream(method: string, request: object): Promise<Streamed>;
  /** The open stream of a method with many answers. */
  open(method: string, request: object): AsyncIterable<Answer> & { cancel(): void };
  /** All requests, then all answers. */
  talk(method: string, requests: readonly object[]): Promise<Streamed>;
}

interface Streamed {
  readonly messages: Answer[];
  readonly error: ServiceError | undefined;
}

const BOOKSTORE = ['demo/bookstore/v1/bookstore.proto', 'bookstore.v1.Bookstore'] as const;

/** Starts a service of its own for one test, and a client of it; both end with the test. */
export async function startPeer(
  test: TestContext,
  options: BookstoreOptions = {},
  [file, service]: readonly [string, string] = BOOKSTORE,
): Promise<Peer> {
  const bookstore = await startBookstore(options);
  test.after(() => bookstore.close());
  return connect(test, bookstore.port, [file, service]);
}

/** A client of one service at `port`. */
export function connect(
  test: TestContext,
  port: number,
  [file, service]: readonly [string, string] = BOOKSTORE,
): Peer {
  const definition = serviceOf(loadProto(file), service);
  const insecure: ChannelCredentials = credentials.createInsecure();
  const client = new Client(`127.0.0.1:${port}`, insecure);
  test.after(() => client.close());
  const method = (name: string): MethodDefinition<object, Answer> => {
    const found = definition[name];
    if (found === undefined) throw new Error(`no method ${name}`);
    return found;
  };
  const unary = (
    name: string,
    request: object,
    onHead: (head: Metadata) => void,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = method(name);
      client
        .makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) =>
          error === null ? resolve(answer) : reject(error),
        )
        .on('metadata', onHead);
    });
  const open = (name: string, request: object): ReturnType<Peer['open']> => {
    const { path, requestSerialize, responseDeserialize } = method(name);
    return client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
  };
  return {
    port,
    call: (name, request) => unary(name, request, () => undefined),
    head: (name, request) =>
      new Promise((resolve, reject) => {
        unary(name, request, resolve).catch(reject);
      }),
    send: (name, requests) =>
      new Promise((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = method(name);
        const call = client.makeClientStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          (error, answer) => (error === null ? resolve(answer) : reject(error)),
        );
        for (const request of requests) call.write(request);
        call.end();
      }),
    open,
    stream: (name, request) => collect(open(name, request)),
    talk(name, requests) {
      const { path, requestSerialize, responseDeserialize } = method(name);
      const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
      for (const request of requests) call.write(request);
      call.end();
      return collect(call);
    },
  };
}

async function collect(stream: AsyncIterable<Answer>): Promise<Streamed> {
  const messages: Answer[] = [];
  try {
    for await (const message of stream) messages.push(message);
    return { messages, error: undefined };
  } catch (error) {
    return { messages, error: error as ServiceError };
  }
}

const rpc = new protobuf.Root();
rpc.resolvePath = (_, target) => `${PROTOS}/${target}`;
rpc.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto'], { keepCase: true });

/** The details of an error by short type name, as `BadRequest`; read by the published google.rpc files, not by the service's own code. */
export function detailsOf(error: unknown): Record<string, Answer> {
  const [bytes] = (error as ServiceError).metadata.get('grpc-status-details-bin');
  if (!(bytes instanceof Uint8Array)) return {};
  const status = plain('google.rpc.Status', bytes);
  return Object.fromEntries(
    status.details.map(({ type_url, value }: { type_url: string; value: Uint8Array }) => {
      const type = type_url.replace('type.googleapis.com/', '');
      return [type.replace('google.rpc.', ''), plain(type, value)];
    }),
  );
}

function plain(type: string, bytes: Uint8Array): Answer {
  const found = rpc.lookupType(type);
  return found.toObject(found.decode(bytes), { longs: String });
}
