/**
 * `npm run bench`: polygate beside others, in one run. docs/performance.md says what each number means.
 *
 *     npm run bench -- --only small,medium --contestants floor,polygate --rounds 2 --seconds 1
 *
 * Exits with 1 when the run was not valid; a target that is missed is printed and does not change that.
 */
import { CONTENDERS } from './contestants/all.ts';
import type { Contestant, ContestantName } from './contestants/types.ts';
import { machine, toolVersions } from './lib/machine.ts';
import { optionsOf } from './lib/options.ts';
import { OTHER_CORE, pinSelf } from './lib/processes.ts';
import { writeReport } from './lib/report.ts';
import { type Cell, type Cells, failed, invalidCells, type Results } from './lib/results.ts';
import { runRows } from './lib/rounds.ts';
import { type Titled, workloadTable } from './lib/table.ts';
import { MEMORY_CHECKS } from './memory/all.ts';
import { runMemoryCheck } from './memory/run.ts';
import { verdicts, verdictTable } from './targets.ts';
import { UPSTREAMS, type UpstreamKind } from './upstream/start.ts';
import { WORKLOADS } from './workloads/all.ts';
import { COMPARISONS } from './workloads/comparisons.ts';

interface Entered {
  readonly contestants: readonly ContestantName[];
  readonly upstream: UpstreamKind;
}

const started = new Date();
const options = optionsOf(
  process.argv.slice(2),
  [...WORKLOADS, ...COMPARISONS, ...MEMORY_CHECKS].map(({ name }) => name),
);
const host = machine();
const versions = toolVersions();
if (host.cores < 2) throw new Error('one core is for the gateway, another for everything else');

const contestants: Contestant[] = [];
const missing = new Map<ContestantName, Cell>();
for (const contestant of CONTENDERS) {
  const { name } = contestant;
  if (!options.contestants.includes(name)) continue;
  try {
    versions[name] = contestant.prepare();
    contestants.push(contestant);
  } catch (error) {
    missing.set(name, failed(error));
  }
}
console.log(`${host.processor}, ${host.cores} cores, load average ${host.loadAverage.toFixed(2)}`);
for (const [name, version] of Object.entries(versions)) console.log(`${name}: ${version}`);
// Only now: builds may use all cores.
pinSelf(OTHER_CORE);

const results: Results = new Map();
for (const workload of WORKLOADS) {
  await take(workload, (entered) => {
    const rows = entered.map((contestant) => ({ name: contestant.name, contestant, workload }));
    return runRows(workload, rows, options);
  });
}
for (const comparison of COMPARISONS) {
  const { contestant: name, workloads } = comparison;
  await take({ ...comparison, contestants: [name] }, (entered) => {
    const rows = entered.flatMap((contestant) =>
      workloads.map((workload) => ({ name: workload.name, contestant, workload })),
    );
    return runRows(comparison, rows, options);
  });
}
for (const check of MEMORY_CHECKS) {
  await take({ ...check, per: '' }, (entered) => runMemoryCheck(check, entered));
}

console.log('\nThree numbers are minimum / median / maximum of the rounds.');
const targets = verdicts(results);
const invalid = invalidCells(results);
console.log(verdictTable(targets));
for (const line of invalid) console.error(`INVALID RUN: ${line}`);
const report = { started, machine: host, versions, options, results, targets, invalid };
console.log(`\n${writeReport(report)}`);
process.exitCode = invalid.length === 0 ? 0 : 1;

async function take(
  what: Omit<Titled, 'upstream'> & Entered,
  measure: (entered: readonly Contestant[]) => Promise<Cells>,
): Promise<void> {
  if (!options.workloads.includes(what.name)) return;
  const cells = await measure(contestants.filter(({ name }) => what.contestants.includes(name)));
  for (const [name, cell] of missing) if (what.contestants.includes(name)) cells.set(name, cell);
  results.set(what.name, cells);
  console.log(workloadTable({ ...what, upstream: UPSTREAMS[what.upstream] }, results));
}
