/** What a peer may not do, and which scope each violation ends (RFC 9113): one stream, or the connection. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { clientTo } from '../../support/http2-client.ts';
import { HEAD_BLOCK, rawFrame, type RawPeer, startRawPeer } from '../../support/http2-frames.ts';
import {
  CONNECTION_VIOLATIONS,
  head,
  STREAM_VIOLATIONS,
  trailers,
} from '../../support/violations.ts';

const ENHANCE_YOUR_CALM = 11;
const GOAWAY = 7;
const RST_STREAM = 3;

describe('a violation of the connection', () => {
  for (const [name, section, code, ...bytes] of CONNECTION_VIOLATIONS) {
    test(`${name} (${section}) ends it with the code ${code}`, async (t) => {
      const peer = await start(t);
      peer.answer = Buffer.concat(bytes);
      // A stream is over when both sides have ended it.
      const open = !name.endsWith('behind the end');
      const { ended } = clientTo(t, peer.port).request([], open);
      const goaway = await peer.until(({ type }) => type === GOAWAY);
      assert.equal(goaway.payload.readUInt32BE(4), code);
      const error = await ended;
      if (error !== undefined) assert.equal(error.pg, 'PG_UPSTREAM_PROTOCOL');
    });
  }

  test('a reset behind each whole answer is none (RFC 9113 section 8.1), one more of each is', async (t) => {
    const peer = await start(t);
    const client = clientTo(t, peer.port);
    const ids = Array.from({ length: 3_000 }, (_, index) => 2 * index + 1);
    const noError = Buffer.alloc(4);
    const answers = ids.flatMap((id) => [
      rawFrame(1, 5, id, HEAD_BLOCK),
      rawFrame(3, 0, id, noError),
    ]);
    let socket: Socket | undefined;
    peer.answer = (accepted) => {
      socket = accepted;
      socket.write(Buffer.concat(answers));
    };
    const requests = ids.map(() => client.request());
    for (const { ended } of requests) assert.equal(await ended, undefined);
    socket?.write(Buffer.concat(ids.map((id) => rawFrame(3, 0, id, noError))));
    const goaway = await peer.until(({ type }) => type === GOAWAY);
    assert.equal(goaway.payload.readUInt32BE(4), ENHANCE_YOUR_CALM);
  });

  test('no SETTINGS to begin with: the service was not reached', async (t) => {
    const peer = await startRawPeer(rawFrame(6, 0, 0, Buffer.alloc(8)));
    t.after(() => peer.close());
    const error = await clientTo(t, peer.port).request().ended;
    assert.deepEqual([error?.pg, error?.reached], ['PG_UPSTREAM_UNAVAILABLE', 'no']);
  });
});

describe('a violation of a stream', () => {
  for (const [name, section, code, ...bytes] of STREAM_VIOLATIONS) {
    test(`${name} (${section}) ends it with the code ${code}; the connection goes on`, async (t) => {
      const peer = await start(t);
      const ping = rawFrame(6, 0, 0, Buffer.from('still up'));
      peer.answer = Buffer.concat([...bytes, ping]);
      // Half open, so that a stream that the peer has ended is still there.
      const client = clientTo(t, peer.port);
      client.credits = false;
      const { ended } = client.request([], true);
      if (name === 'DATA behind its end') {
        assert.equal(await ended, undefined);
      } else {
        assert.equal((await ended)?.pg, 'PG_UPSTREAM_PROTOCOL');
      }
      const reset = await peer.until(({ type }) => type === RST_STREAM);
      assert.deepEqual([reset.id, reset.payload.readUInt32BE(0)], [1, code]);
      await peer.until(({ type, flags }) => type === 6 && (flags & 1) === 1);
    });
  }
});

describe('what looks odd and is allowed', () => {
  test('padding, priority, interim heads, unknown frames and settings, CONTINUATION, PING', async (t) => {
    const peer = await start(t);
    peer.answer = Buffer.concat([
      rawFrame(0xee, 0xff, 77, 'abcd'),
      rawFrame(4, 0, 0, '00ff00000001'),
      rawFrame(2, 0, 9, '0000000000'),
      rawFrame(1, 4, 1, '0803313033'),
      rawFrame(
        1,
        0x28,
        1,
        Buffer.concat([
          Buffer.from('0200000000ff', 'hex'),
          HEAD_BLOCK.subarray(0, 3),
          Buffer.alloc(2),
        ]),
      ),
      rawFrame(9, 0, 1, HEAD_BLOCK.subarray(3, 4)),
      rawFrame(9, 4, 1, HEAD_BLOCK.subarray(4)),
      rawFrame(0, 8, 1, '03616263000000'),
      rawFrame(0, 0, 1),
      rawFrame(6, 0, 0, Buffer.from('12345678')),
      trailers,
    ]);
    const { ended, heads, body } = clientTo(t, peer.port).request();
    assert.equal(await ended, undefined);
    assert.deepEqual(heads, [
      [':status', '200', 'content-type', 'application/grpc'],
      ['grpc-status', '0'],
    ]);
    assert.equal(Buffer.concat(body).toString(), 'abc');
    const pong = await peer.until(({ type }) => type === 6);
    assert.deepEqual([pong.flags, pong.payload.toString()], [1, '12345678']);
  });

  test('frames on a stream that was reset here are passed over', async (t) => {
    const peer = await start(t);
    const arrived = Promise.withResolvers<Socket>();
    peer.answer = arrived.resolve;
    const { stream } = clientTo(t, peer.port).request();
    const socket = await arrived.promise;
    stream.cancel();
    await peer.until(({ type }) => type === RST_STREAM);
    const ping = rawFrame(6, 0, 0, Buffer.alloc(8));
    socket.write(Buffer.concat([head, rawFrame(0, 0, 1, '00'), trailers, ping]));
    await peer.until(({ type }) => type === 6);
    assert.equal(
      peer.frames().some(({ type }) => type === GOAWAY),
      false,
    );
  });

  test('GOAWAY: streams above its id were not reached, those below it go on', async (t) => {
    const peer = await start(t);
    const client = clientTo(t, peer.port);
    const first = client.request();
    const second = client.request();
    peer.answer = (socket) => {
      const goaway = rawFrame(7, 0, 0, '0000000100000000');
      socket.write(Buffer.concat([goaway, head, trailers]));
    };
    const error = await second.ended;
    assert.deepEqual([error?.pg, error?.reached], ['PG_UPSTREAM_RESET', 'no']);
    assert.equal(await first.ended, undefined);
  });
});

async function start(t: TestContext): Promise<RawPeer> {
  const peer = await startRawPeer();
  t.after(() => peer.close());
  return peer;
}
