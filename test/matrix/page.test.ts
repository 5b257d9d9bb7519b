/** docs/protocols.md says what the matrix shows. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { allCells, impossible } from './cells.ts';
import { withTables } from './page.ts';

test('the page is that of this matrix; npm run protocols makes it anew', (t) => {
  const page = readFileSync(new URL('../../docs/protocols.md', import.meta.url), 'utf8');
  assert.equal(page, withTables(page));
  const cells = [...allCells()];
  const on = cells.filter((cell) => impossible(cell) === null).length;
  t.diagnostic(`the matrix: ${on} on, ${cells.length - on} impossible, ${cells.length} in total`);
});
