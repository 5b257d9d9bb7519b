/** A case of a bound: a client that goes beyond it, on the running gateway, and what it is told. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { GatewayConfig } from 'polygate';
import type { LimitName } from '../../../src/call/server.ts';
import { type FaultGateway, flush, stoppedBy } from '../../support/fault-gateway.ts';
import { echo, type ScriptedCall } from '../../support/scripted-grpc.ts';

export interface BoundCase {
  /** The bound under test by its key, far below its default. */
  readonly settings: Partial<GatewayConfig>;
  /** Goes beyond, asserts the status or the close code, and leaves a gateway that has room again. */
  readonly run: (t: TestContext, harness: FaultGateway) => Promise<void>;
}

export type Cases = Readonly<Partial<Record<LimitName, BoundCase>>>;

/** The bound of every case that is a time. */
const BOUND_MS = 2_000;
export const BOUND = '2s';
const EARLY_MS = 50;
/** Looks at what stands still come four times in each bound, and one more finds when it began. */
const LATE_MS = BOUND_MS / 4 + EARLY_MS;

/** What was sent has arrived; then the time passes, and not before its end something is stopped. */
export async function boundPasses(harness: FaultGateway): Promise<void> {
  await flush(harness);
  harness.clock.advance(BOUND_MS - EARLY_MS);
  assert.deepEqual(await stoppedBy(harness), {}, 'nothing is stopped early');
  harness.clock.advance(EARLY_MS + LATE_MS);
}

/** Waits, without a clock, for what is certain to come. */
export async function untilStopped(harness: FaultGateway): Promise<void> {
  while (Object.keys(await stoppedBy(harness)).length === 0) await flush(harness);
}

/** Lets the service answer nothing until it is told to. */
export function holdCalls({ peer }: FaultGateway): {
  readonly held: Promise<void>;
  readonly release: () => void;
} {
  const { promise: held, resolve } = Promise.withResolvers<void>();
  const calls: ScriptedCall[] = [];
  peer.script = (call) => {
    calls.push(call);
    resolve();
  };
  return {
    held,
    release: () => {
      peer.script = echo;
      for (const call of calls.splice(0)) void echo(call);
    },
  };
}
