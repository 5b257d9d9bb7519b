import type { Workload } from './types.ts';
import { browser, close, large, medium, small } from './unary.ts';

/** In the order of the table. */
export const WORKLOADS: readonly Workload[] = [small, medium, large, browser, close];
