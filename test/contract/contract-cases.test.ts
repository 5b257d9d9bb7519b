/** docs/writing-an-adapter.md lists the cases of both contracts, and no other. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const SEPARATOR = ' · ';

for (const [heading, folder] of [
  ['What every inbound must do', 'any-inbound'],
  ['What every outbound must do', 'any-outbound'],
] as const) {
  test(`${heading}: what ${folder} asks`, () => {
    const cases = globSync(join(import.meta.dirname, folder, '*.ts')).flatMap(casesOf);
    assert.ok(cases.length > 25);
    assert.deepEqual(listed(heading).toSorted(), [...new Set(cases)].toSorted());
  });
}

/** The names of the tests of a file, without the kind of a call; of two names of one case both. */
function casesOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const names = text.matchAll(/(?:inboundCase\(\s*setting,|\btest\()\s*(['`])((?:(?!\1).)*)\1/g);
  return [...names].map((match) =>
    (match[2] ?? '')
      .replace(/\$\{[^?}]+\? '([^']*)' : '([^']*)'\}/, '$1 or $2')
      .replace(/^(?:\$\{kind\}|unary|bidi): /, '')
      .replace(/\$\{\w+\}/, '…'),
  );
}

/** What the bullets under a heading have behind the name of their group. */
function listed(heading: string): string[] {
  const text = readFileSync(join(ROOT, 'docs/writing-an-adapter.md'), 'utf8');
  const section = text.split('\n## ').find((part) => part.startsWith(heading)) ?? '';
  const bullets = section.split('\n- ').slice(1);
  return bullets.flatMap(
    (bullet) =>
      bullet
        .split('\n\n')[0]
        ?.replace(/\s+/g, ' ')
        .trim()
        .replace(/^\*\*[^*]+\*\*: /, '')
        .split(SEPARATOR) ?? [],
  );
}
