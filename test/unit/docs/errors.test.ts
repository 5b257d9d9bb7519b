/** The two pages about errors say what the tables in the code do, entry by entry, in both directions. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { PG_CODES, type PgCodeName } from '../../../src/call/error.ts';
import { STATUS_CODES, type StatusCode, statusNumber } from '../../../src/call/status.ts';
import { httpStatusOf } from '../../../src/call/http-status.ts';

function read(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}

/** From the comments of code.proto, which are the published mapping itself. */
function publishedMapping(): [string, number, number][] {
  const entries = read('protos/google/rpc/code.proto').matchAll(
    /HTTP Mapping: (\d+)[^\n]*\n\s*([A-Z_]+) = (\d+);/g,
  );
  return Array.from(entries, ([, http, code, number]) => [
    code ?? '',
    Number(number),
    Number(http),
  ]);
}

function byNumber(a: [string, number, number], b: [string, number, number]): number {
  return a[1] - b[1];
}

describe('docs/errors.md', () => {
  const page = read('docs/errors.md');
  const entries = new Map(
    page
      .split(/^### /m)
      .slice(1)
      .map((entry) => [entry.slice(0, entry.indexOf('\n')), entry] as const),
  );

  test('has exactly one entry for each code', () => {
    assert.deepEqual([...entries.keys()].toSorted(), Object.keys(PG_CODES).toSorted());
    assert.equal(page.match(/^### /gm)?.length, entries.size);
  });

  for (const [name, { status, side, http }] of Object.entries(PG_CODES)) {
    test(`${name}: status, code and fault are those of the code, and it says what to do`, () => {
      const entry = entries.get(name) ?? '';
      const line = entry.split('\n')[1];
      assert.equal(line, `${http ?? httpStatusOf(status)} · ${status} · ${side}`);
      assert.match(entry, /\n\n\S[^]*\n\*\*What to do:\*\* \S/);
    });
  }

  test('names no code that does not exist', () => {
    const named = new Set(page.match(/PG_[A-Z0-9_]+/g));
    assert.deepEqual(
      [...named].filter((name) => !(name in PG_CODES)),
      [],
    );
  });

  test('its example is a status that the code has', () => {
    const json = /```json\n([^]*?)```/.exec(page)?.[1] ?? '';
    const example = JSON.parse(json) as { code: number; details: { reason?: PgCodeName }[] };
    const reason = example.details[0]?.reason ?? 'PG_INTERNAL';
    assert.equal(example.code, statusNumber(PG_CODES[reason].status));
  });
});

describe('docs/status-mapping.md', () => {
  const rows = read('docs/status-mapping.md').matchAll(/^\| (\d+) \| ([A-Z_]+) \| (\d+) \|/gm);
  const table = Array.from(rows, ([, number, code, http]): [string, number, number] => [
    code ?? '',
    Number(number),
    Number(http),
  ]);

  test('is the mapping that google/rpc/code.proto publishes', () => {
    assert.equal(table.length, 17);
    assert.deepEqual(table, publishedMapping().toSorted(byNumber));
  });

  test('is what REST clients see', () => {
    const actual = STATUS_CODES.map((code: StatusCode, number): [string, number, number] => [
      code,
      number,
      httpStatusOf(code),
    ]);
    assert.deepEqual(table, actual);
  });
});
