/** The results as people read them. */
import type { Cell, Metric, Results } from './results.ts';
import { METRICS } from './results.ts';
import type { Spread } from './statistics.ts';

export interface Titled {
  readonly name: string;
  readonly title: string;
  readonly per: string;
  readonly upstream: string;
}

const SPREAD: readonly Metric[] = ['cpuUs', 'p50Ms', 'p99Ms'];

/** CPU time and latencies have their spread; of the others the median says enough, and the JSON has all of it. */
export function workloadTable({ name, title, per, upstream }: Titled, results: Results): string {
  const cells = results.get(name);
  if (cells === undefined || cells.size === 0) return '';
  const shown = (Object.keys(METRICS) as Metric[]).filter((metric) =>
    [...cells.values()].some(
      (cell) => cell.kind === 'measured' && cell.measures[metric] !== undefined,
    ),
  );
  const header = shown.map((metric) => headerOf(metric, per).padStart(widthOf(metric))).join('');
  const lines = [...cells].map(([contestant, cell]) => rowOf(contestant, cell, shown));
  return [
    `\n${name}: ${title} (upstream: ${upstream})`,
    `${''.padEnd(16)}${header}`,
    ...lines,
  ].join('\n');
}

function rowOf(contestant: string, cell: Cell, shown: readonly Metric[]): string {
  const label = `  ${contestant}`.padEnd(16);
  if (cell.kind !== 'measured') {
    return `${label}  ${cell.kind === 'invalid' ? 'INVALID' : 'not shown'}: ${cell.reason}`;
  }
  const columns = shown.map((metric) => {
    const value = cell.measures[metric];
    return (value === undefined ? '-' : textOf(metric, value)).padStart(widthOf(metric));
  });
  return `${label}${columns.join('')}${cell.note === undefined ? '' : `  ${cell.note}`}`;
}

function headerOf(metric: Metric, per: string): string {
  if (metric === 'cpuUs') return `CPU us/${per}`;
  return metric === 'perSecond' ? `${per}s/s` : METRICS[metric];
}

function widthOf(metric: Metric): number {
  return SPREAD.includes(metric) ? 24 : 12;
}

function textOf(metric: Metric, value: Spread): string {
  if (SPREAD.includes(metric)) {
    return [value.min, value.median, value.max].map(rounded).join(' / ');
  }
  return metric === 'perSecond' ? value.median.toFixed(0) : rounded(value.median);
}

/** Three digits that say something. */
export function rounded(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
