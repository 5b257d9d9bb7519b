/** A run as JSON: bench/results has full runs, the cache the others. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../targets.ts';
import type { Machine } from './machine.ts';
import type { Options } from './options.ts';
import { folder, ROOT } from './paths.ts';
import type { Results } from './results.ts';

export interface Report {
  readonly started: Date;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly options: Options;
  readonly results: Results;
  readonly targets: readonly Verdict[];
  /** Empty for a valid run. */
  readonly invalid: readonly string[];
}

/** Returns the path, relative to the checkout. */
export function writeReport({ started, results, ...rest }: Report): string {
  const place = rest.options.isFull ? join(ROOT, 'bench/results') : folder('results');
  mkdirSync(place, { recursive: true });
  const date = started.toISOString();
  const file = join(place, `${date.slice(0, 16).replace(':', '')}.json`);
  const cells = Object.fromEntries(
    [...results].map(([workload, byName]) => [workload, Object.fromEntries(byName)]),
  );
  const seconds = Math.round((Date.now() - started.getTime()) / 1000);
  const report = { date, seconds, ...rest, results: cells };
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return file.slice(ROOT.length + 1);
}
