import { parseArgs } from 'node:util';
import { CONTESTANTS, type ContestantName } from '../contestants/types.ts';
import type { Pace } from './rounds.ts';

export interface Options extends Pace {
  readonly workloads: readonly string[];
  readonly contestants: readonly ContestantName[];
  /** Every workload and contestant, at full length: only such a run is worth keeping. */
  readonly isFull: boolean;
}

const FULL: Pace = { rounds: 5, seconds: 2, warmUpSeconds: 2 };

/** Throws with a message for the user on anything that it does not know. */
export function optionsOf(words: readonly string[], workloads: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      only: { type: 'string' },
      contestants: { type: 'string' },
    },
  });
  const pace = {
    rounds: count('rounds', values.rounds, FULL.rounds),
    seconds: count('seconds', values.seconds, FULL.seconds),
    warmUpSeconds: count('warm-up', values['warm-up'], FULL.warmUpSeconds),
  };
  const isFull =
    values.only === undefined &&
    values.contestants === undefined &&
    pace.rounds >= FULL.rounds &&
    pace.seconds >= FULL.seconds &&
    pace.warmUpSeconds >= FULL.warmUpSeconds;
  return {
    ...pace,
    workloads: chosen('only', values.only, workloads),
    contestants: chosen('contestants', values.contestants, CONTESTANTS),
    isFull,
  };
}

/** wrk and h2load take whole seconds only. */
function count(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new Error(`--${name} is a whole number from 1 to 999`);
  return Number(text);
}

function chosen<T extends string>(
  name: string,
  text: string | undefined,
  all: readonly T[],
): readonly T[] {
  if (text === undefined) return all;
  const words = text.split(',');
  const unknown = words.filter((word) => !all.some((known) => known === word));
  if (unknown.length > 0) throw new Error(`--${name} ${unknown.join()}: one of ${all.join(', ')}`);
  return all.filter((known) => words.includes(known));
}
