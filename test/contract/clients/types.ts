/** What a client of others is to the cases: one way to call, whatever its library is like. */
import type { Item } from '../../support/scripted-grpc.ts';

export type Method = 'Get' | 'Create' | 'Watch' | 'Upload' | 'Talk';

export interface Call {
  readonly method: Method;
  /** Methods that take one message get the only one. */
  readonly requests: AsyncIterable<Item>;
  /** Bytes under names that end in `-bin`. */
  readonly metadata?: Readonly<Record<string, string | Uint8Array>>;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly onItem?: (item: Item) => void;
}

/** google.rpc.ErrorInfo, as the client has decoded it. */
export interface ErrorInfo {
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Failure {
  /** The number that gRPC gives it. */
  readonly code: number;
  readonly message: string;
  readonly details: readonly ErrorInfo[];
}

/** Bytes as hexadecimal digits; undefined where the client saw none of that name. */
export type Values = (name: string) => string | undefined;

export interface Received {
  readonly items: readonly Item[];
  readonly head: Values;
  /** Trailers, or what a failed call came with. */
  readonly tail: Values;
  readonly failure: Failure | null;
}

export interface RpcClient {
  /** Never rejects for what the other side does. */
  call(call: Call): Promise<Received>;
  close?(): void;
}

export interface Target {
  readonly port: number;
  readonly tls: boolean;
  /** Of the authority that signed the gateway's certificate. */
  readonly ca: string;
}

/** What a client may not have. */
export type Feature =
  | 'server streams'
  | 'client streams'
  | 'full duplex'
  | 'messages as they come'
  | 'repeated trailers'
  | 'deadlines on the wire';

/** A transport of a client's library. */
export interface Subject {
  readonly name: string;
  /** As the gateway names what it has been spoken to in. */
  readonly protocol: 'grpc' | 'grpc-web' | 'connect';
  readonly tls: boolean;
  readonly json?: boolean;
  /** Calls without side effects are a GET. */
  readonly get?: boolean;
  /** How the client compresses; the service then does by gzip. */
  readonly compression?: 'gzip' | 'br';
  /** Each with its reason. */
  readonly lacks?: Readonly<Partial<Record<Feature, string>>>;
  open(target: Target): RpcClient;
}

export async function* of(...items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

/** A message as every library's can be compared: protobuf knows no difference between a default and nothing. */
export function plain({ name = '', count = 0 }: Item): Item {
  return { name, count };
}

export async function first(items: AsyncIterable<Item>): Promise<Item> {
  for await (const item of items) return item;
  throw new Error('no message');
}

export function valuesOf(get: (name: string) => string | Uint8Array | null | undefined): Values {
  return (name) => {
    const value = get(name);
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : (value ?? undefined);
  };
}

export function urlOf({ port, tls }: Target): string {
  return `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
}
