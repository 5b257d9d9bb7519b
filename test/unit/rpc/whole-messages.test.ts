/** What stands before an end in the body is whole messages, however they were cut. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../src/call/error.ts';
import { enclose } from '../../../src/rpc/envelope.ts';
import { WholeMessages } from '../../../src/rpc/whole-messages.ts';
import { seenSink } from './seen-sink.ts';

const ONE = enclose(Buffer.from('one'));
const EMPTY = enclose(new Uint8Array());
const TWO = enclose(Buffer.from('two'));
const ALL = Buffer.concat([ONE, EMPTY, TWO]);

test('a chunk of whole messages is handed on as it is', () => {
  const seen = seenSink();
  new WholeMessages(seen).write(ALL);
  assert.equal(seen.chunks[0], ALL);
});

test('of a chunk with a part only the part waits', () => {
  const seen = seenSink();
  const sink = new WholeMessages(seen);
  sink.write(ALL.subarray(0, ALL.length - 1));
  assert.deepEqual(seen.bytes, Buffer.concat([ONE, EMPTY]));
  assert.equal(seen.chunks[0]?.buffer, ALL.buffer, 'not copied');
  sink.write(ALL.subarray(ALL.length - 1));
  assert.deepEqual(seen.bytes, ALL);
});

test('cut anywhere, in two places', () => {
  for (let a = 0; a <= ALL.length; a++) {
    for (let b = a; b <= ALL.length; b++) {
      const seen = seenSink();
      const sink = new WholeMessages(seen);
      for (const part of [ALL.subarray(0, a), ALL.subarray(a, b), ALL.subarray(b)]) {
        sink.write(part);
        assert.ok([0, 8, 13, 21].includes(seen.bytes.length), `${seen.bytes.length} at ${a}, ${b}`);
      }
      assert.deepEqual(seen.bytes, ALL);
    }
  }
});

test('a part that is never completed is never handed on', () => {
  const seen = seenSink();
  const sink = new WholeMessages(seen);
  sink.write(ALL.subarray(0, 20));
  sink.end(null);
  assert.deepEqual([seen.bytes.length, seen.ends], [13, [null]]);
});

test('what waits is no reason to stop, a reader that is full is', () => {
  const seen = seenSink();
  const sink = new WholeMessages(seen);
  seen.takes = false;
  assert.equal(sink.write(ONE.subarray(0, 4)), true);
  assert.equal(sink.write(ONE.subarray(4)), false);
  let drained = 0;
  sink.onDrain = () => drained++;
  seen.onDrain?.();
  const reason = new GatewayError('PG_DRAIN', 'over');
  sink.fail(reason);
  assert.deepEqual([drained, seen.ends], [1, [reason]]);
});
