import { InvalidRun } from '../load/types.ts';
import type { Spread } from './statistics.ts';
import { Unavailable } from './unavailable.ts';

export const METRICS = {
  cpuUs: 'CPU us',
  perSecond: '1/s',
  p50Ms: 'p50 ms',
  p99Ms: 'p99 ms',
  rssMb: 'RSS MB',
  idleRssMb: 'idle MB',
  growthMb: '+MB',
  cpuPercent: '% of a core',
} as const;

export type Metric = keyof typeof METRICS;
export type Measures = { -readonly [M in Metric]?: Spread };

export type Cell =
  | { readonly kind: 'measured'; readonly measures: Measures; readonly note?: string }
  /** The machine or the contestant lacks what it takes: the run is valid, a target against it is not shown. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** Wrong answers, failures, short counts: the run is not valid. */
  | { readonly kind: 'invalid'; readonly reason: string };

/** By the name of the row: of a contestant, or of a workload in a comparison. */
export type Cells = Map<string, Cell>;

/** By workload. */
export type Results = Map<string, Cells>;

export function measured(results: Results, workload: string, row: string): Measures | undefined {
  const cell = results.get(workload)?.get(row);
  return cell?.kind === 'measured' ? cell.measures : undefined;
}

export function invalidCells(results: Results): string[] {
  return [...results].flatMap(([workload, cells]) =>
    [...cells].flatMap(([name, cell]) =>
      cell.kind === 'invalid' ? [`${workload}, ${name}: ${cell.reason}`] : [],
    ),
  );
}

/** A mistake of the harness is printed with its stack and makes the run invalid too. */
export function failed(error: unknown): Cell {
  const reason = error instanceof Error ? error.message : String(error);
  const isMissing = error instanceof Unavailable;
  if (!isMissing && !(error instanceof InvalidRun)) console.error(error);
  return { kind: isMissing ? 'unavailable' : 'invalid', reason };
}
