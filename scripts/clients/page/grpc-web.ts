/** The page by the client of the gRPC-Web project. */
import {
  type DescMethod,
  fromBinary,
  fromJson,
  type JsonObject,
  type Message,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { base64Decode } from '@bufbuild/protobuf/wire';
import type { Any } from '@bufbuild/protobuf/wkt';
import { GrpcWebClientBase, MethodDescriptor, MethodType, type RpcError } from 'grpc-web';
import { detailOf, methodOf, type Schema } from './schema.ts';
import type { Events, Json, PageClient, Told } from './types.ts';

// Nothing but generated code ever makes one.
const Unmade = Object as unknown as new () => Message;

export function grpcWebClient(
  schema: Schema,
  origin: string,
  format: 'text' | 'binary',
): PageClient {
  const { registry, service } = schema;
  const client = new GrpcWebClientBase({ format });
  const wire = ({ name, input, output, methodKind }: DescMethod, request: Json) => {
    const path = `/${service.typeName}/${name}`;
    const type = methodKind === 'unary' ? MethodType.UNARY : MethodType.SERVER_STREAMING;
    const encode = (message: Message): Uint8Array => toBinary(input, message);
    const decode = (bytes: Uint8Array): Message => fromBinary(output, bytes);
    const message = fromJson(input, request as JsonObject, { registry });
    const descriptor = new MethodDescriptor(path, type, Unmade, Unmade, encode, decode);
    return [`${origin}${path}`, message, {}, descriptor] as const;
  };
  return {
    ask(method, request) {
      const described = methodOf(schema, method);
      return new Promise((resolve) => {
        let revision: string | null = null;
        client
          // Its types forget that there is none where all went well.
          .rpcCall(...wire(described, request), (error: RpcError | null, message) => {
            if (error !== null) resolve(failed(schema, error));
            else
              resolve({
                value: toJson(described.output, message, { registry }),
                revision,
                failure: null,
              });
          })
          .on('metadata', (head) => (revision = head['bookstore-revision'] ?? null));
      });
    },
    watch(request) {
      const described = methodOf(schema, 'WatchShelf');
      const call = client.serverStreaming(...wire(described, request));
      const events = new Queue();
      call.on('data', (message) => events.put(toJson(described.output, message, { registry })));
      call.on('error', (error) => events.fail(error));
      call.on('end', () => events.put(null));
      return { next: () => events.next(), cancel: () => call.cancel() };
    },
  };
}

function failed(schema: Schema, { code, message, metadata }: RpcError): Told {
  const status = metadata['grpc-status-details-bin'];
  const { details } =
    status === undefined
      ? { details: [] }
      : (fromBinary(schema.status, base64Decode(status)) as unknown as { details: Any[] });
  const told = details.map((any) => detailOf(schema, any));
  return { value: null, revision: null, failure: { code, message, details: told } };
}

/** What listeners are told, for one who asks. */
class Queue implements Pick<Events, 'next'> {
  readonly #told: PromiseWithResolvers<unknown>[] = [];
  readonly #asked: PromiseWithResolvers<unknown>[] = [];

  put(event: unknown): void {
    this.#meeting(this.#asked, this.#told).resolve(event);
  }

  fail(error: RpcError): void {
    this.#meeting(this.#asked, this.#told).reject(error);
  }

  next(): Promise<unknown> {
    return this.#meeting(this.#told, this.#asked).promise;
  }

  /** The first one comes from the other side, or waits for it. */
  #meeting(
    others: PromiseWithResolvers<unknown>[],
    own: PromiseWithResolvers<unknown>[],
  ): PromiseWithResolvers<unknown> {
    const waiting = others.shift();
    if (waiting !== undefined) return waiting;
    const made = Promise.withResolvers<unknown>();
    own.push(made);
    return made;
  }
}
