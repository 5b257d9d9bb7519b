/** A client of HTTP/2 that sends what the test says, frame by frame. */
import { connect, type Socket } from 'node:net';
import { parseFrames, rawFrame, type RawFrame, SETTINGS } from './http2-frames.ts';

export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export const Type = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Literals without Huffman, nothing indexed. */
export function literalBlock(
  ...pairs: readonly (readonly [name: string, value: string])[]
): Buffer {
  return Buffer.concat(
    pairs.map(([name, value]) => Buffer.concat([Buffer.of(0), literal(name), literal(value)])),
  );
}

/** A GET of `/`, with more fields behind it. */
export function requestBlock(...more: readonly (readonly [name: string, value: string])[]): Buffer {
  const pseudo = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'a.test'],
  ] as const;
  return literalBlock(...pseudo, ...more);
}

export interface RawClient {
  readonly socket: Socket;
  readonly frames: readonly RawFrame[];
  write(...parts: readonly Uint8Array[]): void;
  /** The first frame that `wanted` accepts; rejects when the connection ends before. */
  until(wanted: (frame: RawFrame) => boolean): Promise<RawFrame>;
  /** Answered only behind everything that was sent before. */
  roundTrip(): Promise<void>;
  readonly closed: Promise<void>;
}

/** What ends some time, as a test does. */
export interface Scope {
  after(close: () => void): void;
}

/** Preface and empty SETTINGS go out at once unless `silent`. Closed behind the test. */
export function openRawClient(t: Scope, port: number, silent = false): RawClient {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  let bytes: Buffer = Buffer.alloc(0);
  let frames: RawFrame[] = [];
  let over = false;
  const looks = new Set<() => void>();
  const lookAll = (): void => {
    for (const look of looks) look();
  };
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    frames = parseFrames(bytes);
    lookAll();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    over = true;
    lookAll();
  });
  if (!silent) socket.write(Buffer.concat([PREFACE, SETTINGS]));
  let pings = 0;
  const client: RawClient = {
    socket,
    closed,
    get frames() {
      return frames;
    },
    write: (...parts) => void socket.write(Buffer.concat(parts)),
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = frames.find(wanted);
          if (found !== undefined) resolve(found);
          else if (over) reject(new Error('the connection ended before'));
          else return;
          looks.delete(look);
        };
        looks.add(look);
        look();
      }),
    roundTrip: async () => {
      const payload = Buffer.alloc(8);
      payload.writeUInt32BE(++pings, 0);
      socket.write(rawFrame(Type.ping, 0, 0, payload));
      await client.until(
        (frame) => frame.type === Type.ping && frame.flags === 1 && frame.payload.equals(payload),
      );
    },
  };
  return client;
}

export function codeOf({ payload }: RawFrame, at = 0): number {
  return payload.readUInt32BE(at);
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const prefix = [127];
  let rest = bytes.length - 127;
  for (; rest > 127; rest >>>= 7) prefix.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...prefix, rest]), bytes]);
}
