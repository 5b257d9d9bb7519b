/** Bodies of requests that the client has compressed. Sources: RFC 9110 sections 8.4 and 15.5.16. */
import { GatewayError } from '../../call/error.ts';
import type { RequestHead } from '../../call/types.ts';
import { codingOf, type ContentCoding } from '../../compression/content-coding.ts';
import { InflateError } from '../../compression/inflate-error.ts';
import { malformed } from '../../compression/inflating-source.ts';
import { tooLarge } from '../../framing/collect.ts';
import { quote } from './media-type.ts';

/** What the body is compressed with, null for nothing. Several codings at once are refused: nobody sends them, and each multiplies a bomb. */
export function bodyCoding(head: RequestHead): ContentCoding | null {
  const encoding = head.header('content-encoding');
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return null;
  const coding = codingOf(encoding);
  if (coding !== undefined) return coding;
  throw new GatewayError(
    'PG_UNSUPPORTED_ENCODING',
    `Content-Encoding is ${quote(encoding)}: use one that Accept-Encoding of this answer names, or none`,
  );
}

/** The whole body inflated; no more than `maxBytes` are ever made. */
export async function inflateBody(
  bytes: Uint8Array,
  coding: ContentCoding,
  maxBytes: number,
): Promise<Uint8Array> {
  try {
    return await coding.decompress(bytes, maxBytes);
  } catch (error) {
    if (!(error instanceof InflateError)) throw error;
    throw error.tooLarge ? tooLarge(maxBytes) : malformed(error);
  }
}
