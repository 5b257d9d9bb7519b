import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell, Metric, Results } from '../../../bench/lib/results.ts';
import { invalidCells } from '../../../bench/lib/results.ts';
import { spread } from '../../../bench/lib/statistics.ts';
import { workloadTable } from '../../../bench/lib/table.ts';
import { MEMORY_CHECKS } from '../../../bench/memory/all.ts';
import { TARGETS, verdicts, verdictTable } from '../../../bench/targets.ts';
import { WORKLOADS } from '../../../bench/workloads/all.ts';
import { COMPARISONS } from '../../../bench/workloads/comparisons.ts';

function measuredAs(metric: Metric, ...values: number[]): Cell {
  return { kind: 'measured', measures: { [metric]: spread(values) } };
}

function between(polygate: Cell, envoy: Cell): Results {
  const cells = new Map<'polygate' | 'envoy', Cell>([
    ['polygate', polygate],
    ['envoy', envoy],
  ]);
  return new Map([['small', cells]]);
}

function verdictOf(results: Results, title: string): unknown {
  const found = verdicts(results).find(
    (verdict) => verdict.title === title && verdict.atMost === 0.6,
  );
  assert.ok(found, title);
  return [found.value, found.verdict];
}

const RATIO = 'small: cpuUs of polygate / envoy';

test('a ratio of medians is shown or missed', () => {
  const envoy = measuredAs('cpuUs', 40, 50, 90);
  const good = between(measuredAs('cpuUs', 10, 30, 99), envoy);
  assert.deepEqual(verdictOf(good, RATIO), [0.6, 'shown']);
  const bad = between(measuredAs('cpuUs', 10, 35, 36), envoy);
  assert.deepEqual(verdictOf(bad, RATIO), [0.7, 'MISSED']);
});

test('what could not be measured shows nothing, on either side', () => {
  const missing: Cell = { kind: 'unavailable', reason: 'no Go here' };
  const wrong: Cell = { kind: 'invalid', reason: 'status 500' };
  const ours = measuredAs('cpuUs', 30);
  for (const [left, right] of [
    [ours, missing],
    [missing, ours],
    [wrong, ours],
    [ours, measuredAs('p50Ms', 1)],
  ] as const) {
    assert.deepEqual(verdictOf(between(left, right), RATIO), [null, 'not shown']);
  }
  assert.deepEqual(verdictOf(new Map(), RATIO), [null, 'not shown']);
});

test('only wrong answers make a run invalid', () => {
  const cells = new Map<'floor' | 'envoy', Cell>([
    ['floor', { kind: 'invalid', reason: 'status 500' }],
    ['envoy', { kind: 'unavailable', reason: 'no Python' }],
  ]);
  const results: Results = new Map([['small', cells]]);
  assert.deepEqual(invalidCells(results), ['small, floor: status 500']);
  const table = workloadTable(
    { name: 'small', title: 'a title', per: 'request', upstream: 'nginx' },
    results,
  );
  assert.match(table, /floor +INVALID: status 500/);
  assert.match(table, /envoy +not shown: no Python/);
});

test('every target belongs to a workload of the run, and no name is used twice', () => {
  const names = [...WORKLOADS, ...COMPARISONS, ...MEMORY_CHECKS].map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { title } of TARGETS) assert.ok(names.includes(title.split(':')[0] ?? ''), title);
  assert.match(verdictTable(verdicts(new Map())), new RegExp(`${TARGETS.length} not shown$`));
});
