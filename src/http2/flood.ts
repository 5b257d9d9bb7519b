/** Frames that cost us and gain nobody anything are allowed at a rate that only an attacker needs more of. */
import type { LimitName } from '../call/server.ts';
import type { Clock } from '../lib/clock.ts';
import { ConnectionFault, ErrorCode } from './errors.ts';
import type { Grants } from './limits.ts';

/** Each kind has a rate of its own. */
export const Flood = {
  settings: 0,
  ping: 1,
  priority: 2,
  emptyFrames: 3,
  unknownFrames: 4,
  interimHeads: 5,
  /** RST_STREAM of streams that are over already. */
  strayResets: 6,
  /** Windows that are widened by a few bytes while much waits for them. */
  smallWindows: 7,
  /** Streams that end before their time by what the peer did. */
  resets: 8,
} as const;

const NAMES = [
  'SETTINGS',
  'PING',
  'PRIORITY',
  'empty frames',
  'unknown frames',
  'interim heads',
  'RST_STREAM',
  'small WINDOW_UPDATE',
  'resets',
];

/** One per connection. */
export class FloodGate {
  readonly #clock: Clock;
  readonly #grants: Grants;
  #second = -1;
  /** Made by the first frame that counts. */
  #counts: Uint32Array | null = null;

  constructor(clock: Clock, grants: Grants) {
    this.#clock = clock;
    this.#grants = grants;
  }

  /** Counts one of `kind`; throws the connection away where there are too many of them. */
  count(kind: number): void {
    const second = Math.floor(this.#clock.nowMs() / 1_000);
    const counts = (this.#counts ??= new Uint32Array(NAMES.length));
    if (second !== this.#second) {
      this.#second = second;
      counts.fill(0);
    }
    const count = (counts[kind] ?? 0) + 1;
    counts[kind] = count;
    if (count <= this.#most(kind)) return;
    const limit: LimitName = kind === Flood.resets ? 'resets' : 'control_frames';
    throw new ConnectionFault(ErrorCode.enhanceYourCalm, `a flood of ${NAMES[kind]}`, limit);
  }

  #most(kind: number): number {
    if (kind === Flood.resets) return this.#grants.resetsPerSecond;
    if (kind === Flood.smallWindows) return this.#grants.smallWindowsPerSecond;
    return this.#grants.controlFramesPerSecond;
  }
}
