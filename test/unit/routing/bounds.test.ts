/** Tables and paths made to hurt: the work of a search is counted in nodes, not timed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpTable } from '../../../src/routing/http-table.ts';
import { shapeOf } from '../../../src/routing/specificity.ts';
import { splitPath } from '../../../src/routing/split.ts';
import { TemplateError, parseTemplate } from '../../../src/routing/template.ts';
import { createTrieBuilder } from '../../../src/routing/trie-builder.ts';
import { UNKNOWN_METHOD, createTrie, findRule } from '../../../src/routing/trie.ts';
import type { Trie } from '../../../src/routing/trie.ts';

function trieOf(templates: readonly string[]): Trie {
  const builder = createTrieBuilder();
  const shapes = templates.map((template) => shapeOf(parseTemplate(template)));
  for (const [rule, shape] of shapes.entries()) builder.add(shape, { method: 1, rule, plan: 0 });
  const order = shapes.map((shape) => shape.order);
  return createTrie(builder.build(), (a, b) => (order[a] ?? '') < (order[b] ?? ''));
}

/** Nodes visited for `path`, which no rule may match where `method` is unknown to the table. */
function stepsFor(trie: Trie, path: string): number {
  splitPath(trie.split, path, false);
  findRule(trie, UNKNOWN_METHOD, UNKNOWN_METHOD);
  assert.ok(
    trie.steps <= trie.flat.worstSteps,
    `${trie.steps} steps, bound ${trie.flat.worstSteps}`,
  );
  return trie.steps;
}

/** All templates of `depth` segments out of `a` and `*`. */
function combinations(depth: number): string[] {
  return Array.from(
    { length: 2 ** depth },
    (_, bits) =>
      `/${Array.from({ length: depth }, (_x, i) => ((bits >> i) & 1 ? 'a' : '*')).join('/')}`,
  );
}

test('a thousand routes side by side cost as much as one', () => {
  const one = trieOf(['/v1/r0/{id}', '/v1/{name=projects/*/r0/*}', '/v1/r0/{id}:run']);
  const templates = Array.from({ length: 1000 }, (_, i) => [
    `/v1/r${i}/{id}`,
    `/v1/{name=projects/*/r${i}/*}`,
    `/v1/r${i}/{id}:run`,
  ]).flat();
  const many = trieOf(templates);
  for (const path of ['/v1/r0/x', '/v1/projects/p/r0/x', '/v1/r0/x:run', '/v1/no/x', '/x']) {
    assert.equal(stepsFor(many, path), stepsFor(one, path), path);
  }
  assert.equal(many.flat.worstSteps, one.flat.worstSteps);
});

test('rules that overlap in every combination: the bound is that of the tree, and it says so', () => {
  const depth = 10;
  const trie = trieOf(combinations(depth));
  assert.equal(stepsFor(trie, `/${'a/'.repeat(depth - 1)}a`), 2 ** (depth + 1) - 1);
  assert.equal(trie.flat.worstSteps, 2 ** (depth + 1) - 1);
  assert.ok(stepsFor(trie, `/${'b/'.repeat(depth - 1)}b`) <= depth + 1);
});

test('a long path costs no more nodes than a short one', () => {
  const trie = trieOf([
    '/a/**/b/c',
    '/a/**/c',
    '/a/**/*/d',
    '/*/**/e:v',
    '/**/a/a/a',
    '/a/*/a:v:w',
  ]);
  for (const segment of ['a', 'b', '', 'x:v', ':', '::v:w']) {
    for (const times of [1, 3, 10, 5000]) {
      const path = `/a${`/${segment}`.repeat(times)}`;
      assert.ok(stepsFor(trie, path) <= trie.flat.worstSteps);
      assert.ok(stepsFor(trie, `${path}:v:w:v:w`) <= trie.flat.worstSteps);
    }
  }
  assert.ok(trie.flat.worstSteps < 100, `worst ${trie.flat.worstSteps}`);
});

test('a segment of colons is looked at as often as a verb can have colons', () => {
  const trie = trieOf(['/v1/*:a:b', '/v1/*:b']);
  assert.ok(stepsFor(trie, `/v1/${':'.repeat(10_000)}`) <= 3);
  assert.ok(stepsFor(trie, `/v1/x${':a:b'.repeat(2_000)}`) <= 9);
});

test('thousands of custom verbs and literals at one place are found by hash', () => {
  const builder = createHttpTable<number>();
  for (let i = 0; i < 3000; i++) {
    builder.add('POST', parseTemplate(`/v1/{id}:verb${i}`), i, 'test');
    builder.add('POST', parseTemplate(`/v1/literal${i}`), 10_000 + i, 'test');
  }
  const { table } = builder.build();
  for (let i = 0; i < 3000; i++) {
    assert.equal(table.match('POST', `/v1/x:verb${i}`)?.target, i);
    assert.equal(table.match('POST', `/v1/literal${i}`)?.target, 10_000 + i);
  }
  assert.equal(table.match('POST', '/v1/x:verb3000'), undefined);
  assert.ok(table.worstSteps < 10);
});

test('what is too large for the cell where it is found stands elsewhere: long texts, many methods, what is below them', () => {
  const builder = createHttpTable<string>();
  const long = (i: number): string => `${'x'.repeat(20 * i)}${i}`;
  const templates = Array.from({ length: 40 }, (_, i) => `/v1/${long(i)}/{a}/b/**:${long(i)}`);
  const expected = new Map<string, string>();
  for (const [i, text] of templates.entries()) {
    for (let method = 0; method <= i; method++) {
      builder.add(`M${method}`, parseTemplate(text), `${method} ${text}`, 'test');
      expected.set(`M${method} /v1/${long(i)}/7/b/c/d:${long(i)}`, `${method} ${text}`);
      builder.add(`M${method}`, parseTemplate(`/v1/${long(i)}`), `${method} of ${i}`, 'test');
      expected.set(`M${method} /v1/${long(i)}`, `${method} of ${i}`);
    }
  }
  const { table } = builder.build();
  for (const [request, target] of expected) {
    const [method = '', path = ''] = request.split(' ');
    assert.equal(table.match(method, path)?.target, target);
    assert.equal(table.match(method, `${path}y`), undefined);
  }
  assert.deepEqual(table.allowed(`/v1/${long(2)}`), ['M0', 'M1', 'M2']);
});

test('a text with the hash of a literal is not taken for it', () => {
  const trie = trieOf(['/aaaa', '/bbbb', '/cccc']);
  splitPath(trie.split, '/aaaa', false);
  assert.notEqual(findRule(trie, 1, UNKNOWN_METHOD), 0);
  // What a client with a collision has: that hash, and another text of the same length.
  const hash = trie.split.hashes[0] ?? 0;
  assert.notEqual(hash, 0);
  splitPath(trie.split, '/zzzz', false);
  trie.split.hashes[0] = hash;
  assert.equal(findRule(trie, 1, UNKNOWN_METHOD), 0);
});

test('templates are bounded in length and depth, since the search recurses', () => {
  assert.throws(() => parseTemplate(`/${'a/'.repeat(128)}a`), TemplateError);
  assert.throws(() => parseTemplate(`/${'a'.repeat(8192)}`), TemplateError);
  const deepest = `/${'a/'.repeat(127)}a`;
  assert.ok(stepsFor(trieOf([deepest]), deepest) === 129);
});

test('methods are bounded', () => {
  const builder = createHttpTable<number>();
  for (let i = 0; i < 255; i++) builder.add(`M${i}`, parseTemplate('/a'), i, 'test');
  assert.equal(builder.build().table.match('M254', '/a')?.target, 254);
  assert.throws(() => builder.add('M255', parseTemplate('/a'), 255, 'test'), RangeError);
});
