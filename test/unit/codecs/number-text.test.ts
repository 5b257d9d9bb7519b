/** Numbers as JSON text against what JavaScript itself writes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Output } from '../../../src/codecs/proto-json/output.ts';
import { writeDouble, writeInt64 } from '../../../src/codecs/proto-json/to-json/text.ts';

const EDGES = [
  0,
  -0,
  1,
  -1,
  0.1,
  0.000_001,
  0.000_001_1,
  1e-7,
  999_999_999.999_999,
  1e9,
  1e21,
  5e-324,
  4_294_967_296.5,
  -0.5,
  0.1 + 0.2,
  0.999_999,
  0.999_999_9,
  123_456_789.123_456,
  NaN,
  Infinity,
  -Infinity,
  Number.MAX_VALUE,
  Number.MAX_SAFE_INTEGER,
];

function doubleText(value: number): string {
  // Small, so that every growth is met.
  const out = new Output(1);
  writeDouble(out, value);
  return out.copy().toString();
}

test('a double is what JavaScript writes, with the sign of a zero, not finite ones in quotes', () => {
  const decimals = fc
    .tuple(fc.maxSafeInteger(), fc.nat(17), fc.nat(15))
    .map(([digits, places, size]) => (digits % 10 ** size) / 10 ** places);
  const property = fc.property(fc.oneof(fc.double(), decimals, fc.constantFrom(...EDGES)), check);
  fc.assert(property, { numRuns: 50_000, seed: 3 });
  for (const edge of EDGES) check(edge);

  function check(value: number): void {
    const text = Object.is(value, -0) ? '-0' : String(value);
    assert.equal(doubleText(value), Number.isFinite(value) ? text : `"${text}"`);
  }
});

test('64 bits are what a BigInt writes', () => {
  const edges = [0n, 1n, 999_999_999n, 10n ** 9n, 10n ** 18n, 10n ** 18n - 1n, 2n ** 32n].flatMap(
    (edge) => [edge, -edge, 2n ** 63n - 1n - edge],
  );
  const any = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
  const property = fc.property(fc.oneof(any, fc.constantFrom(...edges, -(2n ** 63n))), (value) => {
    const signed = value < 2n ** 63n;
    const lo = Number(BigInt.asUintN(32, value));
    const hi = Number(BigInt.asUintN(32, value >> 32n));
    const out = new Output(1);
    writeInt64(out, lo, hi, { signed, quoted: true });
    assert.equal(out.copy().toString(), `"${value}"`);
  });
  fc.assert(property, { numRuns: 20_000, seed: 4 });
});
