/** One message on the wire (gRPC over HTTP/2, "Length-Prefixed-Message"): a flag, four bytes of length, the message. */
import { GatewayError } from '../call/error.ts';
import type { Message } from '../call/message.ts';
import type { Compression } from '../compression/compression.ts';
import { InflateError } from '../compression/inflate-error.ts';
import type { Faults } from './faults.ts';

export const ENVELOPE_BYTES = 5;

/** What holds for the messages of one side of a call. */
export interface EnvelopeRules {
  readonly faults: Faults;
  /** Of one message, compressed or not. */
  readonly maxBytes: number;
  /** What those with the flag are compressed with, as `grpc-encoding` has said; null where it has said nothing. */
  readonly compression: Compression | null;
}

/** The envelope of a message of `length` bytes; written into `target`. */
export function writeEnvelope(
  target: Uint8Array,
  length: number,
  compressed: boolean = false,
): Uint8Array {
  target[0] = compressed ? 1 : 0;
  target[1] = length >>> 24;
  target[2] = length >>> 16;
  target[3] = length >>> 8;
  target[4] = length;
  return target;
}

/** A message with its envelope, in one piece. */
export function enclose(bytes: Uint8Array, compressed: boolean = false): Uint8Array {
  const whole = Buffer.allocUnsafe(ENVELOPE_BYTES + bytes.length);
  writeEnvelope(whole, bytes.length, compressed);
  whole.set(bytes, ENVELOPE_BYTES);
  return whole;
}

export function lengthAt(block: Uint8Array, at: number): number {
  return (
    (block[at + 1] ?? 0) * 0x100_0000 +
    (((block[at + 2] ?? 0) << 16) | ((block[at + 3] ?? 0) << 8) | (block[at + 4] ?? 0))
  );
}

/** Throws a {@link GatewayError} for a flag that means nothing here and for a message that is larger than allowed. */
export function checkEnvelope(flag: number, length: number, rules: EnvelopeRules): void {
  if (flag > 1) throw rules.faults.malformed('sent a message with a flag that gRPC does not have');
  // compression.md: the flag without an encoding is INTERNAL.
  if (flag === 1 && rules.compression === null) {
    throw rules.faults.malformed('compressed a message without saying how (grpc-encoding)');
  }
  if (length > rules.maxBytes) throw rules.faults.tooLarge();
}

/** The message in an envelope that was checked; inflated where it is compressed, never to more than the rules allow. */
export function openEnvelope(
  envelope: Uint8Array,
  rules: EnvelopeRules,
): Message | Promise<Message> {
  const bytes = envelope.subarray(ENVELOPE_BYTES);
  if (envelope[0] === 0 || rules.compression === null) return { codec: 'proto', bytes };
  try {
    const inflated = rules.compression.decompress(bytes, rules.maxBytes);
    if (!(inflated instanceof Promise)) return { codec: 'proto', bytes: inflated };
    return inflated.then(
      (bytes) => ({ codec: 'proto', bytes }),
      (error: unknown) => {
        throw inflateFault(error, rules);
      },
    );
  } catch (error) {
    throw inflateFault(error, rules);
  }
}

function inflateFault(error: unknown, { faults }: EnvelopeRules): GatewayError {
  if (!(error instanceof InflateError)) return GatewayError.from(error);
  return error.tooLarge
    ? faults.tooLarge()
    : faults.malformed('sent a message that cannot be decompressed');
}
