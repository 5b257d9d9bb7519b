/** A clock that stands still until a test moves it; timers fire in the order of their times while it moves. */
import type { Clock, Timer } from '../../src/lib/clock.ts';

interface Pending {
  readonly dueMs: number;
  readonly fire: () => void;
}

export class ManualClock implements Clock {
  /** What `epochMs` says at `nowMs` 0: 2030-01-01T00:00:00Z. */
  static readonly EPOCH_MS: number = Date.UTC(2030, 0, 1);
  #nowMs: number;
  #pending: Pending[] = [];

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#pending.length;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  epochMs(): number {
    return ManualClock.EPOCH_MS + this.#nowMs;
  }

  after(delayMs: number, fire: () => void): Timer {
    const timer: Pending = { dueMs: this.#nowMs + delayMs, fire };
    this.#pending.push(timer);
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((other) => other !== timer);
      },
    };
  }

  /** Moves on by `ms` and fires what comes due on the way, each at its own time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.fire();
    }
    this.#nowMs = endMs;
  }

  /** Moves on by `ms` as a process does that was not scheduled meanwhile: timers fire late, all at the new time. */
  jump(ms: number): void {
    this.#nowMs += ms;
    this.advance(0);
  }

  /** Takes the earliest timer that is due at `endMs` off the list. */
  #next(endMs: number): Pending | undefined {
    const [first] = this.#pending
      .filter((timer) => timer.dueMs <= endMs)
      .toSorted((a, b) => a.dueMs - b.dueMs);
    if (first !== undefined) this.#pending = this.#pending.filter((timer) => timer !== first);
    return first;
  }
}
