/** The whole gateway between a REST client and a service of plain TCP that breaks HTTP/2: what the client is told, and that nothing is lost. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { createGateway, type Gateway } from 'polygate';
import type { PgCodeName } from '../../src/call/error.ts';
import { goodAnswer, type Script, serveOn, turn, wireOf } from '../support/faulty-peer.ts';
import { reasonOf } from '../support/fault-gateway.ts';
import { HEAD_BLOCK, rawFrame, SETTINGS, TRAILERS_BLOCK } from '../support/http2-frames.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { memoryLog } from '../support/memory-log.ts';
import { type RawAnswer, rawRequest, request } from '../support/raw-http.ts';
import { envelope } from '../support/scripted-grpc.ts';

interface World {
  readonly gateway: Gateway;
  readonly clock: ManualClock;
  /** How many connections have been made. */
  readonly connections: () => number;
  /** Resolves when the script of the first connection has come to its end. */
  readonly played: Promise<void>;
  readonly get: () => Promise<RawAnswer>;
  readonly assertClean: () => Promise<void>;
}

interface Fault {
  readonly name: string;
  readonly script: Script;
  readonly status: number;
  readonly pg: PgCodeName;
  /** So long after the script nothing has happened. */
  readonly afterMs?: number;
}

const DEADLINE_MS = 5_000;
const head = rawFrame(1, 4, 1, HEAD_BLOCK);
const trailers = rawFrame(1, 5, 1, TRAILERS_BLOCK);
const message = rawFrame(0, 0, 1, envelope({ name: 'one' }));
const goaway = (lastId: number): Buffer =>
  rawFrame(7, 0, 0, `${lastId.toString(16).padStart(8, '0')}00000000`);
const SHUT = rawFrame(4, 0, 0, '000400000000');

const FAULTS: readonly Fault[] = [
  {
    name: 'a frame larger than allowed (RFC 9113 section 4.2)',
    script: calledThen(({ send }) => send(rawFrame(0, 0, 1, Buffer.alloc(16_385)))),
    status: 502,
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'a broken header block (RFC 9113 section 4.3)',
    script: calledThen(({ send }) => send(rawFrame(1, 4, 1, '80'))),
    status: 502,
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'a name in upper case (RFC 9113 section 8.2.1)',
    script: calledThen(({ send }) => send(rawFrame(1, 4, 1, '880001410162'))),
    status: 502,
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'a window that overflows (RFC 9113 section 6.9.1)',
    script: calledThen(({ send }) => send(rawFrame(8, 0, 0, '7fffffff'))),
    status: 502,
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'a TCP reset within a frame',
    script: calledThen(async ({ socket, send }) => {
      send(head, message.subarray(0, 12));
      await turn();
      socket.resetAndDestroy();
    }),
    status: 502,
    pg: 'PG_UPSTREAM_RESET',
  },
  {
    name: 'GOAWAY above the call, then the end',
    script: calledThen(({ socket }) => void socket.end(goaway(1))),
    status: 502,
    pg: 'PG_UPSTREAM_RESET',
  },
  {
    name: 'the end instead of SETTINGS',
    script: ({ socket }) => void socket.end(),
    status: 503,
    pg: 'PG_UPSTREAM_UNAVAILABLE',
  },
  {
    name: 'silence behind the head',
    script: calledThen(({ send }) => send(head)),
    status: 504,
    pg: 'PG_DEADLINE_EXCEEDED',
    afterMs: DEADLINE_MS + 20,
  },
  {
    name: 'windows that are never opened',
    script: async ({ send, until }) => {
      send(SHUT);
      await until(1);
    },
    status: 504,
    pg: 'PG_DEADLINE_EXCEEDED',
    afterMs: DEADLINE_MS + 20,
  },
];

describe('a REST client of a service that', () => {
  for (const { name, script, status, pg, afterMs = 0 } of FAULTS) {
    test(`does this is told once, and the next call succeeds: ${name}`, async (t) => {
      const world = await start(t, [script]);
      const reply = world.get();
      if (afterMs > 0) {
        await world.played;
        world.clock.advance(afterMs);
      }
      const answer = await reply;
      assert.deepEqual([answer.status, reasonOf(answer)], [status, pg], answer.body);
      await world.assertClean();
    });
  }

  test('answers a byte at a time gets the whole answer', async (t) => {
    const world = await start(t, [
      calledThen(async ({ send, socket }) => {
        socket.setNoDelay(true);
        for (const byte of goodAnswer()) {
          send(Buffer.of(byte));
          await turn();
        }
      }),
    ]);
    const answer = await world.get();
    assert.deepEqual([answer.status, JSON.parse(answer.body)], [200, { name: 'good' }]);
    assert.equal(world.connections(), 1);
    await world.assertClean();
  });

  test('sends GOAWAY above the call gets its answer, and the next call a new connection', async (t) => {
    const world = await start(t, [
      calledThen(({ send }) => send(goaway(0x7fff_ffff), goaway(1), head, message, trailers)),
    ]);
    const answer = await world.get();
    assert.deepEqual([answer.status, JSON.parse(answer.body)], [200, { name: 'one' }]);
    await world.assertClean();
    assert.equal(world.connections(), 2);
  });
});

function calledThen(next: Script): Script {
  return async (wire) => {
    await wire.called();
    await next(wire);
  };
}

/** Connection `n` follows `scripts[n]`; the ones behind them answer well. */
async function start(t: TestContext, scripts: readonly Script[]): Promise<World> {
  const sockets = new Set<Socket>();
  const played = Promise.withResolvers<void>();
  let connections = 0;
  const server = createServer((socket) => {
    const script = scripts[connections++];
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const wire = wireOf(socket);
    void (async () => {
      if (script === undefined) wire.send(SETTINGS);
      else await script(wire);
      played.resolve();
      await serveOn(wire);
    })().catch(played.reject);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clock = new ManualClock();
  const gateway = await createGateway(
    {
      listen: { port: 0 },
      admin: false,
      timeout: DEADLINE_MS,
      upstreams: {
        peer: {
          protocol: 'grpc',
          endpoints: [`127.0.0.1:${(server.address() as AddressInfo).port}`],
          schema: { protos: ['fault/v1/fault.proto'], importPaths: ['.'] },
        },
      },
      routes: [{ services: '*', upstream: 'peer' }],
    },
    { clock, log: memoryLog(), baseDir: new URL('../support/protos', import.meta.url).pathname },
  );
  t.after(async () => {
    await gateway.close(true);
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const get = (): Promise<RawAnswer> => rawRequest(gateway.port, request('GET', '/v1/items/a'));
  return {
    gateway,
    clock,
    connections: () => connections,
    played: played.promise,
    get,
    async assertClean() {
      // Behind the longest pause between two tries.
      clock.advance(DEADLINE_MS + 20);
      const answer = await get();
      assert.deepEqual([answer.status, JSON.parse(answer.body)], [200, { name: 'good' }]);
      await gateway.close(true);
      while (sockets.size > 0) await turn();
      // The wheel stops a slot behind its last call.
      clock.advance(20);
      assert.equal(clock.pending, 0);
    },
  };
}
