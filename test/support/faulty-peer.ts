/** A service of plain TCP whose every connection follows a script, and calls to it over the real pool and the real outbound. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { Attempt } from '../../src/call/attempt.ts';
import { SingleBody } from '../../src/call/body.ts';
import type { Call } from '../../src/call/call.ts';
import {
  type GatewayError,
  PG_CODES,
  type PgCodeName,
  type Reached,
} from '../../src/call/error.ts';
import type { Body, CallKind, Reply, Routed } from '../../src/call/types.ts';
import { TimerWheel } from '../../src/lib/timer-wheel.ts';
import { createGrpcOutbound } from '../../src/protocols/grpc/outbound.ts';
import type { EndpointNumbers } from '../../src/telemetry/endpoint-numbers.ts';
import type { ConnectionSettings } from '../../src/upstream/connection-settings.ts';
import { createHttp2Transport } from '../../src/upstream/http2-transport.ts';
import { connectionSettings } from './connections.ts';
import { fakeCall, fakeRoute } from './fake-call.ts';
import {
  HEAD_BLOCK,
  parseFrames,
  rawFrame,
  type RawFrame,
  SETTINGS,
  TRAILERS_BLOCK,
} from './http2-frames.ts';
import { ManualClock } from './manual-clock.ts';
import { envelope } from './scripted-grpc.ts';

/** The answer of a good service on stream `id`. */
export function goodAnswer(id = 1): Buffer {
  return Buffer.concat([
    rawFrame(1, 4, id, HEAD_BLOCK),
    rawFrame(0, 0, id, envelope({ name: 'good' })),
    rawFrame(1, 5, id, TRAILERS_BLOCK),
  ]);
}

/** One connection as the script sees it. */
export interface Wire {
  readonly socket: Socket;
  readonly send: (...bytes: readonly Uint8Array[]) => void;
  /** Waits for a frame of this type that was not waited for before. */
  readonly until: (type: number) => Promise<RawFrame>;
  /** Says SETTINGS and waits for the HEADERS of a call. */
  readonly called: () => Promise<RawFrame>;
}

export type Script = (wire: Wire) => void | Promise<void>;

const healthy: Script = ({ send }) => send(SETTINGS);

export async function serveOn(wire: Wire): Promise<void> {
  for (;;) {
    const { id } = await wire.until(1);
    wire.send(goodAnswer(id));
  }
}

export interface Expected {
  /** Undefined is the answer of a good service. */
  readonly pg?: PgCodeName;
  readonly reached?: Reached;
}

export interface FaultWorld {
  readonly clock: ManualClock;
  readonly numbers: EndpointNumbers;
  /** Resolves when the script of connection `index` has come to its end. */
  readonly played: (index?: number) => Promise<void>;
  /** Resolves when everything that was sent has been read. */
  readonly delivered: () => Promise<void>;
  readonly send: (kind?: CallKind, body?: Body) => Promise<Reply>;
  /** How the call ends for who sent it, its messages read. */
  readonly endOf: (reply: Promise<Reply>) => Promise<GatewayError | undefined>;
  readonly expect: (reply: Promise<Reply>, expected: Expected) => Promise<void>;
  /** Calls get through again, and when all is closed nothing is left. */
  readonly assertClean: () => Promise<void>;
}

/** Calls have this long. */
export const DEADLINE_MS = 5_000;

/** Connection `n` follows `scripts[n]`. What no script has waited for, and all behind them, is answered well. */
export async function startFaultWorld(
  t: TestContext,
  scripts: readonly Script[],
  settings: Partial<ConnectionSettings> = {},
): Promise<FaultWorld> {
  const sockets = new Set<Socket>();
  const scriptEnds = scripts.map(() => Promise.withResolvers<void>());
  const wires: Wire[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    const index = connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const done = scriptEnds[index] ?? Promise.withResolvers<void>();
    const wire = wireOf(socket);
    wires.push(wire);
    void (async () => {
      await (scripts[index] ?? healthy)(wire);
      done.resolve();
      await serveOn(wire);
    })().catch(done.reject);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const caller = callerTo(t, (server.address() as AddressInfo).port, settings);
  const { clock, wheel, numbers, calls } = caller;
  const world: FaultWorld = {
    clock,
    numbers,
    played: async (index = 0) => scriptEnds[index]?.promise,
    async delivered() {
      while (world.numbers.bytesReceived < sum(wires)) await turn();
    },
    send: caller.send,
    async endOf(sent) {
      try {
        const reply = await sent;
        while ((await reply.body.next()) !== undefined);
        return (await reply.end).error ?? undefined;
      } catch (error) {
        return error as GatewayError;
      }
    },
    async expect(sent, { pg, reached }) {
      const error = await world.endOf(sent);
      assert.deepEqual([error?.pg, error?.reached], [pg, reached], String(error?.stack));
      if (pg !== undefined) assert.equal(error?.side, PG_CODES[pg].side);
    },
    async assertClean() {
      // Behind the longest pause between two tries.
      clock.advance(DEADLINE_MS + 20);
      await world.expect(world.send(), {});
      assert.deepEqual([world.numbers.streams, world.numbers.queued], [0, 0]);
      caller.close();
      for (const call of calls) wheel.disarm(call);
      clock.advance(20);
      while (sockets.size > 0) await turn();
      const { connections: open, streams, queued } = world.numbers;
      assert.deepEqual([open, streams, queued, wheel.size, clock.pending], [0, 0, 0, 0, 0]);
    },
  };
  return world;
}

function sum(wires: readonly Wire[]): number {
  return wires.reduce((bytes, { socket }) => bytes + socket.bytesWritten, 0);
}

interface Caller {
  readonly clock: ManualClock;
  readonly wheel: TimerWheel;
  readonly numbers: EndpointNumbers;
  readonly calls: readonly Call[];
  readonly send: (kind?: CallKind, body?: Body) => Promise<Reply>;
  readonly close: () => void;
}

/** Calls to whatever listens on `port`, each with {@link DEADLINE_MS} on a clock that stands still. */
export function callerTo(
  t: TestContext,
  port: number,
  settings: Partial<ConnectionSettings> = {},
): Caller {
  const clock = new ManualClock();
  const wheel = new TimerWheel(clock);
  const endpoint = { address: `127.0.0.1:${port}` };
  const transport = createHttp2Transport({
    endpoints: [endpoint],
    clock,
    random: { next: () => 0.5 },
    connections: connectionSettings(settings),
  });
  const outbound = createGrpcOutbound({ transport, maxMessageBytes: 4 << 20 });
  t.after(() => outbound.close());
  const numbers = transport.numbers.get(endpoint.address);
  if (numbers === undefined) throw new Error(`no numbers of ${endpoint.address}`);
  const calls: Call[] = [];
  return {
    clock,
    wheel,
    numbers,
    calls,
    send(kind = 'unary', body = new SingleBody({ codec: 'proto', bytes: new Uint8Array() })) {
      const call = fakeCall({ body, wheel });
      calls.push(call);
      call.route = fakeRoute({ kind });
      call.shorten(clock.nowMs() + DEADLINE_MS);
      return outbound.send(new Attempt(call as Routed, endpoint, 1));
    },
    close: () => outbound.close(),
  };
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export function wireOf(socket: Socket): Wire {
  const chunks: Buffer[] = [];
  const looks = new Set<() => void>();
  const taken = new Map<number, number>();
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    for (const look of looks) look();
  });
  const wire: Wire = {
    socket,
    send: (...bytes) => void socket.write(Buffer.concat(bytes)),
    until: (type) =>
      new Promise((resolve) => {
        const index = taken.get(type) ?? 0;
        taken.set(type, index + 1);
        const look = (): void => {
          // Behind the preface of 24 bytes.
          const frames = parseFrames(Buffer.concat(chunks).subarray(24));
          const found = frames.filter((frame) => frame.type === type)[index];
          if (found === undefined) return;
          looks.delete(look);
          resolve(found);
        };
        looks.add(look);
        look();
      }),
    called() {
      wire.send(SETTINGS);
      return wire.until(1);
    },
  };
  return wire;
}
