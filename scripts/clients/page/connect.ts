/** The page by connect-web. */
import {
  type DescMethod,
  fromJson,
  type JsonObject,
  type Message,
  toJson,
} from '@bufbuild/protobuf';
import { ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { detailOf, methodOf, type Schema } from './schema.ts';
import type { Events, Json, PageClient, Told } from './types.ts';

interface Options {
  readonly signal?: AbortSignal;
  readonly onHeader?: (headers: Headers) => void;
}

/** What createClient makes of a service that has no generated types. */
interface Client {
  getBook(request: Message, options: Options): Promise<Message>;
  createBook(request: Message, options: Options): Promise<Message>;
  watchShelf(request: Message, options: Options): AsyncIterable<Message>;
}

export function connectClient(schema: Schema, transport: Transport): PageClient {
  const { registry, service } = schema;
  const client = createClient(service, transport) as unknown as Client;
  const encode = ({ input }: DescMethod, request: Json): Message =>
    fromJson(input, request as JsonObject, { registry });
  const decode = ({ output }: DescMethod, message: Message): unknown =>
    toJson(output, message, { registry });
  return {
    async ask(method, request) {
      const described = methodOf(schema, method);
      let revision: string | null = null;
      const options: Options = {
        onHeader: (headers) => (revision = headers.get('bookstore-revision')),
      };
      try {
        const message =
          method === 'GetBook'
            ? await client.getBook(encode(described, request), options)
            : await client.createBook(encode(described, request), options);
        return { value: decode(described, message), revision, failure: null };
      } catch (error) {
        return failed(schema, error);
      }
    },
    watch(request): Events {
      const described = methodOf(schema, 'WatchShelf');
      const controller = new AbortController();
      const { signal } = controller;
      const answer = client.watchShelf(encode(described, request), { signal });
      const events = answer[Symbol.asyncIterator]();
      return {
        async next() {
          const { done, value } = await events.next();
          return done === true ? null : decode(described, value);
        },
        cancel: () => controller.abort(),
      };
    },
  };
}

function failed(schema: Schema, error: unknown): Told {
  const { code, rawMessage: message, details } = ConnectError.from(error);
  const told = details.map((detail) => {
    const { type, value } = detail as { type: string; value: Uint8Array };
    const typeUrl = `type.googleapis.com/${type}`;
    return detailOf(schema, { $typeName: 'google.protobuf.Any', typeUrl, value });
  });
  return { value: null, revision: null, failure: { code, message, details: told } };
}
