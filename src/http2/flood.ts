/** Frames that cost us and gain nobody anything are allowed at a rate that only an attacker needs more of. */
import type { Clock } from '../lib/clock.ts';
import { ConnectionFault, ErrorCode } from './errors.ts';

const PER_SECOND = 1_000;

/** One per connection. */
export class FloodGate {
  readonly #clock: Clock;
  #second = -1;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one such frame; throws the connection away where there are too many of them. */
  count(what: string): void {
    const second = Math.floor(this.#clock.nowMs() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#count = 0;
    }
    if (++this.#count > PER_SECOND) {
      throw new ConnectionFault(ErrorCode.enhanceYourCalm, `a flood of ${what}`);
    }
  }
}
