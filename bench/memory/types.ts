import type { ContestantName } from '../contestants/types.ts';
import type { Entrant } from '../lib/field.ts';
import type { Measures } from '../lib/results.ts';
import type { UpstreamKind } from '../upstream/start.ts';

/** Measured once, in a fresh process: memory moves far less between runs than time does. */
export interface MemoryCheck {
  readonly name: string;
  readonly title: string;
  readonly contestants: readonly ContestantName[];
  readonly upstream: UpstreamKind;
  readonly measure: (entrant: Entrant) => Promise<Measures>;
}
