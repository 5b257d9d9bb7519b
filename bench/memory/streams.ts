/** What 1,000 open server streams of a message a second each cost above the gateway that has had one: memory, and a share of its core. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContestantName } from '../contestants/types.ts';
import { enveloped, methodOf } from '../lib/proto.ts';
import { cpuMsOf, rssMbOf, withRss } from '../lib/processes.ts';
import { spread } from '../lib/statistics.ts';
import { Unavailable } from '../lib/unavailable.ts';
import { http1StreamClient } from '../load/idle-clients.ts';
import { type Open, openMany } from '../load/open-many.ts';
import { openGrpcStreams } from '../load/open-streams.ts';
import { InvalidRun } from '../load/types.ts';
import type { MemoryCheck } from './types.ts';

type OpenStreams = (count: number, port: number) => Promise<Open>;

const COUNT = 1000;
const SETTLE_MS = 2500;
const WINDOW_MS = 10_000;
/** Of one message, in the shortest of its forms. */
const LEAST_BYTES = 75;
/** Of the messages that should have come. */
const KEPT = 0.97;

const { path, requestSerialize } = methodOf('TickSeconds');
const REQUEST = enveloped(requestSerialize({}));
const WEB = {
  method: 'POST',
  path,
  headers: { 'content-type': 'application/grpc-web+proto' },
  body: REQUEST,
} as const;
const EVENTS = {
  method: 'GET',
  path: '/v1/seconds',
  headers: { accept: 'text/event-stream' },
} as const;

export const streamsGrpc = streams(
  'streams-grpc',
  '1,000 gRPC streams of a message a second, on 10 connections',
  ['polygate', 'envoy'],
  (count, port) => openGrpcStreams(count, port, path, REQUEST),
);
export const streamsGrpcWeb = streams(
  'streams-grpc-web',
  'the same to gRPC-Web, over HTTP/1.1 with a connection for each',
  ['polygate', 'envoy'],
  (count, port) => openMany(count, port, http1StreamClient(WEB)),
);
export const streamsSse = streams(
  'streams-sse',
  'the same as server-sent events, over HTTP/1.1 with a connection for each',
  ['polygate'],
  (count, port) => openMany(count, port, http1StreamClient(EVENTS)),
);

function streams(
  name: string,
  title: string,
  contestants: readonly ContestantName[],
  open: OpenStreams,
): MemoryCheck {
  return {
    name,
    title,
    contestants,
    upstream: 'paced',
    measure: async ({ port, running: { pid } }) => {
      const first = await open(1, port);
      await sleep(SETTLE_MS);
      const idleRssMb = rssMbOf(pid);
      await first.close();
      const all = await open(COUNT, port);
      try {
        await sleep(SETTLE_MS);
        const [bytes, cpuMs, sinceMs] = [all.bytes(), cpuMsOf(pid), performance.now()];
        const { rssMb } = await withRss(pid, () => sleep(WINDOW_MS));
        const elapsedMs = performance.now() - sinceMs;
        const cpuPercent = ((cpuMsOf(pid) - cpuMs) * 100) / elapsedMs;
        if (all.open() < COUNT) throw new Unavailable(`only ${all.open()} of ${COUNT} stayed open`);
        const messages = (all.bytes() - bytes) / LEAST_BYTES;
        const expected = (COUNT * elapsedMs) / 1000;
        if (messages < expected * KEPT) {
          throw new InvalidRun(`${messages.toFixed(0)} messages of ${expected.toFixed(0)}`);
        }
        return {
          idleRssMb: spread([idleRssMb]),
          growthMb: spread([rssMb - idleRssMb]),
          cpuPercent: spread([cpuPercent]),
        };
      } finally {
        await all.close();
      }
    },
  };
}
