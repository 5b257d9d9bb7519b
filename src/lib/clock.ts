/**
 * Time, injected everywhere so that tests own it. Nothing outside lib/ may ask the machine for it.
 */

/** A pending timer; `cancel` may be called at any time and more than once. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Monotonic milliseconds since an arbitrary start; for durations and deadlines. */
  nowMs(): number;
  /** Milliseconds since the Unix epoch; for what people and other machines read. */
  epochMs(): number;
  /** Calls `fire` once, `delayMs` from now, never early. Does not keep the process alive. */
  after(delayMs: number, fire: () => void): Timer;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  after(delayMs, fire) {
    // setTimeout counts whole milliseconds from the start of the event loop's turn, and so fires early as often as not.
    const dueMs = performance.now() + delayMs;
    const check = (): void => {
      const leftMs = dueMs - performance.now();
      if (leftMs > 0) wait(leftMs);
      else fire();
    };
    let handle: NodeJS.Timeout;
    const wait = (ms: number): void => {
      handle = setTimeout(check, Math.ceil(ms));
      handle.unref();
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
