import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../../src/lib/ids.ts';

test('ids are 16 hex digits and never repeat, also across batches', () => {
  const ids = Array.from({ length: 2000 }, () => newId());
  for (const id of ids) assert.match(id, /^[0-9a-f]{16}$/);
  assert.equal(new Set(ids).size, ids.length);
});

test('an id that was handed out does not change when the pool is filled again', () => {
  const first = newId();
  const copy = first.slice();
  for (let n = 0; n < 1000; n++) newId();
  assert.equal(first, copy);
});
