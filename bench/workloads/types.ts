import type { ContestantName } from '../contestants/types.ts';
import type { Load } from '../load/types.ts';
import type { UpstreamKind } from '../upstream/start.ts';

export interface Workload {
  readonly name: string;
  /** What is sent and how, as the table and docs say it. */
  readonly title: string;
  /** What CPU time and rates are divided by. */
  readonly per: 'request' | 'message';
  readonly contestants: readonly ContestantName[];
  readonly upstream: UpstreamKind;
  /** Compares one answer with what it must be and returns the bytes of its body; throws InvalidRun, or Unavailable where the contestant lacks the feature. */
  readonly check: (port: number) => Promise<number>;
  /** Bounded in time; `bodyBytes` is what `check` has returned. */
  readonly load: (target: LoadTarget) => Promise<Load>;
  /** Before the first round, where `load` is too gentle or too strict for a process that has just started. */
  readonly warmUp?: (target: LoadTarget) => Promise<Load>;
}

export interface LoadTarget {
  readonly port: number;
  readonly seconds: number;
  readonly bodyBytes: number;
  readonly folder: string;
}
