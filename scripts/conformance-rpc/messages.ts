/** What the runner and the programs under test tell each other (server_compat.proto), each message with its length before it. */
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import protobuf from 'protobufjs';

export interface ServerRequest {
  readonly protocol: string;
  readonly httpVersion: string;
  readonly useTls: boolean;
  /** PEM; empty where clients need no certificate. */
  readonly clientTlsCert: Uint8Array;
  /** Bytes; 0 is no limit. */
  readonly messageReceiveLimit: number;
  readonly serverCreds: { readonly cert: Uint8Array; readonly key: Uint8Array } | null;
}

export interface ServerResponse {
  readonly host: string;
  readonly port: number;
  /** PEM; empty without TLS. */
  readonly pemCert: Uint8Array;
}

interface Codec<Value> {
  encode(value: Partial<Value>): Uint8Array;
  decode(bytes: Uint8Array): Value;
}

export interface CompatMessages {
  readonly request: Codec<ServerRequest>;
  readonly response: Codec<ServerResponse>;
}

const LENGTH_BYTES = 4;

export function loadMessages(protos: string): CompatMessages {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => join(protos, target);
  root.loadSync('connectrpc/conformance/v1/server_compat.proto');
  return {
    request: codec(root, 'ServerCompatRequest'),
    response: codec(root, 'ServerCompatResponse'),
  };
}

export function delimited(message: Uint8Array): Uint8Array {
  const whole = Buffer.alloc(LENGTH_BYTES + message.length);
  whole.writeUInt32BE(message.length);
  whole.set(message, LENGTH_BYTES);
  return whole;
}

/** The first message of a stream. */
export async function readDelimited(stream: Readable): Promise<Uint8Array> {
  let whole = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    whole = Buffer.concat([whole, chunk]);
    if (whole.length < LENGTH_BYTES) continue;
    const end = LENGTH_BYTES + whole.readUInt32BE();
    if (whole.length >= end) return whole.subarray(LENGTH_BYTES, end);
  }
  throw new Error('the stream ended within a message');
}

function codec<Value>(root: protobuf.Root, name: string): Codec<Value> {
  const type = root.lookupType(`connectrpc.conformance.v1.${name}`);
  return {
    encode: (value) => type.encode(type.fromObject(value)).finish(),
    decode: (bytes) =>
      type.toObject(type.decode(bytes), { defaults: true, enums: String }) as Value,
  };
}
