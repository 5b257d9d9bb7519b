/** The small answer to browsers that speak gRPC-Web or Connect: the same message as `small`, over HTTP/1.1 connections as many. */
import { isDeepStrictEqual } from 'node:util';
import { ask } from '../lib/answer.ts';
import { grpcWebAnswer } from '../lib/grpc-web-answer.ts';
import { ITEM, ITEM_ID } from '../lib/messages.ts';
import { enveloped, methodOf } from '../lib/proto.ts';
import { InvalidRun } from '../load/types.ts';
import { unaryLoad } from '../load/unary.ts';
import type { Workload } from './types.ts';
import { BUSY_CONNECTIONS } from './unary.ts';

interface Client extends Pick<Workload, 'name' | 'title' | 'contestants'> {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** The message of an answer. */
  readonly read: (body: Buffer) => unknown;
}

const { path, requestSerialize, responseDeserialize } = methodOf('GetItem');
const MESSAGE = requestSerialize({ id: ITEM_ID });
const ENVELOPED = enveloped(MESSAGE);

export const grpcWeb = rpc({
  name: 'grpc-web',
  title: 'the small answer to gRPC-Web over HTTP/1.1',
  contestants: ['polygate', 'envoy'],
  headers: { 'content-type': 'application/grpc-web+proto', 'x-grpc-web': '1' },
  body: ENVELOPED,
  read: (body) => itemOf(grpcWebAnswer(body)),
});
export const grpcWebText = rpc({
  name: 'grpc-web-text',
  title: 'the same in base64, as pages ask for it that want streams from XMLHttpRequest',
  contestants: ['polygate', 'envoy'],
  headers: { 'content-type': 'application/grpc-web-text', accept: 'application/grpc-web-text' },
  body: ENVELOPED.toString('base64'),
  // Each padded part of it is base64 by itself.
  read: (body) => itemOf(grpcWebAnswer(decoded(body.toString('latin1')))),
});
export const connect = rpc({
  name: 'connect',
  title: 'the small answer to unary Connect in protobuf',
  contestants: ['polygate'],
  headers: { 'content-type': 'application/proto', 'connect-protocol-version': '1' },
  body: MESSAGE,
  read: itemOf,
});
export const connectJson = rpc({
  name: 'connect-json',
  title: 'the same in JSON',
  contestants: ['polygate'],
  headers: { 'content-type': 'application/json', 'connect-protocol-version': '1' },
  body: JSON.stringify({ id: ITEM_ID }),
  read: (body) => JSON.parse(body.toString()),
});

function rpc({ headers, body, read, ...names }: Client): Workload {
  const request = { method: 'POST', path, headers, body } as const;
  const how = { connections: BUSY_CONNECTIONS, request };
  return {
    ...names,
    per: 'request',
    upstream: 'canned',
    check: async (port) => {
      const answer = await ask(port, request);
      const item = read(answer);
      if (!isDeepStrictEqual(item, ITEM)) {
        throw new InvalidRun(`the answer is ${JSON.stringify(item)}`);
      }
      return answer.length;
    },
    warmUp: async (target) => {
      await unaryLoad({ ...target, ...how, seconds: 1, inspects: true });
      return unaryLoad({ ...target, ...how });
    },
    load: (target) => unaryLoad({ ...target, ...how }),
  };
}

function itemOf(message: Buffer): unknown {
  return { ...responseDeserialize(message) };
}

function decoded(text: string): Buffer {
  const parts = text.match(/[^=]+=*/g) ?? [];
  return Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));
}
