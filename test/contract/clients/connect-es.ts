/** Clients of connect-es, whatever the transport. */
import {
  ConnectError,
  createClient,
  decodeBinaryHeader,
  encodeBinaryHeader,
  type Transport,
} from '@connectrpc/connect';
import { ErrorInfoMessage, FaultService } from '../../support/fault-service.ts';
import type { Item } from '../../support/scripted-grpc.ts';
import {
  type Call,
  type ErrorInfo,
  first,
  plain,
  type RpcClient,
  type Values,
  valuesOf,
} from './types.ts';

interface Options {
  readonly headers: Headers;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onHeader: (headers: Headers) => void;
  readonly onTrailer: (headers: Headers) => void;
}

/** What createClient makes of a service that has no generated types. */
interface Client {
  get(item: Item, options: Options): Promise<Item>;
  create(item: Item, options: Options): Promise<Item>;
  watch(item: Item, options: Options): AsyncIterable<Item>;
  upload(items: AsyncIterable<Item>, options: Options): Promise<Item>;
  talk(items: AsyncIterable<Item>, options: Options): AsyncIterable<Item>;
}

export function connectClient(transport: Transport): RpcClient {
  const client = createClient(FaultService, transport) as unknown as Client;
  return {
    async call(call) {
      const items: Item[] = [];
      let head = valuesIn(new Headers());
      let tail = head;
      const options = optionsOf(call, {
        onHeader: (headers) => (head = valuesIn(headers)),
        onTrailer: (trailers) => (tail = valuesIn(trailers)),
      });
      try {
        for await (const item of answers(client, call, options)) {
          items.push(plain(item));
          call.onItem?.(plain(item));
        }
        return { items, head, tail, failure: null };
      } catch (error) {
        const failed = ConnectError.from(error);
        const details = failed.findDetails(ErrorInfoMessage) as unknown[] as ErrorInfo[];
        const { code, rawMessage: message } = failed;
        return {
          items,
          head,
          tail: valuesIn(failed.metadata),
          failure: { code, message, details },
        };
      }
    },
  };
}

async function* answers(client: Client, call: Call, options: Options): AsyncGenerator<Item> {
  const { method, requests } = call;
  if (method === 'Get') yield await client.get(await first(requests), options);
  else if (method === 'Create') yield await client.create(await first(requests), options);
  else if (method === 'Upload') yield await client.upload(requests, options);
  else if (method === 'Watch') yield* client.watch(await first(requests), options);
  else yield* client.talk(requests, options);
}

function optionsOf(
  { metadata = {}, deadlineMs, signal }: Call,
  listeners: Pick<Options, 'onHeader' | 'onTrailer'>,
): Options {
  const headers = new Headers();
  for (const [name, value] of Object.entries(metadata)) {
    headers.set(name, typeof value === 'string' ? value : encodeBinaryHeader(value));
  }
  return {
    headers,
    ...listeners,
    ...(deadlineMs !== undefined && { timeoutMs: deadlineMs }),
    ...(signal !== undefined && { signal }),
  };
}

function valuesIn(headers: Headers): Values {
  return valuesOf((name) => {
    const value = headers.get(name);
    return value !== null && name.endsWith('-bin') ? decodeBinaryHeader(value) : value;
  });
}
