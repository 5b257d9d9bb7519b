/** A gRPC service of node:http2 streams and nothing else, so that a test can answer as no library would. */
import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';

export interface Item {
  name?: string;
  count?: number;
}

/** Node takes 1,000 cancelled calls of one connection at once for an attack; the matrix has more of them. */
export const UNLIMITED_RESETS = { streamResetBurst: 1_000_000, streamResetRate: 1_000_000 };

/** One call as it arrives; the script answers on `stream`. */
export interface ScriptedCall {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly stream: ServerHttp2Stream;
  /** Every complete message that has arrived by the half-close. */
  readonly messages: Promise<Item[]>;
}

export interface ScriptedGrpc {
  readonly port: number;
  /** How many calls have arrived, whatever became of them. */
  readonly calls: number;
  /** How many streams are open. */
  readonly open: number;
  /** How many connections are open. */
  readonly connections: number;
  script: (call: ScriptedCall) => void | Promise<void>;
  /** Resolves when no stream is open. */
  idle(): Promise<void>;
  /** Breaks off every connection. */
  cut(): void;
  /** Tells every connection to end behind the calls it has (GOAWAY). */
  sendAway(): void;
  close(): Promise<void>;
}

const { root } = protobuf.parse(
  'syntax = "proto3"; message Item { string name = 1; int32 count = 2; }',
);
const ItemType = root.lookupType('Item');

export function encodeItem(item: Item): Uint8Array {
  return ItemType.encode(ItemType.create(item)).finish();
}

export function decodeItem(bytes: Uint8Array): Item {
  return ItemType.toObject(ItemType.decode(bytes));
}

/** A message in its envelope. */
export function envelope(item: Item): Buffer {
  const bytes = encodeItem(item);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** Sends the head that every answer begins with; trailers are asked for. */
export function respond(
  stream: ServerHttp2Stream,
  trailers: Record<string, string | string[]>,
  headers: Record<string, string | string[]> = {},
): void {
  const head = { ':status': 200, 'content-type': 'application/grpc', ...headers };
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
}

/** A head that is the end as well: trailers-only. */
export function respondOnly(
  stream: ServerHttp2Stream,
  headers: Record<string, string | string[]>,
): void {
  const head = { ':status': 200, 'content-type': 'application/grpc', ...headers };
  stream.respond(head, { endStream: true });
}

/** The script of a healthy service: it answers with the last message that it got. */
export async function echo({ stream, messages }: ScriptedCall): Promise<void> {
  const last = (await messages).at(-1) ?? {};
  if (stream.destroyed) return;
  respond(stream, { 'grpc-status': '0' });
  stream.end(envelope(last));
}

/** `port` 0 takes any free one; with `tls` it speaks nothing else. */
export async function startScriptedGrpc(
  port = 0,
  tls?: SecureServerOptions,
): Promise<ScriptedGrpc> {
  const server =
    tls === undefined
      ? createServer(UNLIMITED_RESETS)
      : createSecureServer({ ...UNLIMITED_RESETS, ...tls });
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const state = { calls: 0, open: 0 };
  const waiting: (() => void)[] = [];
  const peer: ScriptedGrpc = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    get calls() {
      return state.calls;
    },
    get open() {
      return state.open;
    },
    get connections() {
      return sockets.size;
    },
    script: echo,
    idle() {
      if (state.open === 0) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    sendAway() {
      for (const session of sessions) session.goaway(0);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // What a test resets on purpose is no failure of the test.
    socket.on('error', () => socket.destroy());
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.on('sessionError', () => {});
  server.on('stream', (stream, headers) => {
    state.calls++;
    state.open++;
    stream.on('error', () => stream.close());
    stream.on('close', () => {
      if (--state.open === 0) for (const resolve of waiting.splice(0)) resolve();
    });
    let messages: Promise<Item[]> | undefined;
    const call: ScriptedCall = {
      path: headers[':path'] ?? '',
      headers,
      stream,
      // Read on demand: a script that looks away is a slow service.
      get messages() {
        return (messages ??= readMessages(stream));
      },
    };
    void peer.script(call);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return peer;
}

function readMessages(stream: ServerHttp2Stream): Promise<Item[]> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    // Node has an end for a stream that was reset, too; its half of a request is no request.
    stream.on('end', () => resolve(stream.rstCode ? [] : decodeAll(Buffer.concat(chunks))));
    stream.on('close', () => resolve([]));
  });
}

function decodeAll(bytes: Buffer): Item[] {
  const items: Item[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    const message = bytes.subarray(at + 5, end);
    items.push(decodeItem(bytes[at] === 1 ? gunzipSync(message) : message));
    at = end;
  }
  return items;
}
