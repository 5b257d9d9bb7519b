/** Latency at a rate that every contestant should keep: at full load the tail tells of the core that is full, not of the gateway. */
import { pacedLoad } from '../load/h2load.ts';
import type { Workload } from './types.ts';
import { small, SMALL } from './unary.ts';

/** A 99th percentile wants more requests than a mean does. */
const LONGER = 2;

export const rate1600 = atRate(1600);
export const rate8000 = atRate(8000);

function atRate(perSecond: number): Workload {
  return {
    ...small,
    name: `rate-${perSecond}`,
    title: `small at ${perSecond} requests/s`,
    warmUp: small.load,
    load: ({ port, seconds, bodyBytes, folder }) =>
      pacedLoad({
        port,
        path: SMALL.path,
        perSecond,
        seconds: seconds * LONGER,
        bodyBytes,
        folder,
      }),
  };
}
