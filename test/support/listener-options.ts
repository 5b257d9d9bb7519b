/** Options of a listener under test: generous bounds, a clock that the test moves, refusals that are their `PG_*` code. */
import { TimerWheel } from '../../src/lib/timer-wheel.ts';
import type { ListenerLimits, ListenerOptions } from '../../src/listen/listener.ts';
import type { ManualClock } from './manual-clock.ts';

export const LIMITS: ListenerLimits = {
  connections: 1_000,
  connectionsPerAddress: 1_000,
  firstByteMs: 10_000,
  headMs: 10_000,
  bodyMs: 30_000,
  idleMs: 60_000,
  writeMs: 30_000,
  headerBytes: 16_384,
  headers: 100,
  targetBytes: 8_192,
  pipelinedBytes: 65_536,
  streams: 100,
  resetsPerSecond: 100,
  controlFramesPerSecond: 100,
  headerBlockBytes: 16_384,
  headerTableBytes: 4_096,
};

export function listenerOptions(
  serve: ListenerOptions['serve'],
  clock: ManualClock,
  changes: Partial<ListenerOptions> = {},
): ListenerOptions {
  return {
    host: '127.0.0.1',
    port: 0,
    wheel: new TimerWheel(clock),
    limits: LIMITS,
    tls: null,
    serve,
    refuse: ({ pg }) => ({
      status: 400,
      headers: ['content-type', 'text/plain'],
      body: Buffer.from(pg),
    }),
    onLimit: () => {},
    ...changes,
  };
}
