/** Messages that the gateway compresses itself, each in its envelope. */
import type { Call } from '../call/call.ts';
import type { Body } from '../call/types.ts';
import type { Compression } from '../compression/compression.ts';
import { type Negotiate, negotiatorOf } from '../compression/negotiate.ts';
import { enclose } from './envelope.ts';

/** What gzip makes of less is hardly smaller, and often larger; each message says for itself whether it is compressed. */
const LEAST_COMPRESSED_BYTES = 256;
/** In the order of `answerCompression`. */
const negotiate: Negotiate = negotiatorOf(['zstd', 'br', 'gzip', 'deflate']);

/** The same bytes where they are not worth it; a promise where another thread works. */
export function packed(
  bytes: Uint8Array,
  compression: Compression | null,
): Uint8Array | Promise<Uint8Array> {
  if (compression === null || bytes.length < LEAST_COMPRESSED_BYTES) return bytes;
  return compression.compress(bytes);
}

/** {@link packed} in an envelope that says so. */
export function enclosePacked(
  bytes: Uint8Array,
  compression: Compression | null,
): Uint8Array | Promise<Uint8Array> {
  const result = packed(bytes, compression);
  if (result instanceof Promise) return result.then((made) => enclose(made, true));
  return enclose(result, result !== bytes);
}

/**
 * What is compressed anew for a client that cannot take it as the service has sent it: what the service found worth compressing is worth
 * it on the other leg too. Null for nothing.
 */
export function recompression(
  call: Call,
  acceptHeader: string,
  { encoding }: Body,
): Compression | null {
  return encoding === undefined ? null : negotiate(call.exchange.head.header(acceptHeader));
}
