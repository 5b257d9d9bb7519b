/** The messages of a test in both codecs and all codings, made and read by nothing of ours. */
import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';
import protobuf from 'protobufjs';

export const CODECS = ['proto', 'json'] as const;
export type Codec = (typeof CODECS)[number];
export const CODINGS = ['identity', 'gzip', 'deflate', 'br', 'zstd'] as const;
export type Coding = (typeof CODINGS)[number];

/** fault.v1.Item, as far as tests look at it. */
export interface Item {
  readonly name: string;
  readonly count: number;
}

/** One of the details of a status. */
export interface ErrorInfo {
  readonly reason: string;
  readonly domain: string;
}

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Item { string name = 1; int32 count = 2; }
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message ErrorInfo { string reason = 1; string domain = 2; }
`);
const [ItemType, StatusType, ErrorInfoType] = ['Item', 'Status', 'ErrorInfo'].map((name) =>
  root.lookupType(name),
) as [protobuf.Type, protobuf.Type, protobuf.Type];

/** Field 1000, of no message of the tests. */
const UNKNOWN_FIELD = Buffer.from([0xc0, 0x3e, 0x2a]);

/**
 * In proto no encoder writes it like this: a field of nobody at the end, and `count` before `name` and longer than it need be. Who reads
 * the message and writes it anew is found out by that.
 */
export function encodeItem(codec: Codec, { name, count }: Item): Buffer {
  if (codec === 'json') return Buffer.from(JSON.stringify({ name, count }));
  const text = Buffer.from(name);
  const varint = [(count & 0x7f) | 0x80, ((count >> 7) & 0x7f) | 0x80, 0];
  const length = [
    (text.length & 0x7f) | 0x80,
    ((text.length >> 7) & 0x7f) | 0x80,
    text.length >> 14,
  ];
  return Buffer.concat([Buffer.from([0x10, ...varint, 0x0a, ...length]), text, UNKNOWN_FIELD]);
}

export function decodeItem(codec: Codec, bytes: Uint8Array): Item {
  if (codec === 'json') return itemOf(JSON.parse(Buffer.from(bytes).toString('utf8')));
  return itemOf(ItemType.toObject(ItemType.decode(bytes)));
}

/** A field that is left out has its default. */
export function itemOf(json: unknown): Item {
  const { name = '', count = 0, ...others } = json as Partial<Item>;
  const strange = Object.keys(others);
  if (strange.length > 0) throw new Error(`an Item has no ${strange.join(', ')}`);
  return { name, count };
}

/** google.rpc.Status, as `grpc-status-details-bin` carries it. */
export function encodeStatus(code: number, message: string, details: readonly ErrorInfo[]): Buffer {
  const packed = details.map((info) => ({
    typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo',
    value: encodeErrorInfo(info),
  }));
  return Buffer.from(StatusType.encode({ code, message, details: packed }).finish());
}

/** The details of a google.rpc.Status in proto that are ErrorInfo. */
export function decodeDetails(status: Uint8Array): ErrorInfo[] {
  const { details = [] } = StatusType.toObject(StatusType.decode(status)) as {
    details?: { typeUrl: string; value: Uint8Array }[];
  };
  return details
    .filter(({ typeUrl }) => typeUrl.endsWith('/google.rpc.ErrorInfo'))
    .map(({ value }) => decodeErrorInfo(value));
}

export function encodeErrorInfo(info: ErrorInfo): Buffer {
  return Buffer.from(ErrorInfoType.encode(info).finish());
}

export function decodeErrorInfo(bytes: Uint8Array): ErrorInfo {
  return infoOf(ErrorInfoType.toObject(ErrorInfoType.decode(bytes)));
}

/** Without what the gateway itself may add to one. */
export function infoOf(json: object): ErrorInfo {
  const { reason = '', domain = '' } = json as Partial<ErrorInfo>;
  return { reason, domain };
}

type Work = (bytes: Uint8Array) => Buffer;

/** Made as no gateway makes it, so that bytes which were compressed anew are found out: without any compression where a format can. */
const PACK: Readonly<Record<Coding, Work>> = {
  identity: (bytes) => Buffer.from(bytes),
  gzip: (bytes) => gzipSync(bytes, { level: 0 }),
  deflate: (bytes) => deflateSync(bytes, { level: 0 }),
  br: (bytes) => brotliCompressSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
};
const UNPACK: Readonly<Record<Coding, Work>> = {
  identity: (bytes) => Buffer.from(bytes),
  gzip: (bytes) => gunzipSync(bytes),
  deflate: (bytes) => inflateSync(bytes),
  br: (bytes) => brotliDecompressSync(bytes),
  zstd: (bytes) => zstdDecompressSync(bytes),
};

export function pack(coding: Coding, bytes: Uint8Array): Buffer {
  return PACK[coding](bytes);
}

export function unpack(coding: Coding, bytes: Uint8Array): Buffer {
  return UNPACK[coding](bytes);
}

/** `undefined`, as of a header that is not there, is identity. Throws for what is none. */
export function codingNamed(name: string | undefined): Coding {
  const coding = CODINGS.find((known) => known === (name ?? 'identity'));
  if (coding === undefined) throw new Error(`${name} is no coding of these tests`);
  return coding;
}
