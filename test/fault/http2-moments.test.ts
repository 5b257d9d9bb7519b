/** A service that breaks off, each at its moment: what the call is told, whether the service was reached, and that nothing is left. */
import { describe, test } from 'node:test';
import type { PgCodeName, Reached } from '../../src/call/error.ts';
import type { CallKind } from '../../src/call/types.ts';
import {
  DEADLINE_MS,
  type FaultWorld,
  goodAnswer,
  type Script,
  startFaultWorld,
} from '../support/faulty-peer.ts';
import { HEAD_BLOCK, rawFrame, SETTINGS, TRAILERS_BLOCK } from '../support/http2-frames.ts';
import { envelope } from '../support/scripted-grpc.ts';
import { FedBody } from '../contract/outbound/harness.ts';

interface Moment {
  readonly name: string;
  readonly script: Script;
  readonly kind?: CallKind;
  /** Undefined is a good answer. */
  readonly pg?: PgCodeName;
  readonly reached?: Reached;
  /** The script ends and nothing happens any more, until this much time has passed. */
  readonly afterMs?: number;
}

const head = rawFrame(1, 4, 1, HEAD_BLOCK);
const message = rawFrame(0, 0, 1, envelope({ name: 'one' }));
const trailers = rawFrame(1, 5, 1, TRAILERS_BLOCK);
const half = message.subarray(0, message.length - 2);
/** Half a message in a whole frame. */
const part = rawFrame(0, 0, 1, envelope({ name: 'one' }).subarray(0, 7));
const settings = (hex: string): Buffer => rawFrame(4, 0, 0, hex);
const goaway = (lastId: number, code = 0): Buffer => {
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(lastId, 0);
  payload.writeUInt32BE(code, 4);
  return rawFrame(7, 0, 0, payload);
};
const reset = (code: number): Buffer => rawFrame(3, 0, 1, `0000000${code.toString(16)}`);
const LAST = 0x7fff_ffff;

const DOWN = { pg: 'PG_UPSTREAM_UNAVAILABLE', reached: 'no' } as const;
const NO = { pg: 'PG_UPSTREAM_RESET', reached: 'no' } as const;
const MAYBE = { pg: 'PG_UPSTREAM_RESET', reached: 'maybe' } as const;
const YES = { pg: 'PG_UPSTREAM_RESET', reached: 'yes' } as const;
const LATE = { pg: 'PG_DEADLINE_EXCEEDED', reached: 'maybe', afterMs: DEADLINE_MS + 20 } as const;

const CONNECTING: readonly Moment[] = [
  { name: 'FIN at once', script: ({ socket }) => void socket.end(), ...DOWN },
  { name: 'TCP reset at once', script: ({ socket }) => void socket.resetAndDestroy(), ...DOWN },
  {
    name: 'FIN within SETTINGS',
    script: ({ socket }) => void socket.end(SETTINGS.subarray(0, 5)),
    ...DOWN,
  },
  {
    name: 'HTTP/1.1',
    script: ({ socket }) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ...DOWN,
  },
  {
    name: 'a TLS alert',
    script: ({ send }) => send(Buffer.from('15030100020250', 'hex')),
    ...DOWN,
    afterMs: 1_000,
  },
  {
    name: 'a PING instead of SETTINGS',
    script: ({ send }) => send(rawFrame(6, 0, 0, Buffer.alloc(8))),
    ...DOWN,
  },
  { name: 'GOAWAY instead of SETTINGS', script: ({ send }) => send(goaway(0, 11)), ...DOWN },
  {
    name: 'an acknowledgement instead of SETTINGS',
    script: ({ send }) => send(rawFrame(4, 1, 0)),
    ...DOWN,
  },
  { name: 'broken SETTINGS', script: ({ send }) => send(settings('000480000000')), ...DOWN },
  { name: 'silence', script: () => {}, ...DOWN, afterMs: 1_000 },
  { name: 'GOAWAY behind SETTINGS', script: ({ send }) => send(SETTINGS, goaway(0)), ...NO },
];

const CALLED: readonly Moment[] = [
  { name: 'silence', script: async (wire) => void (await wire.called()), ...LATE },
  { name: 'FIN', script: calledThen(({ socket }) => void socket.end()), ...MAYBE },
  {
    name: 'TCP reset',
    script: calledThen(({ socket }) => void socket.resetAndDestroy()),
    ...MAYBE,
  },
  { name: 'RST_STREAM(REFUSED_STREAM)', script: calledThen(({ send }) => send(reset(7))), ...NO },
  { name: 'RST_STREAM(NO_ERROR)', script: calledThen(({ send }) => send(reset(0))), ...MAYBE },
  {
    name: 'RST_STREAM(INTERNAL_ERROR)',
    script: calledThen(({ send }) => send(reset(2))),
    ...MAYBE,
  },
  { name: 'RST_STREAM(CANCEL)', script: calledThen(({ send }) => send(reset(8))), ...MAYBE },
  {
    name: 'RST_STREAM(ENHANCE_YOUR_CALM)',
    script: calledThen(({ send }) => send(reset(11))),
    ...MAYBE,
  },
  { name: 'GOAWAY below the call', script: calledThen(({ send }) => send(goaway(0))), ...NO },
  {
    name: 'GOAWAY below the call, with an error',
    script: calledThen(({ send }) => send(goaway(0, 2))),
    ...NO,
  },
  {
    name: 'GOAWAY below the call, then FIN',
    script: calledThen(({ socket }) => void socket.end(goaway(0))),
    ...NO,
  },
  {
    name: 'GOAWAY above the call, then FIN',
    script: calledThen(({ socket }) => void socket.end(goaway(1))),
    ...MAYBE,
  },
  {
    name: 'GOAWAY above the call, then silence',
    script: calledThen(({ send }) => send(goaway(1))),
    ...LATE,
  },
  {
    name: 'GOAWAY above the call, then the answer',
    script: calledThen(({ send }) => send(goaway(1), goodAnswer())),
  },
  {
    name: 'GOAWAY in two steps, then the answer',
    script: calledThen(({ send }) => send(goaway(LAST), goaway(1), goodAnswer())),
  },
  {
    name: 'GOAWAY in two steps, the second below the call',
    script: calledThen(({ send }) => send(goaway(LAST), goaway(0))),
    ...NO,
  },
];

const ANSWERING: readonly Moment[] = [
  { name: 'silence behind the head', script: calledThen(({ send }) => send(head)), ...LATE },
  {
    name: 'FIN behind the head',
    script: calledThen(({ socket, send }) => (send(head), void socket.end())),
    ...YES,
  },
  {
    name: 'FIN within a frame',
    script: calledThen(({ socket, send }) => (send(head, half), void socket.end())),
    ...YES,
  },
  {
    name: 'FIN within a message',
    script: calledThen(({ socket, send }) => (send(head, part), void socket.end())),
    ...YES,
  },
  {
    name: 'FIN before the trailers',
    script: calledThen(({ socket, send }) => (send(head, message), void socket.end())),
    ...YES,
  },
  {
    name: 'RST_STREAM within a message',
    script: calledThen(({ send }) => send(head, part, reset(2))),
    ...YES,
  },
  {
    name: 'RST_STREAM(REFUSED_STREAM) behind the head, which cannot be',
    script: calledThen(({ send }) => send(head, reset(7))),
    ...YES,
  },
  {
    name: 'GOAWAY below the call behind the head, which cannot be',
    script: calledThen(({ send }) => send(head, part, goaway(0))),
    ...YES,
  },
  {
    name: 'GOAWAY above the call within a message, then the rest',
    script: calledThen(({ send }) => send(head, half, message.subarray(-2), goaway(1), trailers)),
  },
  {
    name: 'an end without a status',
    script: calledThen(({ send }) => send(head, rawFrame(0, 1, 1))),
    pg: 'PG_UPSTREAM_PROTOCOL',
    reached: 'yes',
  },
  {
    name: 'an end within a message',
    script: calledThen(({ send }) => send(head, part, trailers)),
    pg: 'PG_UPSTREAM_PROTOCOL',
    reached: 'yes',
  },
];

const UPLOADING: readonly Moment[] = [
  {
    name: 'GOAWAY below the call before its data',
    script: calledThen(({ send }) => send(goaway(0))),
    kind: 'bidi',
    ...NO,
  },
  {
    name: 'GOAWAY above the call before its data, then FIN',
    script: calledThen(({ socket }) => void socket.end(goaway(1))),
    kind: 'bidi',
    ...MAYBE,
  },
  {
    name: 'GOAWAY below the call within its data',
    script: dataThen(({ send }) => send(goaway(0))),
    kind: 'client_stream',
    ...NO,
  },
  {
    name: 'RST_STREAM(REFUSED_STREAM) within its data',
    script: dataThen(({ send }) => send(reset(7))),
    kind: 'client_stream',
    ...NO,
  },
  {
    name: 'FIN within its data',
    script: dataThen(({ socket }) => void socket.end()),
    kind: 'client_stream',
    ...MAYBE,
  },
];

for (const [when, moments] of [
  ['while connecting', CONNECTING],
  ['behind the head of the call', CALLED],
  ['while the service answers', ANSWERING],
] as const) {
  describe(when, () => {
    for (const { name, script, kind, afterMs = 0, ...expected } of moments) {
      for (const each of kind === undefined ? (['unary', 'server_stream'] as const) : [kind]) {
        test(`${name}, ${each}`, async (t) => {
          const world = await startFaultWorld(t, [script], { connectTimeoutMs: 1_000 });
          const reply = world.send(each);
          await settle(world, afterMs);
          await world.expect(reply, expected);
          await world.assertClean();
        });
      }
    }
  });
}

describe('while the call uploads', () => {
  for (const { name, script, kind, ...expected } of UPLOADING) {
    test(name, async (t) => {
      const world = await startFaultWorld(t, [script]);
      const body = new FedBody();
      if (kind === 'client_stream') body.give({ name: 'first' });
      await world.expect(world.send(kind, body), expected);
      await world.assertClean();
    });
  }

  test('an answer before the end of the upload counts, and the upload stops', async (t) => {
    const world = await startFaultWorld(t, [dataThen(({ send }) => send(goodAnswer()))]);
    const body = new FedBody();
    body.give({ name: 'first' });
    await world.expect(world.send('client_stream', body), {});
    await world.assertClean();
  });
});

describe('calls that wait', () => {
  const ONE_STREAM = settings('000300000001');

  test('GOAWAY: they go to the next connection', async (t) => {
    const first: Script = async ({ send, until }) => {
      send(ONE_STREAM);
      await until(1);
      send(goaway(1), goodAnswer());
    };
    const world = await startFaultWorld(t, [first], { max: 1 });
    const replies = [world.send(), world.send(), world.send()];
    for (const reply of replies) await world.expect(reply, {});
    await world.assertClean();
  });

  test('the connection is lost and the next one fails: they were not reached', async (t) => {
    const first: Script = async ({ socket, send, until }) => {
      send(ONE_STREAM);
      await until(1);
      socket.destroy();
    };
    const second: Script = ({ socket }) => void socket.destroy();
    const world = await startFaultWorld(t, [first, second], { max: 1 });
    const [sent, ...waiting] = [world.send(), world.send(), world.send()];
    await world.expect(sent, MAYBE);
    for (const reply of waiting) await world.expect(reply, DOWN);
    await world.assertClean();
  });

  test('a service that takes no streams is waited for to the deadline, and used when it takes some', async (t) => {
    const closed: Script = async ({ send, until }) => {
      send(settings('000300000000'));
      await until(4);
    };
    for (const opens of [false, true]) {
      const script: Script = async (wire) => {
        await closed(wire);
        if (!opens) return;
        wire.send(ONE_STREAM);
        await wire.until(1);
        wire.send(goodAnswer());
      };
      const world = await startFaultWorld(t, [script], { max: 1 });
      const reply = world.send();
      if (opens) {
        await world.expect(reply, {});
      } else {
        await settle(world, DEADLINE_MS + 20);
        await world.expect(reply, LATE);
      }
    }
  });
});

function calledThen(next: Script): Script {
  return async (wire) => {
    await wire.called();
    await next(wire);
  };
}

function dataThen(next: Script): Script {
  return async (wire) => {
    await wire.called();
    await wire.until(0);
    await next(wire);
  };
}

/** What the script has sent has been read, and `afterMs` have passed. */
async function settle(world: FaultWorld, afterMs: number): Promise<void> {
  if (afterMs === 0) return;
  await world.played();
  await world.delivered();
  world.clock.advance(afterMs);
}
