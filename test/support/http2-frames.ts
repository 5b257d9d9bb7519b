/** Frames as a test writes and reads them, without anything of the code under test; and a peer that answers with raw bytes. */
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Buffer;
}

export const SETTINGS: Buffer = rawFrame(4, 0, 0);
/** `:status: 200` and `content-type: application/grpc`, literally. */
export const HEAD_BLOCK: Buffer = Buffer.from('880f10106170706c69636174696f6e2f67727063', 'hex');
/** `grpc-status: 0`, literally. */
export const TRAILERS_BLOCK: Buffer = Buffer.from('000b677270632d7374617475730130', 'hex');

export function rawFrame(
  type: number,
  flags: number,
  id: number,
  payload: Uint8Array | string = '',
): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload, 'hex') : payload;
  const head = Buffer.alloc(9);
  head.writeUIntBE(bytes.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, bytes]);
}

/** The whole frames of `bytes`. */
export function parseFrames(bytes: Buffer): RawFrame[] {
  const frames: RawFrame[] = [];
  for (let at = 0; at + 9 <= bytes.length; ) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    frames.push({
      type: bytes.readUInt8(at + 3),
      flags: bytes.readUInt8(at + 4),
      id: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + 9, end),
    });
    at = end;
  }
  return frames;
}

export interface RawPeer {
  readonly port: number;
  /** All frames that the client has sent, over all connections. */
  readonly frames: () => RawFrame[];
  /** Resolves with the first frame that `wanted` accepts. */
  until(wanted: (frame: RawFrame) => boolean): Promise<RawFrame>;
  /** What is sent when the first request has arrived. */
  answer: Uint8Array | ((socket: Socket) => void);
  /** Sends `bytes` on every open connection. */
  send(bytes: Uint8Array): void;
  close(): Promise<void>;
}

const PREFACE_BYTES = 24;

/** Sends `greeting` when a client connects; default: empty SETTINGS. */
export async function startRawPeer(greeting: Uint8Array = SETTINGS): Promise<RawPeer> {
  const sockets = new Set<Socket>();
  const received = new Map<Socket, Buffer>();
  const waiting = new Set<() => void>();
  const frames = (): RawFrame[] =>
    [...received.values()].flatMap((bytes) => parseFrames(bytes.subarray(PREFACE_BYTES)));
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.write(greeting);
    let answered = false;
    socket.on('data', (chunk: Buffer) => {
      received.set(socket, Buffer.concat([received.get(socket) ?? Buffer.alloc(0), chunk]));
      const all = parseFrames((received.get(socket) ?? chunk).subarray(PREFACE_BYTES));
      if (!answered && all.some(({ type }) => type === 1)) {
        answered = true;
        if (typeof peer.answer === 'function') peer.answer(socket);
        else socket.write(peer.answer);
      }
      for (const look of waiting) look();
    });
  });
  const peer: RawPeer = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    frames,
    until: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = frames().find(wanted);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    answer: Buffer.alloc(0),
    send(bytes) {
      for (const socket of sockets) socket.write(bytes);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return peer;
}
