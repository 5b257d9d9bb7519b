/** One try of a call at one endpoint. Everything after the pick takes it; retry will make several of one call. */
import type { Endpoint, Routed } from './types.ts';
import type { GatewayError } from './error.ts';

export class Attempt {
  readonly call: Routed;
  readonly endpoint: Endpoint;
  /** 1 for the first. */
  readonly number: number;
  /** Absolute; never later than the deadline of the call. */
  readonly deadlineMs: number;

  constructor(call: Routed, endpoint: Endpoint, number: number) {
    this.call = call;
    this.endpoint = endpoint;
    this.number = number;
    this.deadlineMs = call.deadlineMs;
  }

  /** Who works on this attempt hears of its cancellation; at once if that has happened already. */
  set onCancel(handler: ((reason: GatewayError) => void) | null) {
    const { cancelled } = this.call;
    if (cancelled === null) this.call.onCancel = handler;
    else handler?.(cancelled);
  }
}
