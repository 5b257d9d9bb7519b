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

/** What concerns the connection; the message has more, which is kept. */
export interface ClientRequest {
  host: string;
  port: number;
  /** PEM; empty without TLS. */
  serverTlsCert: Uint8Array;
  clientTlsCreds: { readonly cert: Uint8Array; readonly key: Uint8Array } | null;
  /** Bytes; 0 is no limit. */
  messageReceiveLimit: number;
}

interface Codec<Value> {
  encode(value: Partial<Value>): Uint8Array;
  decode(bytes: Uint8Array): Value;
}

export interface CompatMessages {
  readonly request: Codec<ServerRequest>;
  readonly response: Codec<ServerResponse>;
  readonly clientRequest: Codec<ClientRequest>;
}

const LENGTH_BYTES = 4;

export function loadMessages(protos: string): CompatMessages {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => join(protos, target);
  root.loadSync(
    ['server_compat', 'client_compat'].map((name) => `connectrpc/conformance/v1/${name}.proto`),
  );
  const clientType = root.lookupType('connectrpc.conformance.v1.ClientCompatRequest');
  return {
    request: codec(root, 'ServerCompatRequest'),
    response: codec(root, 'ServerCompatResponse'),
    // As the library has it: what is not set must not become its default.
    clientRequest: {
      encode: (value) => clientType.encode(value).finish(),
      decode: (bytes) => clientType.decode(bytes) as unknown as ClientRequest,
    },
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
  for await (const message of readAllDelimited(stream)) return message;
  throw new Error('the stream ended before its first message');
}

export async function* readAllDelimited(stream: Readable): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + rest.readUInt32BE();
      if (rest.length < end) break;
      yield rest.subarray(LENGTH_BYTES, end);
      rest = rest.subarray(end);
    }
  }
  if (rest.length > 0) throw new Error('the stream ended within a message');
}

function codec<Value>(root: protobuf.Root, name: string): Codec<Value> {
  const type = root.lookupType(`connectrpc.conformance.v1.${name}`);
  return {
    encode: (value) => type.encode(type.fromObject(value)).finish(),
    decode: (bytes) =>
      type.toObject(type.decode(bytes), { defaults: true, enums: String }) as Value,
  };
}
