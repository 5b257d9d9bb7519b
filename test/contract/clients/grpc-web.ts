/** The client of the gRPC-Web project, over an XMLHttpRequest for Node. */
import { createRequire } from 'node:module';
import {
  type ClientReadableStream,
  GrpcWebClientBase,
  type Metadata,
  MethodDescriptor,
  MethodType,
  StatusCode,
} from 'grpc-web';
import { decodeItem, encodeItem, type Item } from '../../support/scripted-grpc.ts';
import { decodeDetails } from './details.ts';
import { type Call, first, plain, type RpcClient, type Target, urlOf, valuesOf } from './types.ts';

// It takes the browser's from the global object when a call begins.
const require = createRequire(import.meta.url);
Object.assign(globalThis, { XMLHttpRequest: require('xhr2') });

interface End {
  readonly code: number;
  readonly message: string;
  readonly tail: Metadata;
}

// Nothing but generated code ever makes one.
const Message = Object as unknown as new () => Item;

export function grpcWebClient(target: Target, format: 'text' | 'binary'): RpcClient {
  const client = new GrpcWebClientBase({ format });
  return {
    async call(call) {
      const items: Item[] = [];
      const take = (item: Item): void => {
        items.push(plain(item));
        call.onItem?.(plain(item));
      };
      const stream = start(
        { client, url: urlOf(target), call, item: await first(call.requests) },
        take,
      );
      let head: Metadata = {};
      stream.on('metadata', (metadata) => (head = metadata));
      const { code, message, tail } = await endOf(stream, call.signal);
      const details = decodeDetails(bytesIn(tail, 'grpc-status-details-bin'));
      return {
        items,
        head: valuesOf((name) => valueIn(head, name)),
        tail: valuesOf((name) => valueIn(tail, name)),
        failure: code === StatusCode.OK ? null : { code, message, details },
      };
    },
  };
}

interface Started {
  readonly client: GrpcWebClientBase;
  readonly url: string;
  readonly call: Call;
  readonly item: Item;
}

function start(
  { client, url, call, item }: Started,
  take: (item: Item) => void,
): ClientReadableStream<Item> {
  const { method, metadata: values = {}, deadlineMs } = call;
  const metadata: Metadata = {};
  for (const [name, value] of Object.entries(values)) {
    metadata[name] = typeof value === 'string' ? value : Buffer.from(value).toString('base64');
  }
  if (deadlineMs !== undefined) metadata['deadline'] = String(Date.now() + deadlineMs);
  const path = `/fault.v1.Fault/${method}`;
  const type = method === 'Watch' ? MethodType.SERVER_STREAMING : MethodType.UNARY;
  const decode = (bytes: Uint8Array): Item => decodeItem(new Uint8Array(bytes));
  const descriptor = new MethodDescriptor<Item, Item>(
    path,
    type,
    Message,
    Message,
    encodeItem,
    decode,
  );
  const wire = [`${url}${path}`, item, metadata, descriptor] as const;
  if (method !== 'Watch') return client.rpcCall(...wire, (error, answer) => error ?? take(answer));
  return client.serverStreaming(...wire).on('data', take);
}

function endOf(stream: ClientReadableStream<Item>, signal: AbortSignal | undefined): Promise<End> {
  return new Promise((resolve) => {
    let tail: Metadata = {};
    stream.on('status', ({ code, details: message, metadata = {} }) => {
      tail = metadata;
      if (code !== StatusCode.OK) resolve({ code, message, tail });
    });
    stream.on('end', () => resolve({ code: StatusCode.OK, message: '', tail }));
    signal?.addEventListener('abort', () => {
      stream.cancel();
      // The library says no more of a call that it was told to give up.
      resolve({ code: StatusCode.CANCELLED, message: '', tail: {} });
    });
  });
}

function valueIn(metadata: Metadata, name: string): string | Uint8Array | undefined {
  return name.endsWith('-bin') ? bytesIn(metadata, name) : metadata[name];
}

function bytesIn(metadata: Metadata, name: string): Uint8Array | undefined {
  const value = metadata[name];
  return value === undefined ? undefined : Buffer.from(value, 'base64');
}
