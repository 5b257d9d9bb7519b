/** No framing at all: each chunk is a message, for uploads of google.api.HttpBody. */
import type { FrameDecoder } from './types.ts';

/** An empty upload is one empty message, since the service must hear of what the path says. */
export function createChunks(): FrameDecoder {
  let seen = false;
  return {
    push(chunk, emit) {
      seen = true;
      emit(chunk);
    },
    finish(emit) {
      if (!seen) emit(new Uint8Array());
    },
  };
}
