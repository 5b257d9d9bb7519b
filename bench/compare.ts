/**
 * `npm run bench`: polygate beside others, in one run. docs/performance.md says what each number means.
 *
 *     npm run bench -- --only small,medium --contestants floor,polygate --rounds 2 --seconds 1
 *
 * Exits with 1 when the run was not valid; a target that is missed is printed and does not change that.
 */
import { CONTENDERS } from './contestants/all.ts';
import type { Contestant, ContestantName } from './contestants/types.ts';
import { optionsOf } from './lib/options.ts';
import { OTHER_CORE, pinSelf } from './lib/processes.ts';
import { type Cell, invalidCells, type Results } from './lib/results.ts';
import { runWorkload } from './lib/rounds.ts';
import { workloadTable } from './lib/table.ts';
import { Unavailable } from './lib/unavailable.ts';
import { WORKLOADS } from './workloads/all.ts';

const options = optionsOf(
  process.argv.slice(2),
  WORKLOADS.map(({ name }) => name),
);
pinSelf(OTHER_CORE);
const results: Results = new Map();
const versions = new Map<ContestantName, string>();
const missing = new Map<ContestantName, Cell>();
const present: Contestant[] = [];

for (const contestant of CONTENDERS) {
  if (!options.contestants.includes(contestant.name)) continue;
  try {
    versions.set(contestant.name, contestant.prepare());
    present.push(contestant);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    missing.set(contestant.name, { kind: 'unavailable', reason: error.message });
  }
}

for (const workload of WORKLOADS) {
  if (!options.workloads.includes(workload.name)) continue;
  const entered = present.filter(({ name }) => workload.contestants.includes(name));
  const cells = await runWorkload(workload, entered, options);
  for (const [name, cell] of missing)
    if (workload.contestants.includes(name)) cells.set(name, cell);
  results.set(workload.name, cells);
  console.log(workloadTable(workload, results));
}

const invalid = invalidCells(results);
for (const line of invalid) console.error(`INVALID RUN: ${line}`);
process.exitCode = invalid.length === 0 ? 0 : 1;
