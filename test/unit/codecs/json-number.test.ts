import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exactInteger, JsonNumber, numberOfToken } from '../../../src/codecs/json-number.ts';

test('a number that a double holds as written is a number', () => {
  for (const token of ['0', '-0', '1', '0.1', '-1.5e3', '9007199254740991', '123456789012345']) {
    assert.equal(numberOfToken(token), Number(token), token);
  }
});

test('a number that a double may round stays text', () => {
  for (const token of ['9007199254740993', '1e400', '1e-400', '1.0000000000000001', '1e20']) {
    assert.ok(numberOfToken(token) instanceof JsonNumber, token);
  }
});

test('whatever is a plain number has lost nothing', () => {
  const tokens = fc.stringMatching(
    /^-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?$/,
  );
  fc.assert(
    fc.property(tokens, (token) => {
      const value = numberOfToken(token);
      if (value instanceof JsonNumber) return;
      const exact = exactInteger(token);
      assert.equal(Number.isInteger(value), exact !== undefined, token);
      if (exact !== undefined) assert.equal(BigInt(value), BigInt(exact), token);
    }),
    { numRuns: 2000, seed: 1 },
  );
});

const INTEGERS: readonly (readonly [string, string | undefined])[] = [
  ['9007199254740993', '9007199254740993'],
  ['9007199254740993.0', '9007199254740993'],
  ['9007199254740993.5', undefined],
  ['900719925474099.3e1', '9007199254740993'],
  ['90071992547409930e-1', '9007199254740993'],
  ['1e3', '1000'],
  ['1e-3', undefined],
  ['-0.0', '0'],
  ['0e999999', '0'],
  ['-5', '-5'],
  ['1e400', `1${'0'.repeat(30)}`],
  ['1e99999999999999999999', undefined],
  ['', undefined],
  ['.', undefined],
  ['abc', undefined],
];

for (const [text, expected] of INTEGERS) {
  test(`exact integer of ${JSON.stringify(text)}`, () => {
    assert.equal(exactInteger(text), expected);
  });
}

test('a long text that is no number is refused in one pass', () => {
  const digits = '1'.repeat(300_000);
  for (const text of [`${digits}.x`, `${digits}x`, `.${digits}x`, `${digits}.${digits}e`]) {
    assert.equal(exactInteger(text), undefined);
  }
});
