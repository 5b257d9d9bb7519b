/** docs/security.md explains what `npm run attacks` runs, and its table is of a whole run. */
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { ATTACKS } from '../../../scripts/attacks/all.ts';
import { problemsOfPage, rowsOfPage } from '../../../scripts/attacks/page.ts';

const page = join(resolve(import.meta.dirname, '../../..'), 'docs/security.md');

describe('the page about attacks', () => {
  test('explains each, and none that is not run', () => {
    assert.deepEqual(problemsOfPage(page, ATTACKS), []);
  });

  test('has a row of each, in order', () => {
    assert.deepEqual(
      rowsOfPage(page),
      ATTACKS.map(({ name }) => name),
    );
  });

  test('one that is missing on either side is a problem', () => {
    const [first, ...others] = ATTACKS;
    const unknown = { ...(first as (typeof ATTACKS)[number]), name: 'unknown' };
    assert.deepEqual(problemsOfPage(page, [...others, unknown]), [
      'unknown: not explained in the page',
      `${first?.name}: explained in the page, but not run`,
    ]);
  });
});
