/** Base64 in padded parts against Node's decoder: any bytes, in any parts, cut anywhere. Seeded and bounded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Base64Sink } from '../../src/rpc/base64-sink.ts';
import { Base64Source } from '../../src/rpc/base64-source.ts';
import { FakeSource } from '../unit/framing/fake-source.ts';
import { type SeenSink, seenSink } from '../unit/rpc/seen-sink.ts';

const RUNS = { seed: 20_261_130, numRuns: 2_000 };

/** Cuts `text` behind these places, modulo its length. */
function cut(text: string, places: readonly number[]): string[] {
  const at = places.map((place) => place % (text.length + 1)).toSorted((a, b) => a - b);
  return [...at, text.length].map((end, index) => text.slice(index === 0 ? 0 : at[index - 1], end));
}

function decode(chunks: readonly string[]): SeenSink {
  const from = new FakeSource();
  const seen = seenSink();
  new Base64Source(from).pump(seen);
  for (const chunk of chunks) from.give(Buffer.from(chunk, 'latin1'));
  from.sink?.end(null);
  return seen;
}

test('what was encoded in parts is decoded, however it is cut', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
  const places = fc.array(fc.nat(1_000), { maxLength: 12 });
  fc.assert(
    fc.property(parts, places, (given, at) => {
      const text = given.map((part) => Buffer.from(part).toString('base64')).join('');
      const seen = decode(cut(text, at));
      assert.deepEqual([seen.ends, seen.bytes], [[null], Buffer.concat(given)]);
    }),
    RUNS,
  );
});

test('what the sink writes, the source reads', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (given) => {
      const written = seenSink();
      const sink = new Base64Sink(written);
      for (const part of given) sink.write(part);
      const seen = decode(written.chunks.map((chunk) => Buffer.from(chunk).toString('latin1')));
      assert.deepEqual([seen.ends, seen.bytes], [[null], Buffer.concat(given)]);
    }),
    RUNS,
  );
});

test('text that is no base64 fails once, and nothing of a wrong quad gets through', () => {
  const letters = fc.constantFrom('A', 'z', '0', '+', '/', '=', ' ', '\n', '-', '\0', '\xff');
  const text = fc.string({ unit: letters, maxLength: 40 });
  const places = fc.array(fc.nat(1_000), { maxLength: 6 });
  fc.assert(
    fc.property(text, places, (given, at) => {
      const quads = given.match(/.{1,4}/gs) ?? [];
      const isGood = (quad: string): boolean =>
        /^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$/.test(quad);
      const firstBad = quads.findIndex((quad) => !isGood(quad));
      const good = firstBad < 0 ? quads : quads.slice(0, firstBad);
      const expected = Buffer.concat(good.map((quad) => Buffer.from(quad, 'base64')));
      const seen = decode(cut(given, at));
      assert.equal(seen.ends.length, 1);
      assert.equal(seen.ends[0]?.pg, firstBad < 0 ? undefined : 'PG_BAD_ENVELOPE');
      // A chunk with a wrong quad is refused as a whole.
      const got = seen.bytes;
      assert.deepEqual(got, expected.subarray(0, got.length));
      if (firstBad < 0) assert.deepEqual(got, expected);
    }),
    RUNS,
  );
});
