import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SettingsConfig } from '../../../src/config/define.ts';
import { resolveSettings } from '../../../src/config/settings.ts';

test('the compression of answers is taken whole, and true is its defaults', () => {
  const resolved = (...places: SettingsConfig[]): unknown =>
    resolveSettings(places).answerCompression;
  const codings = ['zstd', 'br', 'gzip', 'deflate'];
  assert.deepEqual(resolved({ answerCompression: true }), { minBytes: 1_024, codings });
  assert.equal(resolved({ answerCompression: true }, { answerCompression: false }), null);
  assert.deepEqual(
    resolved({ answerCompression: { minSize: '1mb' } }, { answerCompression: { codings: ['br'] } }),
    { minBytes: 1_024, codings: ['br'] },
  );
  assert.deepEqual(resolved({ answerCompression: { minSize: 5 } }), { minBytes: 5, codings });
});
