import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DEFAULTS, defaultBytes, defaultMs, defaultsTable } from '../../../src/config/defaults.ts';

test('every default has its reason in the table', () => {
  const table = defaultsTable();
  assert.equal(table.trim().split('\n').length, Object.keys(DEFAULTS).length + 2);
  assert.ok(table.includes('| `limits.body` | `4mb` | what a gRPC server takes by default |'));
  for (const { reason } of Object.values(DEFAULTS)) assert.ok(reason.length > 20, reason);
});

test('defaults with a unit are read as those of a user', () => {
  assert.equal(defaultMs('drain'), 10_000);
  assert.equal(defaultBytes('limits.headers'), 16_384);
  assert.throws(() => defaultMs('listen.host'), /the default of listen.host has no unit/);
});

test('docs/limits.md has the table', () => {
  const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8');
  assert.ok(page.includes(defaultsTable()), 'put what defaultsTable() returns into docs/limits.md');
});
