/** How V8 is told to keep its heap small: a gateway keeps little for long, and what it lets lie costs memory and time for nothing. */
import { setFlagsFromString } from 'node:v8';

/**
 * Measured with 64 busy connections (docs/performance.md). What runs in somebody else's process is left alone.
 *
 * - Pretenuring puts objects of a place in the code straight into the old space when all of that place were alive at some scavenge, as
 *   they are in the midst of a burst of calls. Each is garbage when its call ends, and until the next full collection it keeps alive
 *   whatever it points at: a quarter of all that is allocated was promoted, at a third more CPU time per call.
 * - What lies outside of V8's heap, the bytes of the wire, counts when it is 16 MB instead of 64: a stream of large messages makes
 *   little garbage in the heap and much outside, and 1 GB of it to a slow reader kept 174 MB resident instead of 144.
 * - The old space is collected when it has grown by 30 %, not when it has grown fourfold as small heaps may by default.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
  setFlagsFromString('--heap-growing-percent=30');
  setFlagsFromString('--scavenger-max-new-space-capacity-mb=8');
}
