/** Clients of nice-grpc and of nice-grpc-web, which are called alike. */
import {
  type CallOptions,
  ClientError,
  type ClientMiddleware,
  composeClientMiddleware,
  Metadata,
  Status,
} from 'nice-grpc';
import { type DeadlineOptions, deadlineMiddleware } from 'nice-grpc-client-middleware-deadline';
import { ErrorInfo, errorDetailsClientMiddleware, RichClientError } from 'nice-grpc-error-details';
import type { Item } from '../../support/scripted-grpc.ts';
import {
  type Call,
  type Failure,
  first,
  plain,
  type RpcClient,
  type Values,
  valuesOf,
} from './types.ts';

type Options = CallOptions & DeadlineOptions;

/** What both libraries make of a definition without generated types. */
export interface NiceClient {
  Get(item: Item, options: Options): Promise<Item>;
  Create(item: Item, options: Options): Promise<Item>;
  Watch(item: Item, options: Options): AsyncIterable<Item>;
  Upload(items: AsyncIterable<Item>, options: Options): Promise<Item>;
  Talk(items: AsyncIterable<Item>, options: Options): AsyncIterable<Item>;
}

/** Deadlines and details of errors are packages of their own. */
export const niceMiddleware: ClientMiddleware<DeadlineOptions> = composeClientMiddleware(
  errorDetailsClientMiddleware,
  deadlineMiddleware,
);

export function niceClient(client: NiceClient, close: () => void = () => {}): RpcClient {
  return {
    async call(call) {
      const items: Item[] = [];
      let head = new Metadata();
      let tail = new Metadata();
      let failure: Failure | null = null;
      const options = {
        ...optionsOf(call),
        onHeader: (metadata: Metadata) => (head = metadata),
        onTrailer: (metadata: Metadata) => (tail = metadata),
      };
      try {
        for await (const item of answers(client, call, options)) {
          items.push(plain(item));
          call.onItem?.(plain(item));
        }
      } catch (error) {
        failure = failureOf(error);
      }
      return {
        items,
        head: valuesIn(head),
        tail: valuesIn(tail),
        failure,
      };
    },
    close,
  };
}

async function* answers(client: NiceClient, call: Call, options: Options): AsyncGenerator<Item> {
  const { method, requests } = call;
  if (method === 'Get' || method === 'Create') {
    yield await client[method](await first(requests), options);
  } else if (method === 'Upload') yield await client.Upload(requests, options);
  else if (method === 'Watch') yield* client.Watch(await first(requests), options);
  else yield* client.Talk(requests, options);
}

function optionsOf({ metadata: values = {}, deadlineMs, signal }: Call): Options {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(values)) metadata.set(name, value);
  return {
    metadata,
    ...(deadlineMs !== undefined && { deadline: deadlineMs }),
    ...(signal !== undefined && { signal }),
  };
}

function failureOf(error: unknown): Failure {
  // A call that its own signal has ended rejects with an AbortError.
  if (error instanceof Error && error.name === 'AbortError') {
    return { code: Status.CANCELLED, message: '', details: [] };
  }
  if (!(error instanceof ClientError)) throw error;
  const { code, details: message } = error;
  const extra = error instanceof RichClientError ? error.extra : [];
  const details = extra.filter((detail) => detail.$type === ErrorInfo.$type);
  return { code, message, details };
}

function valuesIn(metadata: Metadata): Values {
  return valuesOf((name) =>
    name.endsWith('-bin')
      ? metadata.get(name)
      : metadata.getAll(name as 'text').join(', ') || undefined,
  );
}
