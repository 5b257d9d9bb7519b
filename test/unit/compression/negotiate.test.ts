import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { negotiatorOf } from '../../../src/compression/negotiate.ts';

const negotiate = negotiatorOf(['zstd', 'br', 'gzip', 'deflate']);

function chosen(header: string | undefined): string | null {
  return negotiate(header)?.name ?? null;
}

describe('what a client gets for its Accept-Encoding', () => {
  for (const [header, expected] of [
    // RFC 9110 section 12.5.3, its examples.
    ['compress, gzip', 'gzip'],
    ['', null],
    ['*', 'zstd'],
    ['compress;q=0.5, gzip;q=1.0', 'gzip'],
    ['gzip;q=1.0, identity; q=0.5, *;q=0', 'gzip'],
    [undefined, null],
    // What browsers, fetch and curl send.
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip, deflate, br', 'br'],
    ['br, gzip, deflate', 'br'],
    ['gzip, deflate', 'gzip'],
    // Weights.
    ['gzip;q=0.9, br;q=0.8', 'gzip'],
    ['gzip;q=0.001', 'gzip'],
    ['gzip;q=0', null],
    ['gzip;q=0.000, deflate;q=0', null],
    ['GZIP;Q=1', 'gzip'],
    ['br \t; \tq=0.1 , gzip', 'gzip'],
    ['gzip;q=0, *', 'zstd'],
    ['zstd;q=0, *;q=0.5', 'br'],
    ['gzip;q=0.2, *;q=0.1', 'gzip'],
    ['*;q=0', null],
    ['*;q=0, br', 'br'],
    // No coding at all.
    ['identity', null],
    ['identity, gzip;q=0.5', null],
    ['identity;q=0.5, gzip', 'gzip'],
    ['identity, gzip', 'gzip'],
    ['identity;q=0', null],
    ['identity;q=0, gzip;q=0.1', 'gzip'],
    // Its old name (RFC 9110 section 8.4.1.3).
    ['x-gzip', 'gzip'],
    // What is none is passed over.
    ['gzip;q=2', null],
    ['gzip;q=x', null],
    ['gzip;q=0.1234', null],
    ['gzip;level=9', null],
    ['gzip q=1', null],
    [', ,gzip,', 'gzip'],
    ['"gzip"', null],
    ['toString, __proto__, constructor', null],
    // Of repeats the first counts.
    ['gzip;q=0, gzip', null],
  ] as const) {
    test(`${JSON.stringify(header) ?? 'no header'} gets ${expected}`, () => {
      assert.equal(chosen(header), expected);
      // What was answered once is answered again.
      assert.equal(chosen(header), expected);
    });
  }

  test('only so many codings are looked at', () => {
    assert.equal(chosen(`${'x,'.repeat(31)}gzip`), 'gzip');
    assert.equal(chosen(`${'x,'.repeat(32)}gzip`), null);
  });

  test('any number of values, of any length, is answered', () => {
    for (let i = 0; i < 1_000; i++) {
      assert.equal(chosen(`x${i}, gzip`), 'gzip');
      assert.equal(chosen(`br;q=0.${i % 10}, x${i}`), i % 10 === 0 ? null : 'br');
    }
    assert.equal(chosen(`${'x'.repeat(10_000)}, gzip`), 'gzip');
  });
});

test('what the gateway does not offer is not chosen, and its order decides between equals', () => {
  const some = negotiatorOf(['gzip', 'br']);
  assert.equal(some('zstd, br, gzip')?.name, 'gzip');
  assert.equal(some('zstd, br')?.name, 'br');
  assert.equal(some('zstd'), null);
  assert.equal(some, negotiatorOf(['gzip', 'br']));
  assert.notEqual(some, negotiatorOf(['br', 'gzip']));
});
