/** The service as grpc-js sees it: for the canned answers and for the contestants that are written with it. */
import { loadPackageDefinition } from '@grpc/grpc-js';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import type { ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { BENCH_PROTOS, BUNDLED_PROTOS, PROTO_FILE } from './paths.ts';

export type Plain = Record<string, unknown>;
export type Method = MethodDefinition<Plain, Plain>;

const definition = loadSync(PROTO_FILE, {
  includeDirs: [BENCH_PROTOS, BUNDLED_PROTOS],
  longs: String,
  enums: String,
});

export const SERVICE = 'bench.v1.Shop';
export const service = definition[SERVICE] as ServiceDefinition;

export function methodOf(name: string): Method {
  const method = service[name];
  if (method === undefined) throw new Error(`no method ${name}`);
  return method as Method;
}

export function shopClient(): ServiceClientConstructor {
  const root = loadPackageDefinition(definition) as unknown as {
    bench: { v1: { Shop: ServiceClientConstructor } };
  };
  return root.bench.v1.Shop;
}

/** A gRPC envelope, uncompressed. */
export function enveloped(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** proto-loader knows Timestamp as seconds and nanos, JSON as a string. */
export function orderFromJson(json: Plain): Plain {
  const ms = Date.parse(String(json['created']));
  const seconds = Math.floor(ms / 1000);
  return { ...json, created: { seconds, nanos: (ms - seconds * 1000) * 1e6 } };
}

export function orderToJson(order: Plain): Plain {
  const { seconds, nanos } = order['created'] as { seconds: string; nanos: number };
  const ms = Number(seconds) * 1000 + nanos / 1e6;
  return { ...order, created: new Date(ms).toISOString() };
}
