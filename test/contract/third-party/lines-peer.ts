/** A service of the toy protocol for the contract of outbounds: a plain TCP server whose calls a script answers. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { decodeItem, encodeItem, type Item } from '../../support/scripted-grpc.ts';
import type { Peer, PeerCall } from '../any-outbound/peer.ts';
import { type Fields, type Line, lineOf, messageLine } from './lines.ts';

export async function startLinesPeer(): Promise<Peer> {
  const sockets = new Set<Socket>();
  let calls = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    acceptCall(socket, (call) => {
      calls++;
      void peer.script(call);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peer: Peer = {
    port: (server.address() as AddressInfo).port,
    get calls() {
      return calls;
    },
    get open() {
      return sockets.size;
    },
    script: () => {},
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return peer;
}

/** What is read of a request before somebody asks for it. */
const UNASKED_BYTES = 65_536;

interface RequestBody {
  readonly started: Promise<void>;
  readonly all: Promise<Item[]>;
  ask(): void;
}

function acceptCall(socket: Socket, begin: (call: PeerCall) => void): void {
  const items: Item[] = [];
  const started = Promise.withResolvers<void>();
  const all = Promise.withResolvers<Item[]>();
  let [text, bytes, asked] = ['', 0, false];
  const body: RequestBody = {
    started: started.promise,
    all: all.promise,
    ask() {
      asked = true;
      socket.resume();
    },
  };
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    const lines = (text + chunk.toString()).split('\n');
    text = lines.pop() ?? '';
    for (const json of lines) {
      const line = JSON.parse(json) as Line;
      if ('call' in line) {
        begin(callOf(socket, line, body));
      } else if ('message' in line) {
        items.push(decodeItem(Buffer.from(line.message, 'base64')));
        started.resolve();
      } else {
        all.resolve(items);
      }
    }
    if (!asked && bytes > UNASKED_BYTES) socket.pause();
  });
  socket.on('close', () => all.resolve([]));
}

function callOf(
  socket: Socket,
  { metadata, timeoutMs }: Extract<Line, { call: string }>,
  body: RequestBody,
): PeerCall {
  const end = (code: string, message: string, trailers: Fields): void => {
    socket.end(lineOf({ end: { code, message, details: [], trailers } }));
  };
  const lists = (fields: Record<string, string | string[]>): Fields =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, [value].flat()]));
  return {
    header: (name) =>
      name === 'x-request-timeout' && timeoutMs !== null
        ? `${timeoutMs}ms`
        : metadata[name]?.join(', '),
    get started() {
      body.ask();
      return body.started;
    },
    get items() {
      body.ask();
      return body.all;
    },
    head: (_streamed, headers = {}) => void socket.write(lineOf({ head: lists(headers) })),
    send: (item) => socket.write(messageLine(encodeItem(item))),
    drained: async () => {
      await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
    },
    end: (trailers = {}) => end('OK', '', lists(trailers)),
    fail: (code, message) => end(code, message, {}),
    cut: () => socket.destroy(),
    closed: once(socket, 'close').then(() => {}),
  };
}
