import { setTimeout as sleep } from 'node:timers/promises';
import { rssMbOf, withRss } from '../lib/processes.ts';
import { spread } from '../lib/statistics.ts';
import { medium, small } from '../workloads/unary.ts';
import type { MemoryCheck } from './types.ts';

const SECONDS = 12;
const SETTLE_MS = 1000;

export const busy: MemoryCheck = {
  name: 'busy-memory',
  title: `64 busy connections: small for ${SECONDS} s, then medium for ${SECONDS} s`,
  contestants: ['floor', 'obvious', 'polygate', 'grpc-gateway', 'envoy'],
  upstream: 'canned',
  measure: async ({ port, folder, running: { pid } }) => {
    await sleep(SETTLE_MS);
    const idleRssMb = rssMbOf(pid);
    const { rssMb } = await withRss(pid, async () => {
      for (const workload of [small, medium]) {
        const bodyBytes = await workload.check(port);
        await workload.load({ port, folder, bodyBytes, seconds: SECONDS });
      }
    });
    return { idleRssMb: spread([idleRssMb]), rssMb: spread([rssMb]) };
  },
};
