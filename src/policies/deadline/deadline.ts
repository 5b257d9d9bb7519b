/** The overall bound of a call and the idle bound of a stream. The call's own timer fires them, so this layer has no after-work. */
import type { Policy, Routed } from '../../call/types.ts';

export interface DeadlineSettings {
  /** From the head of the request on; a client may have asked for less. Infinity for none. */
  readonly timeoutMs: number;
  /** Without a message in either direction; Infinity for none. */
  readonly idleMs: number;
}

export function deadline({ timeoutMs, idleMs }: DeadlineSettings): Policy<Routed, Routed> {
  return (next) => (call) => {
    call.shorten(call.startMs + timeoutMs);
    if (idleMs !== Infinity) call.watchIdle(idleMs);
    return next(call);
  };
}
