/** A service that breaks the protocol, sends a byte at a time, or is cut off anywhere: over the real pool and the real outbound. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Expected,
  type FaultWorld,
  goodAnswer,
  type Script,
  startFaultWorld,
  turn,
  type Wire,
} from '../support/faulty-peer.ts';
import { HEAD_BLOCK, rawFrame, SETTINGS, TRAILERS_BLOCK } from '../support/http2-frames.ts';
import { envelope } from '../support/scripted-grpc.ts';
import {
  CONNECTION_VIOLATIONS,
  head,
  headOfThree,
  STREAM_VIOLATIONS,
} from '../support/violations.ts';

const HEAD_BYTES = 9 + HEAD_BLOCK.length;
const message = envelope({ name: 'good' });
/** A good answer to stream 1 with all that may stand in and between its parts. */
const EVERY_FRAME = Buffer.concat([
  rawFrame(4, 1, 0),
  rawFrame(4, 0, 0, '000300000064000400010000'),
  rawFrame(6, 0, 0, '0102030405060708'),
  rawFrame(8, 0, 0, '00001000'),
  rawFrame(8, 0, 1, '00000001'),
  rawFrame(2, 0, 1, '0000000010'),
  rawFrame(0xbe, 0xff, 1, 'beef'),
  rawFrame(1, 4, 1, '0803313033'),
  // Padded by two bytes, with a priority.
  rawFrame(
    1,
    0x28,
    1,
    Buffer.concat([Buffer.from('020000000010', 'hex'), HEAD_BLOCK.subarray(0, 5), Buffer.alloc(2)]),
  ),
  rawFrame(9, 0, 1),
  rawFrame(9, 4, 1, HEAD_BLOCK.subarray(5)),
  rawFrame(0, 8, 1, Buffer.concat([Buffer.of(3), message.subarray(0, 7), Buffer.alloc(3)])),
  rawFrame(0, 0, 1),
  rawFrame(0, 0, 1, message.subarray(7)),
  rawFrame(7, 0, 0, '0000000100000000626965'),
  rawFrame(1, 1, 1, TRAILERS_BLOCK.subarray(0, 4)),
  rawFrame(9, 4, 1, TRAILERS_BLOCK.subarray(4)),
]);

describe('a violation', () => {
  for (const [name, section, , ...frames] of [...CONNECTION_VIOLATIONS, ...STREAM_VIOLATIONS]) {
    test(`${name} (${section}) fails the call once; the next one succeeds`, async (t) => {
      const world = await startFaultWorld(t, [
        async (wire) => {
          await wire.called();
          wire.send(...frames);
        },
      ]);
      // With a head the service has shown that it has the call, also where the head ends it too early.
      const [first] = frames;
      const answered = [head, asEnd(head), headOfThree].some((sound) => first?.equals(sound));
      const reached = answered ? 'yes' : 'maybe';
      await world.expect(world.send(), { pg: 'PG_UPSTREAM_PROTOCOL', reached });
      await world.assertClean();
      assert.equal(world.numbers.streamsOpened, 2);
    });
  }
});

describe('bytes in pieces', () => {
  const answer = Buffer.concat([SETTINGS, rawFrame(4, 1, 0), goodAnswer()]);

  test('one at a time', async (t) => {
    const world = await startFaultWorld(t, [
      async (wire) => {
        for (const byte of SETTINGS) await sendSeparately(world, wire, Buffer.of(byte));
        await wire.until(1);
        for (const byte of answer.subarray(SETTINGS.length)) {
          await sendSeparately(world, wire, Buffer.of(byte));
        }
      },
    ]);
    await world.expect(world.send(), {});
    await world.assertClean();
  });

  for (let at = 1; at < answer.length; at++) {
    test(`two pieces, the second one from byte ${at}`, async (t) => {
      const world = await startFaultWorld(t, [
        async (wire) => {
          await sendPart(world, wire, [answer, at]);
          if (at < SETTINGS.length) {
            wire.send(SETTINGS.subarray(at));
            await wire.until(1);
          }
          wire.send(answer.subarray(Math.max(at, SETTINGS.length)));
        },
      ]);
      await world.expect(world.send(), {});
      await world.assertClean();
    });
  }

  test('every kind of frame, one byte at a time', async (t) => {
    const world = await startFaultWorld(t, [
      async (wire) => {
        await wire.called();
        for (const byte of EVERY_FRAME) await sendSeparately(world, wire, Buffer.of(byte));
      },
    ]);
    await world.expect(world.send(), {});
    await world.assertClean();
  });

  for (let at = 1; at < EVERY_FRAME.length; at++) {
    test(`every kind of frame, cut at byte ${at}`, async (t) => {
      const world = await startFaultWorld(t, [
        async (wire) => {
          await wire.called();
          await sendSeparately(world, wire, EVERY_FRAME.subarray(0, at));
          wire.send(EVERY_FRAME.subarray(at));
        },
      ]);
      await world.expect(world.send(), {});
      await world.assertClean();
    });
  }

  for (const how of ['FIN', 'TCP reset'] as const) {
    for (let at = 0; at < answer.length; at++) {
      test(`${how} behind byte ${at}`, async (t) => {
        const world = await startFaultWorld(t, [
          async (wire) => {
            await sendPart(world, wire, [answer, at]);
            if (how === 'FIN') wire.socket.end();
            else wire.socket.resetAndDestroy();
          },
        ]);
        await world.expect(world.send(), expectedAt(at));
        await world.assertClean();
      });
    }
  }

  /** Not ready before the end of SETTINGS, no sign of the service's reading before its head. */
  function expectedAt(at: number): Expected {
    if (at < SETTINGS.length) return { pg: 'PG_UPSTREAM_UNAVAILABLE', reached: 'no' };
    const answered = at >= SETTINGS.length + 9 + HEAD_BYTES;
    return { pg: 'PG_UPSTREAM_RESET', reached: answered ? 'yes' : 'maybe' };
  }
});

describe('bytes at random', () => {
  // A linear congruential generator: the same bytes in each run.
  let state = 7;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state >>> 16;
  };
  for (let run = 0; run < 50; run++) {
    const bytes = Buffer.from(Array.from({ length: 1 + (random() % 300) }, () => random() & 0xff));
    for (const [where, script] of [
      ['instead of SETTINGS', ({ socket }) => void socket.end(bytes)],
      [
        'instead of an answer',
        async (wire) => {
          await wire.called();
          wire.socket.end(bytes);
        },
      ],
    ] as const satisfies readonly (readonly [string, Script])[]) {
      test(`${where}, ${run}`, async (t) => {
        const world = await startFaultWorld(t, [script]);
        const error = await world.endOf(world.send());
        assert.equal(error?.side, 'upstream');
        await world.assertClean();
      });
    }
  }
});

/** The first `at` bytes of an answer; those behind SETTINGS once there is a call. */
async function sendPart(
  world: FaultWorld,
  wire: Wire,
  [answer, at]: readonly [Buffer, number],
): Promise<void> {
  await sendSeparately(world, wire, answer.subarray(0, Math.min(at, SETTINGS.length)));
  if (at < SETTINGS.length) return;
  await wire.until(1);
  await sendSeparately(world, wire, answer.subarray(SETTINGS.length, at));
}

/** What follows is not read together with it. */
async function sendSeparately(world: FaultWorld, wire: Wire, bytes: Buffer): Promise<void> {
  if (bytes.length > 0) wire.send(bytes);
  await world.delivered();
  await turn();
}

function asEnd(frame: Buffer): Buffer {
  const ends = Buffer.from(frame);
  ends[4] = (ends[4] ?? 0) | 1;
  return ends;
}
