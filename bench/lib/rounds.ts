/** Runs the rows of one table: each is checked, warmed up, and measured in rounds that take turns. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant } from '../contestants/types.ts';
import type { Load } from '../load/types.ts';
import type { Workload } from '../workloads/types.ts';
import { type Entrant, type Field, openField } from './field.ts';
import { cpuMsOf, rssMbOf, withRss } from './processes.ts';
import { spread } from './statistics.ts';
import type { UpstreamKind } from '../upstream/start.ts';
import { type Cell, type Cells, failed, type Measures } from './results.ts';

export interface Pace {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/** A process of `contestant` under `workload`. */
export interface Row {
  readonly name: string;
  readonly contestant: Contestant;
  readonly workload: Workload;
}

interface Ready extends Entrant {
  readonly row: Row;
  readonly bodyBytes: number;
  readonly idleRssMb: number;
  readonly rounds: Round[];
}

type Round = Readonly<Record<'cpuUs' | 'perSecond' | 'rssMb', number>> &
  Pick<Load, 'p50Ms' | 'p99Ms'>;

const SETTLE_MS = 200;

export async function runRows(
  table: { readonly name: string; readonly upstream: UpstreamKind },
  rows: readonly Row[],
  pace: Pace,
): Promise<Cells> {
  const cells: Cells = new Map();
  const field = await openField(table.name, table.upstream);
  try {
    const ready = new Set<Ready>();
    const attempt = async (name: string, work: () => Promise<void>): Promise<boolean> => {
      try {
        await work();
        return true;
      } catch (error) {
        cells.set(name, failed(error));
        return false;
      }
    };
    for (const row of rows) {
      await attempt(row.name, async () => {
        ready.add(await warmUp(await enter(field, row), pace));
      });
    }
    for (let round = 0; round < pace.rounds; round++) {
      for (const entrant of ready) {
        const isMeasured = await attempt(entrant.row.name, async () => {
          entrant.rounds.push(await measure(entrant, pace.seconds));
        });
        if (!isMeasured) ready.delete(entrant);
      }
    }
    for (const entrant of ready) cells.set(entrant.row.name, summarized(entrant));
    return new Map(
      rows.flatMap(({ name }) => {
        const cell = cells.get(name);
        return cell === undefined ? [] : [[name, cell] as const];
      }),
    );
  } finally {
    await field.end();
  }
}

async function enter(field: Field, row: Row): Promise<Ready> {
  const entrant = await field.enter(row.contestant, row.name);
  const bodyBytes = await row.workload.check(entrant.port);
  await sleep(SETTLE_MS);
  return { ...entrant, row, bodyBytes, idleRssMb: rssMbOf(entrant.running.pid), rounds: [] };
}

async function warmUp(entrant: Ready, pace: Pace): Promise<Ready> {
  const { port, folder, bodyBytes } = entrant;
  const { workload } = entrant.row;
  const load = workload.warmUp ?? workload.load;
  await load({ port, folder, bodyBytes, seconds: pace.warmUpSeconds });
  return entrant;
}

async function measure(entrant: Ready, seconds: number): Promise<Round> {
  const { port, folder, bodyBytes } = entrant;
  const { pid } = entrant.running;
  await sleep(SETTLE_MS);
  const beforeMs = cpuMsOf(pid);
  const target = { port, seconds, bodyBytes, folder };
  const { result, rssMb } = await withRss(pid, () => entrant.row.workload.load(target));
  const cpuMs = cpuMsOf(pid) - beforeMs;
  const { answers, elapsedMs, p50Ms, p99Ms } = result;
  return {
    cpuUs: (cpuMs * 1000) / answers,
    perSecond: (answers * 1000) / elapsedMs,
    rssMb,
    ...(p50Ms === undefined ? {} : { p50Ms }),
    ...(p99Ms === undefined ? {} : { p99Ms }),
  };
}

function summarized({ idleRssMb, rounds }: Ready): Cell {
  const measures: Measures = { idleRssMb: spread([idleRssMb]) };
  for (const metric of ['cpuUs', 'perSecond', 'rssMb', 'p50Ms', 'p99Ms'] as const) {
    const values = rounds.map((round) => round[metric]).filter((value) => value !== undefined);
    if (values.length > 0) measures[metric] = spread(values);
  }
  return { kind: 'measured', measures };
}
