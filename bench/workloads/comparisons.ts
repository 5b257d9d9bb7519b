import type { ContestantName } from '../contestants/types.ts';
import { connect, connectJson, grpcWeb, grpcWebText } from './rpc.ts';
import type { Workload } from './types.ts';
import { small } from './unary.ts';

/** Workloads whose rounds take turns, each with a fresh process of the same contestant: what one costs beside another. */
export interface Comparison extends Pick<Workload, 'name' | 'title' | 'per' | 'upstream'> {
  readonly contestant: ContestantName;
  readonly workloads: readonly Workload[];
}

const protocols: Comparison = {
  name: 'protocols',
  title: 'the small answer to clients of each protocol over HTTP/1.1, from polygate',
  per: 'request',
  upstream: 'canned',
  contestant: 'polygate',
  workloads: [small, grpcWeb, grpcWebText, connect, connectJson],
};

export const COMPARISONS: readonly Comparison[] = [protocols];
