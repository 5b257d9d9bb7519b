/** gRPC in, gRPC out. */
import { isDeepStrictEqual } from 'node:util';
import { askGrpc } from '../lib/grpc-answer.ts';
import { ITEM, ITEM_ID } from '../lib/messages.ts';
import { enveloped, methodOf } from '../lib/proto.ts';
import { grpcLoad } from '../load/h2load.ts';
import { InvalidRun } from '../load/types.ts';
import type { Workload } from './types.ts';

const { path, requestSerialize, responseDeserialize } = methodOf('GetItem');
const BODY = enveloped(requestSerialize({ id: ITEM_ID }));

export const grpc: Workload = {
  name: 'grpc',
  title: 'gRPC to gRPC, the small answer, 8 connections of 8 calls each',
  per: 'request',
  contestants: ['grpc-js', 'polygate', 'envoy'],
  upstream: 'canned',
  check: async (port) => {
    const body = await askGrpc(port, path, BODY);
    const item = responseDeserialize(body.subarray(5));
    if (!isDeepStrictEqual({ ...item }, ITEM)) {
      throw new InvalidRun(`the answer is ${JSON.stringify(item)}`);
    }
    return body.length;
  },
  load: ({ port, seconds, bodyBytes, folder }) =>
    grpcLoad({ port, path, seconds, connections: 8, streams: 8, body: BODY, bodyBytes, folder }),
};
