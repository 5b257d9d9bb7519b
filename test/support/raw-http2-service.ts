/** A service of HTTP/2 on node:net that answers each request with frames as they stand, as no library would. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { parseFrames, rawFrame, type RawFrame, SETTINGS } from './http2-frames.ts';
import { literalBlock, Type } from './http2-raw-client.ts';

export type Fields = readonly (readonly [name: string, value: string])[];

/** One request, and the frames of its answer. */
export interface RawStream {
  readonly id: number;
  readonly socket: Socket;
  /** What has come on its connection. */
  readonly frames: readonly RawFrame[];
  readonly send: (...frames: readonly Uint8Array[]) => void;
  /** HEADERS of literals. */
  head(fields: Fields, end?: boolean): void;
  data(content: string, end?: boolean): void;
  /** A good answer in JSON. */
  good(json: unknown): void;
  /** Resolves with the first frame of its stream, or of the connection, that `wanted` accepts. */
  until(wanted: (frame: RawFrame) => boolean): Promise<RawFrame>;
}

export interface RawHttp2Service {
  readonly port: number;
  /** How many there have been, and are. */
  readonly accepted: number;
  readonly connections: number;
  readonly requests: number;
  script: (stream: RawStream) => void;
}

const END_STREAM = 1;
const END_HEADERS = 4;
const PREFACE_BYTES = 24;
const MAX_FRAME_BYTES = 16_384;

/** Closed behind the test. */
export async function startRawHttp2Service(t: TestContext): Promise<RawHttp2Service> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  let requests = 0;
  const service: RawHttp2Service = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    get accepted() {
      return accepted;
    },
    get connections() {
      return sockets.size;
    },
    get requests() {
      return requests;
    },
    script: (stream) => stream.good({}),
  };
  const server = createServer((socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    socket.write(SETTINGS);
    const looks = new Set<() => void>();
    let bytes: Buffer = Buffer.alloc(0);
    let frames: RawFrame[] = [];
    let looked = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      frames = parseFrames(bytes.subarray(PREFACE_BYTES));
      for (const { type, id } of frames.slice(looked)) {
        if (type !== Type.headers) continue;
        requests++;
        service.script(streamOf(socket, id, { frames: () => frames, looks }));
      }
      looked = frames.length;
      for (const look of looks) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return service;
}

interface Received {
  readonly frames: () => RawFrame[];
  readonly looks: Set<() => void>;
}

function streamOf(socket: Socket, id: number, { frames, looks }: Received): RawStream {
  const ends = (end: boolean): number => (end ? END_STREAM : 0);
  const stream: RawStream = {
    id,
    socket,
    get frames() {
      return frames();
    },
    send: (...parts) => void socket.write(Buffer.concat(parts)),
    head: (fields, end = false) =>
      stream.send(...headFrames(id, literalBlock(...fields), ends(end))),
    data: (content, end = false) =>
      stream.send(rawFrame(Type.data, ends(end), id, Buffer.from(content, 'latin1'))),
    good(json) {
      stream.head([
        [':status', '200'],
        ['content-type', 'application/json'],
      ]);
      stream.data(JSON.stringify(json), true);
    },
    until: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = frames().find(
            (frame) => (frame.id === id || frame.id === 0) && wanted(frame),
          );
          if (found === undefined) return;
          looks.delete(look);
          resolve(found);
        };
        looks.add(look);
        look();
      }),
  };
  return stream;
}

function headFrames(id: number, block: Buffer, ends: number): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at === 0 || at < block.length; at += MAX_FRAME_BYTES) {
    const part = block.subarray(at, at + MAX_FRAME_BYTES);
    const flags = at + MAX_FRAME_BYTES >= block.length ? END_HEADERS : 0;
    if (at === 0) frames.push(rawFrame(Type.headers, flags | ends, id, part));
    else frames.push(rawFrame(Type.continuation, flags, id, part));
  }
  return frames;
}
