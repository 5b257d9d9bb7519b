/** What polygate is meant to reach, and whether a run has shown it. */
import type { ContestantName } from './contestants/types.ts';
import { measured, type Metric, type Results } from './lib/results.ts';
import { rounded } from './lib/table.ts';

export interface Target {
  readonly title: string;
  /** Of the medians. */
  readonly atMost: number;
  readonly value: (results: Results) => number | undefined;
}

export interface Verdict {
  readonly title: string;
  readonly atMost: number;
  readonly value: number | null;
  readonly verdict: 'shown' | 'MISSED' | 'not shown';
}

/** Where there are two bounds, the first was set for the HTTP/2 client alone, the second for both sides. */
export const TARGETS: readonly Target[] = [
  ratio('small', 'cpuUs', 'floor', 1.8),
  ratio('small', 'cpuUs', 'floor', 1.4),
  ratio('small', 'cpuUs', 'envoy', 0.75),
  ratio('small', 'cpuUs', 'envoy', 0.6),
  ratio('small', 'cpuUs', 'grpc-gateway', 0.6),
  ratio('small', 'cpuUs', 'obvious', 1 / 3),
  ratio('medium', 'cpuUs', 'envoy', 0.4),
  ratio('medium', 'cpuUs', 'envoy', 0.3),
  ratio('medium', 'cpuUs', 'grpc-gateway', 0.4),
  ratio('medium', 'cpuUs', 'obvious', 1 / 3),
  ratio('grpc', 'cpuUs', 'envoy', 0.6),
  ratio('grpc', 'cpuUs', 'grpc-js', 0.2),
  ratio('grpc-web', 'cpuUs', 'envoy', 0.6),
  ratio('grpc-web-text', 'cpuUs', 'envoy', 0.6),
  ...['grpc-web', 'grpc-web-text', 'connect', 'connect-json'].map((row) =>
    between('protocols', 'cpuUs', [row, 'small'], 1.15),
  ),
  bound('stream', 'cpuUs', 4),
  ...['rate-1600', 'rate-8000'].flatMap((rate) => [
    ratio(rate, 'p50Ms', 'envoy', 1),
    ratio(rate, 'p99Ms', 'envoy', 1.25),
    ratio(rate, 'p99Ms', 'envoy', 1.1),
  ]),
  bound('busy-memory', 'rssMb', 130),
  bound('idle-streams', 'growthMb', 200),
  bound('slow-reader', 'rssMb', 150),
  ...['slow-reader', 'slow-reader-grpc', 'slow-reader-web'].map((reader) =>
    bound(reader, 'growthMb', 10),
  ),
  ...['streams-grpc', 'streams-grpc-web', 'streams-sse'].flatMap((streams) => [
    bound(streams, 'growthMb', 100),
    bound(streams, 'cpuPercent', 10),
  ]),
  bound('idle-h1', 'growthMb', 100),
  bound('idle-h2', 'growthMb', 200),
];

export function verdicts(results: Results, targets: readonly Target[] = TARGETS): Verdict[] {
  return targets.map(({ title, atMost, value }) => {
    const found = value(results);
    if (found === undefined) return { title, atMost, value: null, verdict: 'not shown' };
    return { title, atMost, value: found, verdict: found <= atMost ? 'shown' : 'MISSED' };
  });
}

export function verdictTable(all: readonly Verdict[]): string {
  const lines = all.map(({ title, atMost, value, verdict }) => {
    const found = value === null ? '-' : rounded(value);
    return `  ${verdict.padEnd(12)}${title.padEnd(50)}${found.padStart(8)}   at most ${rounded(atMost)}`;
  });
  const count = (wanted: Verdict['verdict']): number =>
    all.filter(({ verdict }) => verdict === wanted).length;
  const sum = `${count('shown')} shown, ${count('MISSED')} missed, ${count('not shown')} not shown`;
  return ['\ntargets, by medians', ...lines, sum].join('\n');
}

function ratio(workload: string, metric: Metric, other: ContestantName, atMost: number): Target {
  return between(workload, metric, ['polygate', other], atMost);
}

function between(
  workload: string,
  metric: Metric,
  [row, other]: readonly [string, string],
  atMost: number,
): Target {
  return {
    title: `${workload}: ${metric} of ${row} / ${other}`,
    atMost,
    value: (results) => {
      const ours = measured(results, workload, row)?.[metric]?.median;
      const theirs = measured(results, workload, other)?.[metric]?.median;
      return ours === undefined || theirs === undefined ? undefined : ours / theirs;
    },
  };
}

function bound(workload: string, metric: Metric, atMost: number): Target {
  return {
    title: `${workload}: ${metric} of polygate`,
    atMost,
    value: (results) => measured(results, workload, 'polygate')?.[metric]?.median,
  };
}
