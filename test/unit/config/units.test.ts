import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from '../../../src/config/address.ts';
import { parseDuration, parseSize } from '../../../src/config/units.ts';

const DURATIONS: readonly [unknown, number | undefined][] = [
  ['250ms', 250],
  ['5s', 5000],
  ['1.5s', 1500],
  ['2m', 120_000],
  ['24h', 86_400_000],
  [1, 1],
  [86_400_001, undefined],
  [0, undefined],
  ['0s', undefined],
  [-5, undefined],
  [Number.NaN, undefined],
  [Infinity, undefined],
  ['5', undefined],
  ['5 s', undefined],
  ['5S', undefined],
  ['1e3ms', undefined],
  ['0.5ms', undefined],
  ['', undefined],
  [null, undefined],
  [{}, undefined],
];
for (const [value, ms] of DURATIONS) {
  test(`duration ${JSON.stringify(value)}`, () => assert.equal(parseDuration(value), ms));
}

const SIZES: readonly [unknown, number | undefined][] = [
  ['512b', 512],
  ['64kb', 65_536],
  ['1.5kb', 1536],
  ['4mb', 4_194_304],
  ['2gb', 2_147_483_648],
  ['3gb', undefined],
  ['4MB', undefined],
  ['4', undefined],
  [4096, 4096],
  [1.5, undefined],
  [0, undefined],
  [true, undefined],
];
for (const [value, bytes] of SIZES) {
  test(`size ${JSON.stringify(value)}`, () => assert.equal(parseSize(value), bytes));
}

test('addresses', () => {
  assert.deepEqual(parseAddress('a.example:443'), { host: 'a.example', port: 443 });
  assert.deepEqual(parseAddress('[fe80::1]:65535'), { host: 'fe80::1', port: 65_535 });
  for (const text of [
    '',
    ':80',
    'a',
    'a:',
    'a:x',
    'a b:1',
    'a/b:1',
    '[1.2.3.4]:1',
    'a:1:2',
    'a..b:1',
  ]) {
    assert.equal(parseAddress(text), undefined, text);
  }
});
