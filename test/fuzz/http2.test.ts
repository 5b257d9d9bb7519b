/**
 * Answers with random bytes changed, cut or doubled: every request ends, once, as an answer or as a failure of the service. And one answer
 * in every framing that HTTP/2 allows: it always reads the same.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GatewayError } from '../../src/call/error.ts';
import { clientTo } from '../support/http2-client.ts';
import {
  HEAD_BLOCK,
  rawFrame,
  SETTINGS,
  startRawPeer,
  TRAILERS_BLOCK,
} from '../support/http2-frames.ts';

const ANSWER = Buffer.concat([
  rawFrame(4, 1, 0),
  rawFrame(4, 0, 0, '000300000064000400010000'),
  rawFrame(1, 0, 1, HEAD_BLOCK.subarray(0, 5)),
  rawFrame(9, 4, 1, HEAD_BLOCK.subarray(5)),
  rawFrame(8, 0, 0, '00001000'),
  rawFrame(0, 0, 1, '0000000003616263'),
  rawFrame(0, 8, 1, '02ffee0000'),
  rawFrame(6, 0, 0, '0102030405060708'),
  rawFrame(1, 5, 1, TRAILERS_BLOCK),
]);
const EXPECTED = new Set([
  undefined,
  'PG_UPSTREAM_PROTOCOL',
  'PG_UPSTREAM_RESET',
  'PG_UPSTREAM_UNAVAILABLE',
]);

const edit = fc.record({
  at: fc.nat(ANSWER.length - 1),
  byte: fc.nat(255),
  how: fc.constantFrom('set', 'cut', 'double'),
});

test('an answer with up to three edits', async (t) => {
  const peer = await startRawPeer(SETTINGS);
  t.after(() => peer.close());
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { maxLength: 3 }), async (edits) => {
      let bytes = ANSWER;
      for (const { at, byte, how } of edits) {
        const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)];
        if (how === 'cut') bytes = Buffer.concat([before, behind.subarray(1 + (byte & 7))]);
        else if (how === 'double') bytes = Buffer.concat([before, behind.subarray(0, 9), behind]);
        else bytes = Buffer.concat([before, Buffer.of(byte), behind.subarray(1)]);
      }
      peer.answer = (socket) => void socket.end(bytes);
      const { ended, heads } = clientTo(t, peer.port).request();
      const error = await ended;
      assert.ok(EXPECTED.has(error?.pg), error?.pg);
      assert.ok(heads.length <= 2);
    }),
    { seed: 11, numRuns: 400 },
  );
});

/** Parts of random sizes, in their order; at least one. */
function partsOf(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const parts: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= bytes.length) break;
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...parts, bytes.subarray(at)];
}

function headerFrames(block: Buffer, sizes: readonly number[], endStream: boolean): Buffer[] {
  const parts = partsOf(block, sizes);
  return parts.map((part, index) => {
    const ends = index === parts.length - 1 ? 4 : 0;
    return index === 0
      ? rawFrame(1, ends | (endStream ? 1 : 0), 1, part)
      : rawFrame(9, ends, 1, part);
  });
}

const sizes = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 6 });
/** What may stand between any two frames that are no header block. */
const between = fc.constantFrom(
  Buffer.alloc(0),
  SETTINGS,
  rawFrame(4, 0, 0, '000400100000'),
  rawFrame(6, 0, 0, '0102030405060708'),
  rawFrame(2, 0, 1, '0000000010'),
  rawFrame(8, 0, 0, '00000100'),
  rawFrame(0xfa, 0xff, 1, 'beef'),
  rawFrame(0, 0, 1),
  rawFrame(7, 0, 0, '0000000100000000'),
);

test('an answer in every framing, in chunks of every size', async (t) => {
  const peer = await startRawPeer(SETTINGS);
  t.after(() => peer.close());
  const framing = fc.record({
    body: fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes)),
    head: sizes,
    trailers: sizes,
    data: sizes,
    padding: fc.array(fc.integer({ min: -1, max: 200 }), { minLength: 7, maxLength: 7 }),
    fillers: fc.array(between, { minLength: 8, maxLength: 8 }),
    chunks: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(framing, async ({ body, fillers, padding, ...at }) => {
      const data = partsOf(body, at.data).flatMap((part, index) => {
        const pad = padding[index] ?? -1;
        const payload = Buffer.concat([Buffer.of(pad), part, Buffer.alloc(Math.max(pad, 0))]);
        const frame = pad < 0 ? rawFrame(0, 0, 1, part) : rawFrame(0, 8, 1, payload);
        return [frame, fillers[index] ?? SETTINGS];
      });
      const answer = Buffer.concat([
        ...headerFrames(HEAD_BLOCK, at.head, false),
        ...data,
        ...headerFrames(TRAILERS_BLOCK, at.trailers, true),
      ]);
      peer.answer = (socket) => {
        socket.setNoDelay(true);
        const send = ([chunk, ...rest]: readonly Buffer[]): void => {
          if (chunk !== undefined) socket.write(chunk, () => send(rest));
        };
        send(partsOf(answer, at.chunks));
      };
      const { transport, request } = clientTo(t, peer.port);
      const heard = request();
      assert.equal(await heard.ended, undefined);
      assert.deepEqual(heard.heads, [
        [':status', '200', 'content-type', 'application/grpc'],
        ['grpc-status', '0'],
      ]);
      assert.equal(Buffer.concat(heard.body).toString('hex'), body.toString('hex'));
      transport.close(new GatewayError('PG_DRAIN', 'the next one'));
    }),
    { seed: 23, numRuns: 300 },
  );
});
