/** Flow control: a service whose windows are shut, tiny, shrinking or a lie, one that reads nothing, and a reader that is slow. */
import assert from 'node:assert/strict';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { PushBody, SingleBody } from '../../src/call/body.ts';
import { GatewayError } from '../../src/call/error.ts';
import type { Body } from '../../src/call/types.ts';
import { STREAM_WINDOW } from '../../src/http2/limits.ts';
import {
  callerTo,
  DEADLINE_MS,
  goodAnswer,
  type Script,
  startFaultWorld,
  turn,
  type Wire,
} from '../support/faulty-peer.ts';
import { HEAD_BLOCK, rawFrame, SETTINGS } from '../support/http2-frames.ts';
import { envelope } from '../support/scripted-grpc.ts';

const initialWindow = (bytes: number): Buffer => {
  const payload = Buffer.alloc(6);
  payload.writeUInt16BE(4, 0);
  payload.writeUInt32BE(bytes, 2);
  return rawFrame(4, 0, 0, payload);
};
const widen = (id: number, bytes: number): Buffer => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes, 0);
  return rawFrame(8, 0, id, payload);
};
const LATE = { pg: 'PG_DEADLINE_EXCEEDED', reached: 'maybe' } as const;
const BROKEN = { pg: 'PG_UPSTREAM_PROTOCOL', reached: 'maybe' } as const;
const OVERFLOW = 0x7fff_ffff;
const single = (bytes: number): Body =>
  new SingleBody({ codec: 'proto', bytes: Buffer.alloc(bytes, 'x') });

describe('the windows of a service', () => {
  test('shut and never opened: the call ends at its deadline, and what waits is let go', async (t) => {
    const shut: Script = async ({ send, until }) => {
      send(initialWindow(0));
      await until(1);
    };
    const world = await startFaultWorld(t, [shut]);
    const reply = world.send('unary', single(100));
    await world.played();
    await world.delivered();
    world.clock.advance(DEADLINE_MS + 20);
    await world.expect(reply, LATE);
    await world.assertClean();
  });

  test('shut by what is left of a larger one: it goes on where it stopped', async (t) => {
    const script: Script = async (wire) => {
      wire.send(initialWindow(1_000));
      await wire.until(1);
      await dataOf(wire, 1_000);
      // 100 less than nothing (RFC 9113 section 6.9.2), then 405 more than that.
      wire.send(initialWindow(900), widen(1, 100), widen(1, 405));
      await dataOf(wire, 405);
      wire.send(initialWindow(100_000));
      await dataOf(wire, 5_005 - 1_405);
      wire.send(goodAnswer());
    };
    const world = await startFaultWorld(t, [script]);
    await world.expect(world.send('unary', single(5_000)), {});
    await world.assertClean();
  });

  test('opened a byte at a time', async (t) => {
    const script: Script = async (wire) => {
      wire.send(initialWindow(0));
      await wire.until(1);
      for (let sent = 0; sent < 105; sent++) {
        wire.send(widen(1, 1));
        assert.equal((await wire.until(0)).payload.length, 1);
      }
      wire.send(goodAnswer());
    };
    const world = await startFaultWorld(t, [script]);
    await world.expect(world.send('unary', single(100)), {});
    await world.assertClean();
  });

  for (const [name, ...frames] of [
    ['of the stream is widened beyond the largest', widen(1, OVERFLOW)],
    ['of the connection is widened beyond the largest', widen(0, OVERFLOW)],
    ['of the connection is widened by nothing', widen(0, 0)],
    ['of all streams is set beyond the largest', initialWindow(OVERFLOW + 1)],
    ['of a stream overflows by SETTINGS', widen(1, 100), initialWindow(OVERFLOW)],
  ] as const) {
    test(`one ${name}`, async (t) => {
      const world = await startFaultWorld(t, [
        async (wire) => {
          await wire.called();
          wire.send(...frames);
        },
      ]);
      await world.expect(world.send(), BROKEN);
      await world.assertClean();
    });
  }
});

describe('our windows', () => {
  test('more of a stream than was granted, while nobody reads it', async (t) => {
    const message = envelope({ name: 'x'.repeat(1_000) });
    const script: Script = async (wire) => {
      await wire.called();
      wire.send(rawFrame(1, 4, 1, HEAD_BLOCK));
      for (let sent = 0; sent <= STREAM_WINDOW; sent += message.length) {
        wire.send(rawFrame(0, 0, 1, message));
      }
    };
    const world = await startFaultWorld(t, [script]);
    const reply = await world.send('server_stream');
    await world.played();
    await world.delivered();
    const { error } = await reply.end;
    assert.deepEqual([error?.pg, error?.reached], ['PG_UPSTREAM_PROTOCOL', 'yes']);
    await world.assertClean();
  });
});

describe('a service that reads nothing', () => {
  test('stops the upload at what socket and stream hold; at the deadline all of it is let go', async (t) => {
    const script: Script = ({ socket, send }) => {
      send(SETTINGS, widen(0, OVERFLOW - 65_535), initialWindow(OVERFLOW));
      socket.pause();
    };
    const world = await startFaultWorld(t, [script]);
    const block = Buffer.alloc(65_536, 'x');
    let pulls = 0;
    const body: PushBody = new PushBody({
      pull: () => {
        pulls++;
        body.push({ codec: 'proto', bytes: block });
      },
      cancel: () => {},
    });
    const reply = world.send('client_stream', body);
    let before = -1;
    for (let still = 0; still < 200; still = pulls === before ? still + 1 : 0) {
      before = pulls;
      await turn();
    }
    // Buffers of the kernel on loopback take a few MB; 256 MB would be without a bound.
    assert.ok(pulls > 0 && pulls < 256, `${pulls} blocks of 64 KB`);
    world.clock.advance(DEADLINE_MS + 20);
    await world.expect(reply, LATE);
    assert.equal(world.numbers.streams, 0);
    await assert.rejects(
      async () => body.next(),
      (error) => error instanceof GatewayError,
    );
  });
});

describe('a slow reader of a long stream', () => {
  test('stops the service: no more than the window of the stream waits here, and all of it arrives', async (t) => {
    const message = envelope({ name: 'x'.repeat(10_000) });
    const count = 6_400;
    const server = await startEndless(t, (stream) => {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc' },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      let left = count;
      const more = (): void => {
        while (left > 0) {
          left--;
          if (!stream.write(message)) {
            stream.once('drain', more);
            return;
          }
        }
        stream.end();
      };
      more();
    });
    const { send, numbers } = callerTo(t, server);
    const reply = await send('server_stream');
    let read = 0;
    let most = 0;
    for (;;) {
      // The reader looks away until the service has stopped.
      if (read % 640 === 0) {
        let before = -1;
        for (let still = 0; still < 20; still = numbers.bytesReceived === before ? still + 1 : 0) {
          before = numbers.bytesReceived;
          await turn();
        }
        most = Math.max(most, numbers.bytesReceived - read * message.length);
      }
      const next = await reply.body.next();
      if (next === undefined) break;
      read++;
    }
    assert.deepEqual([read, (await reply.end).code], [count, 'OK']);
    // Heads of frames and what else a connection says come on top: 9 bytes for 16 KB.
    assert.ok(most > STREAM_WINDOW / 2, `${most} bytes waited: the reader was not slow`);
    assert.ok(most < STREAM_WINDOW + 65_536, `${most} bytes waited`);
  });
});

/** DATA on stream 1 until so many bytes have come. */
async function dataOf({ until }: Wire, bytes: number): Promise<void> {
  let left = bytes;
  while (left > 0) left -= (await until(0)).payload.length;
  assert.equal(left, 0);
}

async function startEndless(
  t: TestContext,
  serve: (stream: ServerHttp2Stream) => void,
): Promise<number> {
  const server = createServer();
  server.on('session', (session) => t.after(() => session.destroy()));
  server.on('stream', serve);
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
