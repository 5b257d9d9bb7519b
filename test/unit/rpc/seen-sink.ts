/** A Sink that writes down what it is told. */
import type { GatewayError } from '../../../src/call/error.ts';
import type { Sink } from '../../../src/call/types.ts';

export interface SeenSink extends Sink {
  readonly chunks: Uint8Array[];
  /** Null is an end. */
  readonly ends: (GatewayError | null)[];
  /** What `write` says. */
  takes: boolean;
  readonly bytes: Buffer;
}

export function seenSink(): SeenSink {
  const seen: SeenSink = {
    chunks: [],
    ends: [],
    takes: true,
    onDrain: null,
    get bytes() {
      return Buffer.concat(seen.chunks);
    },
    write(chunk) {
      seen.chunks.push(chunk);
      return seen.takes;
    },
    end: () => void seen.ends.push(null),
    fail: (reason) => void seen.ends.push(reason),
  };
  return seen;
}
