/** What a peer may not do, and which scope each violation ends (RFC 9113): one stream, or the connection. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { clientTo } from '../../support/http2-client.ts';
import {
  HEAD_BLOCK,
  rawFrame,
  type RawPeer,
  SETTINGS,
  startRawPeer,
  TRAILERS_BLOCK,
} from '../../support/http2-frames.ts';

const PROTOCOL_ERROR = 1;
const FLOW_CONTROL_ERROR = 3;
const STREAM_CLOSED = 5;
const FRAME_SIZE_ERROR = 6;
const COMPRESSION_ERROR = 9;
const ENHANCE_YOUR_CALM = 11;
const GOAWAY = 7;
const RST_STREAM = 3;

const head = rawFrame(1, 4, 1, HEAD_BLOCK);
const headEnds = rawFrame(1, 5, 1, HEAD_BLOCK);
const trailers = rawFrame(1, 5, 1, TRAILERS_BLOCK);
const many = (count: number, bytes: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => bytes));
const text = (name: string, value: string): string =>
  [name, value]
    .map(
      (part) => `${part.length.toString(16).padStart(2, '0')}${Buffer.from(part).toString('hex')}`,
    )
    .join('');

describe('a violation of the connection', () => {
  for (const [name, code, ...bytes] of [
    ['a frame larger than allowed', FRAME_SIZE_ERROR, rawFrame(0, 0, 1, Buffer.alloc(16_385))],
    ['DATA of the connection', PROTOCOL_ERROR, rawFrame(0, 0, 0, '00')],
    ['DATA on a stream that was never opened', PROTOCOL_ERROR, rawFrame(0, 0, 3, '00')],
    ['DATA on a stream of its own', PROTOCOL_ERROR, rawFrame(0, 0, 2, '00')],
    ['more padding than DATA', PROTOCOL_ERROR, head, rawFrame(0, 8, 1, '0500')],
    ['padded DATA without a length', PROTOCOL_ERROR, head, rawFrame(0, 8, 1)],
    ['HEADERS of the connection', PROTOCOL_ERROR, rawFrame(1, 4, 0, HEAD_BLOCK)],
    ['HEADERS on a stream that was never opened', PROTOCOL_ERROR, rawFrame(1, 4, 5, HEAD_BLOCK)],
    ['HEADERS behind the end', STREAM_CLOSED, headEnds, head],
    ['DATA behind the end', STREAM_CLOSED, headEnds, rawFrame(0, 0, 1, '00')],
    ['HEADERS without their priority', FRAME_SIZE_ERROR, rawFrame(1, 0x24, 1, '0000')],
    ['a broken header block', COMPRESSION_ERROR, rawFrame(1, 4, 1, '80')],
    ['a frame within a header block', PROTOCOL_ERROR, rawFrame(1, 0, 1, HEAD_BLOCK), SETTINGS],
    [
      'DATA within a header block',
      PROTOCOL_ERROR,
      rawFrame(1, 0, 1, HEAD_BLOCK),
      rawFrame(0, 0, 1, '00'),
    ],
    [
      'CONTINUATION of another stream',
      PROTOCOL_ERROR,
      rawFrame(1, 0, 1, HEAD_BLOCK),
      rawFrame(9, 4, 3),
    ],
    ['CONTINUATION of nothing', PROTOCOL_ERROR, rawFrame(9, 4, 1)],
    [
      'CONTINUATION without an end',
      ENHANCE_YOUR_CALM,
      rawFrame(1, 0, 1),
      many(40, rawFrame(9, 0, 1, '82')),
    ],
    ['PRIORITY of the connection', PROTOCOL_ERROR, rawFrame(2, 0, 0, '0000000000')],
    ['RST_STREAM of the connection', PROTOCOL_ERROR, rawFrame(3, 0, 0, '00000000')],
    ['RST_STREAM on an idle stream', PROTOCOL_ERROR, rawFrame(3, 0, 9, '00000000')],
    ['RST_STREAM of a broken length', FRAME_SIZE_ERROR, rawFrame(3, 0, 1, '0000')],
    ['SETTINGS on a stream', PROTOCOL_ERROR, rawFrame(4, 0, 1)],
    ['SETTINGS of a broken length', FRAME_SIZE_ERROR, rawFrame(4, 0, 0, '00')],
    ['an acknowledgement with content', FRAME_SIZE_ERROR, rawFrame(4, 1, 0, '000400000000')],
    ['a window that is too large', FLOW_CONTROL_ERROR, rawFrame(4, 0, 0, '000480000000')],
    ['a largest frame that is too small', PROTOCOL_ERROR, rawFrame(4, 0, 0, '000500003fff')],
    ['a largest frame that is too large', PROTOCOL_ERROR, rawFrame(4, 0, 0, '000501000000')],
    ['a server that allows pushing', PROTOCOL_ERROR, rawFrame(4, 0, 0, '000200000001')],
    ['PUSH_PROMISE', PROTOCOL_ERROR, rawFrame(5, 4, 1, '00000002')],
    ['PING on a stream', PROTOCOL_ERROR, rawFrame(6, 0, 1, Buffer.alloc(8))],
    ['PING of a broken length', FRAME_SIZE_ERROR, rawFrame(6, 0, 0, Buffer.alloc(7))],
    ['GOAWAY on a stream', PROTOCOL_ERROR, rawFrame(7, 0, 1, Buffer.alloc(8))],
    ['GOAWAY of a broken length', FRAME_SIZE_ERROR, rawFrame(7, 0, 0, Buffer.alloc(7))],
    ['a window widened by nothing', PROTOCOL_ERROR, rawFrame(8, 0, 0, '00000000')],
    ['a window that overflows', FLOW_CONTROL_ERROR, rawFrame(8, 0, 0, '7fffffff')],
    ['WINDOW_UPDATE of a broken length', FRAME_SIZE_ERROR, rawFrame(8, 0, 0, '00')],
    ['WINDOW_UPDATE on an idle stream', PROTOCOL_ERROR, rawFrame(8, 0, 7, '00000001')],
    ['a flood of PING', ENHANCE_YOUR_CALM, many(3_000, rawFrame(6, 0, 0, Buffer.alloc(8)))],
    ['a flood of SETTINGS', ENHANCE_YOUR_CALM, many(3_000, SETTINGS)],
    ['a flood of empty DATA', ENHANCE_YOUR_CALM, head, many(3_000, rawFrame(0, 0, 1))],
    ['a flood of unknown frames', ENHANCE_YOUR_CALM, many(3_000, rawFrame(0xbe, 0, 1))],
  ] as const) {
    test(`${name} ends it with the code ${code}`, async (t) => {
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
  for (const [name, code, ...bytes] of [
    ['DATA before the head', PROTOCOL_ERROR, rawFrame(0, 0, 1, '00')],
    ['no :status', PROTOCOL_ERROR, rawFrame(1, 5, 1, TRAILERS_BLOCK)],
    ['a name in upper case', PROTOCOL_ERROR, rawFrame(1, 4, 1, `8800${text('Ab', 'c')}`)],
    [
      'a pseudo-header behind the others',
      PROTOCOL_ERROR,
      rawFrame(1, 4, 1, `8800${text('a', 'b')}88`),
    ],
    ['a header of connections', PROTOCOL_ERROR, rawFrame(1, 4, 1, `8800${text('upgrade', 'c')}`)],
    ['a line break in a value', PROTOCOL_ERROR, rawFrame(1, 4, 1, `8800${text('a', 'c\r\n')}`)],
    ['two :status', PROTOCOL_ERROR, rawFrame(1, 4, 1, '8888')],
    ['an interim head that ends it', PROTOCOL_ERROR, rawFrame(1, 5, 1, '0803313033')],
    ['trailers that do not end it', PROTOCOL_ERROR, head, rawFrame(1, 4, 1, TRAILERS_BLOCK)],
    ['trailers with :status', PROTOCOL_ERROR, head, headEnds],
    ['a window widened by nothing', PROTOCOL_ERROR, rawFrame(8, 0, 1, '00000000')],
    ['a window that overflows', FLOW_CONTROL_ERROR, rawFrame(8, 0, 1, '7fffffff')],
    [
      'more DATA than its window',
      FLOW_CONTROL_ERROR,
      head,
      many(17, rawFrame(0, 0, 1, Buffer.alloc(16_384))),
    ],
    ['headers that are too large', PROTOCOL_ERROR, ...largeHead()],
    ['DATA behind its end', STREAM_CLOSED, headEnds, rawFrame(0, 0, 1, '00')],
  ] as const) {
    test(`${name} ends it with the code ${code}; the connection goes on`, async (t) => {
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

function largeHead(): Buffer[] {
  const part = Buffer.from(`00${text('a', 'x'.repeat(100))}`, 'hex');
  const block = Buffer.concat([Buffer.from('88', 'hex'), many(150, part)]);
  const next = many(150, part);
  return [
    rawFrame(1, 0, 1, block),
    ...Array.from({ length: 3 }, () => rawFrame(9, 0, 1, next)),
    rawFrame(9, 4, 1, next),
  ];
}

async function start(t: TestContext): Promise<RawPeer> {
  const peer = await startRawPeer();
  t.after(() => peer.close());
  return peer;
}
