/** Who writes a streamed answer as fast as its sink lets it. */
import type { Sink } from '../../../src/call/types.ts';

export interface Writer {
  readonly written: number;
  readonly waiting: boolean;
  readonly finished: Promise<void>;
}

/** Writes `bytes` in chunks of 64 KB as fast as the sink lets it, then ends. */
export function writeAll(sink: Sink, bytes: number): Writer {
  const chunk = Buffer.alloc(1 << 16, 'x');
  const state = { written: 0, waiting: false };
  const finished = Promise.withResolvers<void>();
  const go = (): void => {
    state.waiting = false;
    while (state.written < bytes) {
      state.written += chunk.length;
      if (sink.write(chunk)) continue;
      state.waiting = true;
      return;
    }
    sink.onDrain = null;
    sink.end(null);
    finished.resolve();
  };
  sink.onDrain = go;
  go();
  return {
    finished: finished.promise,
    get written() {
      return state.written;
    },
    get waiting() {
      return state.waiting;
    },
  };
}
