/** Frames that are cut anywhere are the same frames. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionFault } from '../../../src/http2/errors.ts';
import { FrameReader } from '../../../src/http2/frame-reader.ts';
import type { FrameHead } from '../../../src/http2/frames.ts';
import { HEAD_BLOCK, rawFrame, SETTINGS, TRAILERS_BLOCK } from '../../support/http2-frames.ts';

const NONE = new Uint8Array();
const WIRE = Buffer.concat([
  SETTINGS,
  rawFrame(4, 0, 0, '000300000064'),
  rawFrame(1, 4, 1, HEAD_BLOCK),
  rawFrame(0, 0, 1, '0000000003616263'),
  rawFrame(0, 8, 1, '02ffee0000'),
  rawFrame(0, 0, 1),
  rawFrame(0, 1, 3, 'aa'),
  rawFrame(6, 0, 0, '0102030405060708'),
  rawFrame(1, 5, 1, TRAILERS_BLOCK),
]);

test('split at every offset', () => {
  const whole = read([WIRE]);
  for (let at = 1; at < WIRE.length; at++) {
    assert.deepEqual(read([WIRE.subarray(0, at), WIRE.subarray(at)]), whole, `at ${at}`);
  }
});

test('a byte at a time', () => {
  assert.deepEqual(read([...WIRE].map((byte) => Buffer.of(byte))), read([WIRE]));
});

test('the largest frame is read, one byte more is not', () => {
  assert.equal(read([rawFrame(0, 0, 1, Buffer.alloc(16_384))]).length, 1);
  assert.throws(() => read([rawFrame(0, 0, 1, Buffer.alloc(16_385))]), ConnectionFault);
});

/** Each frame as text, parts of DATA put together again. */
function read(chunks: readonly Buffer[]): string[] {
  const frames: string[] = [];
  let data = '';
  let flow = 0;
  const reader = new FrameReader(
    {
      onData: (head, part, flowBytes, last) => {
        data += Buffer.from(part).toString('hex');
        flow += flowBytes;
        if (!last) return;
        frames.push(`${describe(head)} ${data} ${flow}`);
        data = '';
        flow = 0;
      },
      onFrame: (head, payload) =>
        void frames.push(`${describe(head)} ${Buffer.from(payload).toString('hex')}`),
    },
    NONE,
  );
  for (const chunk of chunks) reader.read(chunk);
  return frames;
}

function describe({ type, flags, streamId, length }: FrameHead): string {
  return `${type} ${flags} ${streamId} ${length}`;
}
