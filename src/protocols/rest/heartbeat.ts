/** Comments that keep a silent event stream alive on its way (HTML standard, "Server-sent events", authoring notes). */
import type { Sink } from '../../call/types.ts';
import type { Timed, TimerWheel } from '../../lib/timer-wheel.ts';

const COMMENT: Uint8Array = Buffer.from(':\n\n');

export class Heartbeat implements Timed {
  dueMs: number = Infinity;
  wheelNext: Timed | null = null;
  wheelPrevious: Timed | null = null;
  wheelSlot = -1;
  readonly #wheel: TimerWheel;
  readonly #everyMs: number;
  readonly #open: () => Sink;
  #quietSinceMs: number;
  #congested = false;

  /** `open` gives the sink, and sends the head where that has not gone out yet. */
  constructor(wheel: TimerWheel, everyMs: number, open: () => Sink) {
    this.#wheel = wheel;
    this.#everyMs = everyMs;
    this.#open = open;
    this.#quietSinceMs = wheel.clock.nowMs();
    wheel.arm(this, this.#quietSinceMs + everyMs);
  }

  /** Something else has gone out; `congested` where the client does not take it yet, so that a comment would only wait behind it. */
  touch(congested: boolean): void {
    this.#congested = congested;
    this.#quietSinceMs = this.#wheel.clock.nowMs();
  }

  stop(): void {
    this.#wheel.disarm(this);
  }

  onDue(nowMs: number): void {
    if (nowMs >= this.#quietSinceMs + this.#everyMs) {
      if (!this.#congested) this.#open().write(COMMENT);
      this.#quietSinceMs = nowMs;
    }
    this.#wheel.arm(this, this.#quietSinceMs + this.#everyMs);
  }
}
