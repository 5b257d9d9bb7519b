import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHttpTable } from '../../../src/routing/http-table.ts';
import { parseTemplate } from '../../../src/routing/template.ts';
import { naiveAllowed, naiveMatch } from './naive.ts';
import type { NaiveRule } from './naive.ts';

// Few words, so that rules and paths meet often and templates overlap in every way.
const word = fc.constantFrom('a', 'b', 'cc');
const kind = fc.oneof({ weight: 3, arbitrary: word }, { weight: 2, arbitrary: fc.constant('*') });
const suffix = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom(':v', ':w', ':cc') },
);

/** Segments with at most one `**`, each run either bare or inside of a variable. */
const templateText = fc
  .record({
    before: fc.array(kind, { maxLength: 4 }),
    deep: fc.option(fc.constant('**')),
    after: fc.array(kind, { maxLength: 3 }),
    cuts: fc.array(fc.nat(9), { maxLength: 4 }),
    verb: suffix,
  })
  .map(({ before, deep, after, cuts, verb }) => {
    const segments = deep === null ? [...before, ...after] : [...before, deep, ...after];
    if (segments.length === 0) return '/';
    const runs: string[] = [];
    let at = 0;
    for (const [index, cut] of cuts.entries()) {
      if (at >= segments.length) break;
      const run = segments.slice(at, at + 1 + (cut % 3));
      at += run.length;
      runs.push(cut < 5 ? `{v${index}=${run.join('/')}}` : run.join('/'));
    }
    return `/${[...runs, ...segments.slice(at)].join('/')}${verb}`;
  });

const verb = fc.constantFrom('GET', 'POST', 'HEAD', '*', 'get');
const rule = fc.record({ verb, template: templateText });
const rawSegment = fc.oneof(
  { weight: 6, arbitrary: word },
  { weight: 1, arbitrary: fc.constantFrom('', 'x', 'a:v', ':v', 'x:v:w', 'x:cc', 'b:w') },
  { weight: 1, arbitrary: fc.constantFrom('%2F', 'a%2fb', '%25', 'q%3Av', 'a+b', '%C3%A9') },
);
const rawPath = fc
  .tuple(fc.array(rawSegment, { maxLength: 7 }), suffix)
  .map(([segments, ending]) => `/${segments.join('/')}${ending}`);

/** The rules that get into the table, so that the naive matcher sees the same ones. */
function tableOf(rules: readonly NaiveRule[]): {
  table: ReturnType<ReturnType<typeof createHttpTable<number>>['build']>['table'];
  kept: NaiveRule[];
} {
  const builder = createHttpTable<number>();
  for (const [index, { verb: method, template }] of rules.entries()) {
    builder.add(method, parseTemplate(template), index, `rule ${index}`);
  }
  const { table, conflicts } = builder.build();
  const lost = new Set(conflicts.map(({ second }) => second.target));
  // Kept at their places with a verb that matches nothing, so that numbers stay the same.
  return { table, kept: rules.map((r, i) => (lost.has(i) ? { ...r, verb: 'LOST' } : r)) };
}

test('the table finds what the naive matcher finds, with the same captures', () => {
  let matched = 0;
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 1, maxLength: 25 }),
      fc.array(fc.tuple(fc.constantFrom('GET', 'POST', 'HEAD', 'PATCH', 'get'), rawPath), {
        minLength: 1,
        maxLength: 20,
      }),
      (rules, requests) => {
        const { table, kept } = tableOf(rules);
        for (const [method, path] of requests) {
          const naive = naiveMatch(kept, method, path);
          const found = table.match(method, path);
          const shown = found && { rule: found.target, captures: found.captures };
          assert.deepEqual(shown, naive, `${method} ${path}`);
          if (naive !== undefined) matched++;
        }
      },
    ),
    { seed: 20240607, numRuns: 4000 },
  );
  assert.ok(matched > 4000, `only ${matched} requests matched anything`);
});

test('the order of adding changes nothing', () => {
  fc.assert(
    fc.property(fc.uniqueArray(rule, { minLength: 2, maxLength: 12 }), rawPath, (rules, path) => {
      const { kept } = tableOf(rules);
      const unique = kept.filter((r) => r.verb !== 'LOST');
      const forward = tableOf(unique).table.match('GET', path);
      const backward = tableOf([...unique].reverse()).table.match('GET', path);
      assert.equal(
        forward && unique[forward.target],
        backward && unique[unique.length - 1 - backward.target],
      );
    }),
    { seed: 7, numRuns: 2000 },
  );
});

test('allowed() names the methods of all rules that match', () => {
  const plain = rule.filter((r) => r.verb !== '*');
  fc.assert(
    fc.property(fc.array(plain, { minLength: 1, maxLength: 20 }), rawPath, (rules, path) => {
      const { table, kept } = tableOf(rules);
      const expected = naiveAllowed(
        kept.filter((r) => r.verb !== 'LOST'),
        path,
      );
      assert.deepEqual(table.allowed(path), expected);
      const answered = ['GET', 'HEAD', 'POST', 'get'].filter((v) => table.match(v, path));
      assert.deepEqual(answered.sort(), expected);
    }),
    { seed: 11, numRuns: 2000 },
  );
});
