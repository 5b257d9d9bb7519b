/** Answers with random bytes changed, cut or doubled: every request ends, once, as an answer or as a failure of the service. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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
