/** Envelopes as a framing, for who takes the messages of a client one by one. */
import type { FrameDecoder } from '../framing/types.ts';
import type { EnvelopeRules } from './envelope.ts';
import { EnvelopeReader } from './envelope-reader.ts';

/** Emits messages in their envelopes. */
export function createEnvelopes(rules: EnvelopeRules): FrameDecoder {
  const reader = new EnvelopeReader(rules);
  return {
    push(chunk, emit) {
      reader.push(chunk);
      for (let next = reader.next(); next !== undefined; next = reader.next()) emit(next);
    },
    finish() {
      if (reader.buffered > 0) throw rules.faults.malformed('cut off its last message');
    },
  };
}
