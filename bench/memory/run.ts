import type { Contestant } from '../contestants/types.ts';
import { openField } from '../lib/field.ts';
import { type Cells, failed } from '../lib/results.ts';
import type { MemoryCheck } from './types.ts';

export async function runMemoryCheck(
  check: MemoryCheck,
  contestants: readonly Contestant[],
): Promise<Cells> {
  const cells: Cells = new Map();
  const field = await openField(check.name, check.upstream);
  try {
    for (const contestant of contestants) {
      try {
        const entrant = await field.enter(contestant);
        const measures = await check.measure(entrant);
        cells.set(contestant.name, { kind: 'measured', measures });
        await field.leave(entrant);
      } catch (error) {
        cells.set(contestant.name, failed(error));
      }
    }
    return cells;
  } finally {
    await field.end();
  }
}
