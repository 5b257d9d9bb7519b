/** Strict UTF-8: what is not valid is refused with the place, never replaced (RFC 8259 section 8.1, RFC 3629). */
import { GatewayError } from '../call/error.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a body; PG_NOT_UTF8 names the offset of the first byte that fits no character. */
export function utf8Text(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    const offset = invalidOffset(bytes);
    throw new GatewayError('PG_NOT_UTF8', `the body is not UTF-8 at byte ${offset}`, { cause });
  }
}

/** The text of some bytes, or undefined where they are not UTF-8. */
function utf8TextOrUndefined(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Where the first sequence that is no character starts; only walked once decoding has failed. */
function invalidOffset(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes[at] ?? 0);
    if (length === 0 || at + length > bytes.length) return at;
    if (length > 1 && utf8TextOrUndefined(bytes.subarray(at, at + length)) === undefined) return at;
    at += length;
  }
  return at;
}

/** By the lead byte (RFC 3629 section 4); 0 where none may start so. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}
