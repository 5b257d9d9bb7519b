import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  brotliDecompressSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';
import type { Compression } from '../../../src/compression/compression.ts';
import { ACCEPTED_COMPRESSIONS, compressionOf } from '../../../src/compression/content-coding.ts';
import { InflateError } from '../../../src/compression/inflate-error.ts';

const MB = 1 << 20;
/** At once, and by a thread. */
const SIZES = [0, 1, 1_000, 16_384, 16_385, 300_000];

function named(name: string): Compression {
  const compression = compressionOf(name);
  assert.ok(compression !== undefined, name);
  return compression;
}

test('what is accepted is what is known', () => {
  assert.equal(ACCEPTED_COMPRESSIONS, 'identity,br,zstd,gzip,deflate');
  for (const name of ['identity', 'BR', '', 'GZIP', 'toString', '__proto__']) {
    assert.equal(compressionOf(name), undefined, name);
  }
});

for (const [name, reference] of [
  ['gzip', gunzipSync],
  ['deflate', inflateSync],
  ['br', brotliDecompressSync],
  ['zstd', zstdDecompressSync],
] as const) {
  describe(name, () => {
    const compression = named(name);

    for (const size of SIZES) {
      test(`${size} bytes`, async () => {
        const bytes = noise(size);
        const packed = await compression.compress(bytes);
        assert.deepEqual(reference(packed), Buffer.from(bytes));
        assert.deepEqual(Buffer.from(await compression.decompress(packed, size)), bytes);
      });
    }

    test('what fits exactly is taken, one byte more is too large', async () => {
      for (const size of [1_000, 300_000]) {
        const packed = await compression.compress(noise(size));
        assert.equal((await compression.decompress(packed, size)).length, size);
        await assert.rejects(async () => compression.decompress(packed, size - 1), tooLarge(true));
      }
    });

    test('a bomb is refused, at once and by a thread', async () => {
      for (const size of [4 * MB, 64 * MB]) {
        const packed = await compression.compress(Buffer.alloc(size));
        assert.ok(packed.length < size / 900);
        await assert.rejects(async () => compression.decompress(packed, 1_000), tooLarge(true));
      }
    });

    test('what is not compressed and what is cut off is said to be so', async () => {
      for (const size of [1_000, 300_000]) {
        const packed = await compression.compress(noise(size));
        for (const bad of [noise(size), packed.subarray(0, packed.length - 9), Buffer.alloc(0)]) {
          await assert.rejects(async () => compression.decompress(bad, MB), tooLarge(false));
        }
      }
    });
  });
}

test('a little is done at once', () => {
  const packed = gzipSync('a little');
  assert.equal(named('gzip').decompress(packed, 100) instanceof Promise, false);
  assert.equal(named('gzip').compress(packed) instanceof Promise, false);
});

function tooLarge(expected: boolean): (error: unknown) => boolean {
  return (error) => error instanceof InflateError && error.tooLarge === expected;
}

/** Bytes that no compression makes smaller; the same each time. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 1;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
