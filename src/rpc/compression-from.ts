/** What a client has compressed its messages with. */
import { GatewayError } from '../call/error.ts';
import type { Compression } from '../compression/compression.ts';
import { ACCEPTED_COMPRESSIONS, compressionOf } from '../compression/content-coding.ts';

/**
 * compression.md, test case 4, and Connect, "Unary-Request": what is not understood is UNIMPLEMENTED, and the message lists what is. `header`
 * is where it was said.
 */
export function compressionFrom(encoding: string | undefined, header: string): Compression | null {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return null;
  const compression = compressionOf(encoding);
  if (compression !== undefined) return compression;
  throw new GatewayError(
    'PG_UNKNOWN_COMPRESSION',
    `${header} is ${JSON.stringify(encoding.slice(0, 80))}: understood are ${ACCEPTED_COMPRESSIONS.replaceAll(',', ', ')}`,
  );
}

/** Whether a list of encodings names this one and does not forbid it (RFC 9110 section 12.5.3). */
export function accepts(list: string | undefined, encoding: string): boolean {
  if (list === undefined) return false;
  return list.split(',').some((entry) => {
    const [name = '', ...parameters] = entry.split(';');
    return name.trim() === encoding && !parameters.some((p) => /^\s*q=0(?:\.0*)?\s*$/.test(p));
  });
}
