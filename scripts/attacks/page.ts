/** docs/security.md: an explanation of each attack by hand, and the table of the last run between two comments. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Attack } from './types.ts';

const BEGIN = '<!-- table of npm run attacks -->';
const END = '<!-- end of the table -->';

/** Attacks that the page does not explain, and those that it explains and nobody runs. */
export function problemsOfPage(page: string, attacks: readonly Attack[]): string[] {
  const text = readFileSync(page, 'utf8');
  const explained = Array.from(text.matchAll(/^- \*\*(.+?)\*\*/gm), ([, name = '']) => name);
  const names = attacks.map(({ name }) => name);
  return [
    ...names
      .filter((name) => !explained.includes(name))
      .map((name) => `${name}: not explained in the page`),
    ...explained
      .filter((name) => !names.includes(name))
      .map((name) => `${name}: explained in the page, but not run`),
  ];
}

/** The names of the rows that the page has. */
export function rowsOfPage(page: string): string[] {
  const rows = between(readFileSync(page, 'utf8')).split('\n').slice(2);
  return rows.map((row) => row.split(' | ')[0]?.replace(/^\| /, '') ?? '');
}

export function writeTable(page: string, table: readonly string[]): void {
  const text = readFileSync(page, 'utf8');
  writeFileSync(
    page,
    text.replace(between(text), () => table.join('\n')),
  );
}

function between(text: string): string {
  const [before = '', rest = ''] = text.split(`${BEGIN}\n\n`);
  const [table = '', after] = rest.split(`\n\n${END}`);
  if (before === '' || after === undefined) throw new Error('the page has no place for the table');
  return table;
}
