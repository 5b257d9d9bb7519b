/** What 10,000 of something that does nothing cost above the gateway that has answered one call. */
import { setTimeout as sleep } from 'node:timers/promises';
import { execFileSync } from 'node:child_process';
import {
  http1Client,
  http1StreamClient,
  http2Client,
  type IdleClient,
} from '../load/idle-clients.ts';
import { openMany } from '../load/open-many.ts';
import { rssMbOf } from '../lib/processes.ts';
import { spread } from '../lib/statistics.ts';
import { Unavailable } from '../lib/unavailable.ts';
import { SMALL } from '../workloads/unary.ts';
import type { MemoryCheck } from './types.ts';

const COUNT = 10_000;
const SETTLE_MS = 1500;
/** A connection on either side of the gateway, and some for itself. */
const OPEN_FILES = COUNT + 2000;

export const idleHttp1: MemoryCheck = {
  name: 'idle-h1',
  title: '10,000 idle HTTP/1.1 connections, each after one answer',
  // Not the floor: node:http closes idle connections after 5 s, before the last of them is open.
  contestants: ['polygate', 'grpc-gateway', 'envoy'],
  upstream: 'canned',
  measure: growth(http1Client(SMALL.path)),
};
export const idleHttp2: MemoryCheck = {
  name: 'idle-h2',
  title: '10,000 idle HTTP/2 connections, each after one answer',
  contestants: ['polygate', 'envoy'],
  upstream: 'canned',
  measure: growth(http2Client(SMALL.path)),
};
export const idleStreams: MemoryCheck = {
  name: 'idle-streams',
  title: '10,000 calls whose service has sent one message and is silent, each of a connection',
  contestants: ['polygate', 'envoy'],
  upstream: 'paced',
  measure: growth(http1StreamClient({ method: 'GET', path: '/v1/silence' })),
};

function growth(client: () => IdleClient): MemoryCheck['measure'] {
  return async ({ port, running: { pid } }) => {
    const limit = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
    if (Number(limit) < OPEN_FILES) {
      throw new Unavailable(`only ${limit} open files; ulimit -n ${OPEN_FILES}`);
    }
    const first = await openMany(1, port, client);
    await sleep(SETTLE_MS);
    const idleRssMb = rssMbOf(pid);
    await first.close();
    const connections = await openMany(COUNT, port, client);
    try {
      await sleep(SETTLE_MS);
      const growthMb = rssMbOf(pid) - idleRssMb;
      const open = connections.open();
      if (open < COUNT) throw new Unavailable(`only ${open} of ${COUNT} stayed open`);
      return { idleRssMb: spread([idleRssMb]), growthMb: spread([growthMb]) };
    } finally {
      await connections.close();
    }
  };
}
