import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from '../../../src/lib/backoff.ts';
import { nearest } from '../../../src/lib/nearest.ts';

test('nearest finds the misspelt name', () => {
  assert.equal(nearest('shelff', ['book', 'shelf', 'self']), 'shelf');
  assert.equal(nearest('pgae_size', ['page_token', 'page_size']), 'page_size');
  assert.equal(nearest('PageSize', ['page_size', 'pageSize']), 'pageSize');
});

test('nearest is silent where nothing is close', () => {
  assert.equal(nearest('xyz', ['shelf', 'book']), undefined);
  assert.equal(nearest('', ['a']), undefined);
  assert.equal(nearest('a', []), undefined);
  assert.equal(nearest('ab', ['cd']), undefined);
});

test('nearest does not compare what is longer than a name', () => {
  assert.equal(nearest('a'.repeat(100_000), ['a'.repeat(100_001)]), undefined);
});

test('backoff doubles between half and all of the ceiling, up to the bound', () => {
  const bounds = { baseMs: 100, maxMs: 1_000 };
  assert.equal(backoffMs(1, bounds, { next: () => 0 }), 50);
  assert.equal(backoffMs(1, bounds, { next: () => 1 }), 100);
  assert.equal(backoffMs(3, bounds, { next: () => 0.5 }), 300);
  assert.equal(backoffMs(10_000, bounds, { next: () => 1 }), 1_000);
  assert.equal(backoffMs(0, bounds, { next: () => 1 }), 100);
});
