/** Clients of grpc-js. */
import * as grpc from '@grpc/grpc-js';
import { faultDefinition } from '../../support/fault-definition.ts';
import type { Item } from '../../support/scripted-grpc.ts';
import { decodeDetails } from './details.ts';
import {
  type Call,
  first,
  plain,
  type RpcClient,
  type Target,
  type Values,
  valuesOf,
} from './types.ts';

type Reading = Pick<grpc.ClientUnaryCall, 'on' | 'cancel'>;

const definition = faultDefinition();

export function grpcJsClient({ port, tls, ca }: Target): RpcClient {
  const credentials = tls
    ? grpc.credentials.createSsl(Buffer.from(ca))
    : grpc.credentials.createInsecure();
  const client = new grpc.Client(`127.0.0.1:${port}`, credentials);
  return {
    call: async (call) => {
      const items: Item[] = [];
      const take = (item: Item | undefined): void => {
        if (item === undefined) return;
        items.push(plain(item));
        call.onItem?.(plain(item));
      };
      const started = await start(client, call, take);
      let head = new grpc.Metadata();
      started.on('metadata', (metadata: grpc.Metadata) => (head = metadata));
      call.signal?.addEventListener('abort', () => started.cancel());
      const status = await new Promise<grpc.StatusObject>((resolve) => {
        // The answer of a unary call is told in the same turn as the status, behind it.
        started.on('status', (status: grpc.StatusObject) => setImmediate(resolve, status));
      });
      const { code, details: message, metadata: tail } = status;
      const details = decodeDetails(tail.get('grpc-status-details-bin')[0] as Buffer | undefined);
      return {
        items,
        head: valuesIn(head),
        tail: valuesIn(tail),
        failure: code === grpc.status.OK ? null : { code, message, details },
      };
    },
    close: () => client.close(),
  };
}

async function start(
  client: grpc.Client,
  { method, requests, metadata: values = {}, deadlineMs }: Call,
  take: (item: Item | undefined) => void,
): Promise<Reading> {
  const described = definition[method] as grpc.MethodDefinition<Item, Item>;
  const { path, requestSerialize, responseDeserialize } = described;
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(values)) {
    metadata.set(name, typeof value === 'string' ? value : Buffer.from(value));
  }
  const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
  const wire = [path, requestSerialize, responseDeserialize] as const;
  const done: grpc.requestCallback<Item> = (_, item) => take(item);
  if (method === 'Get' || method === 'Create') {
    return client.makeUnaryRequest(...wire, await first(requests), metadata, options, done);
  }
  if (method === 'Watch') {
    const item = await first(requests);
    return readAll(client.makeServerStreamRequest(...wire, item, metadata, options), take);
  }
  if (method === 'Upload') {
    const call = client.makeClientStreamRequest(...wire, metadata, options, done);
    void send(call, requests);
    return call;
  }
  const call = client.makeBidiStreamRequest(...wire, metadata, options);
  void send(call, requests);
  return readAll(call, take);
}

function readAll(
  stream: grpc.ClientReadableStream<Item> | grpc.ClientDuplexStream<Item, Item>,
  take: (item: Item) => void,
): Reading {
  stream.on('data', take);
  // It is in the status as well.
  stream.on('error', () => {});
  return stream;
}

async function send(
  call: grpc.ClientWritableStream<Item>,
  requests: AsyncIterable<Item>,
): Promise<void> {
  for await (const item of requests) call.write(item);
  call.end();
}

function valuesIn(metadata: grpc.Metadata): Values {
  return valuesOf((name) => {
    const values = metadata.get(name);
    return name.endsWith('-bin') ? values[0] : values.join(', ') || undefined;
  });
}
