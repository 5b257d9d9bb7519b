/** Content types of REST: what a body may be, and what a stream is sent as. Sources: RFC 9110 sections 8.3 and 12.5.1. */
import { GatewayError } from '../../call/error.ts';
import type { RequestHead } from '../../call/types.ts';

/** How a stream of messages is written; `raw` is a streamed google.api.HttpBody. */
export type StreamFormat = 'ndjson' | 'sse' | 'json-array' | 'raw';

/** How many ranges of Accept are looked at. */
const MAX_RANGES = 32;

export const NDJSON: ReadonlySet<string> = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
]);
const FORMATS: ReadonlyMap<string, StreamFormat> = new Map([
  ...[...NDJSON].map((type) => [type, 'ndjson'] as const),
  ['text/event-stream', 'sse'],
  ['application/json', 'json-array'],
]);

/** Whether the messages of a client stream come one a line, whatever they begin with. */
export function isNdjson(head: RequestHead): boolean {
  return NDJSON.has(essence(head.header('content-type')));
}

/**
 * Refuses a body that is not JSON. A form or text type would let pages of other sites post without a preflight, so "nearly right" is
 * not taken. `streamed` allows NDJSON as well.
 */
export function checkJson(head: RequestHead, streamed: boolean): void {
  const header = head.header('content-type');
  if (header === undefined) return;
  const type = essence(header);
  // Over HTTP/2 another protocol has taken it; `+json` has its messages in envelopes, so that is no JSON either.
  if (type.startsWith('application/grpc')) {
    const message = `Content-Type is ${quote(header)}: gRPC ends in trailers and needs HTTP/2`;
    throw new GatewayError('PG_UNSUPPORTED_MEDIA_TYPE', message);
  }
  if (!isJsonType(type) && !(streamed && NDJSON.has(type))) {
    throw new GatewayError(
      'PG_UNSUPPORTED_MEDIA_TYPE',
      `Content-Type is ${quote(header)}: send application/json${streamed ? ' or application/x-ndjson' : ''} (with curl: curl --json)`,
    );
  }
  const charset = charsetOf(header);
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw new GatewayError(
      'PG_UNSUPPORTED_MEDIA_TYPE',
      `Content-Type names the charset ${quote(charset)}: JSON is UTF-8 (RFC 8259 section 8.1)`,
    );
  }
}

/** What the client wants a stream as; `fallback` where it has no wish or none that can be met. */
export function streamFormat(head: RequestHead, fallback: StreamFormat): StreamFormat {
  const accept = head.header('accept');
  if (accept === undefined) return fallback;
  let best: StreamFormat = fallback;
  let bestQuality = 0;
  for (const range of accept.split(',', MAX_RANGES)) {
    const quality = qualityOf(range);
    const format = essence(range) === '*/*' ? fallback : FORMATS.get(essence(range));
    // Of equals the first that the client names.
    if (format === undefined || !(quality > bestQuality)) continue;
    best = format;
    bestQuality = quality;
  }
  return best;
}

/** Whether errors are wanted as RFC 9457 problem details: by name, and no less than `application/json` where that is named with a quality. */
export function wantsProblem(head: RequestHead): boolean {
  const accept = head.header('accept');
  if (accept === undefined || !/application\/problem\+json/i.test(accept)) return false;
  const ranges = accept.split(',', MAX_RANGES);
  const problem = ranges.find((range) => essence(range) === 'application/problem+json');
  const json = ranges.find((range) => essence(range) === 'application/json');
  const quality = problem === undefined ? 0 : qualityOf(problem);
  if (quality === 0 || json === undefined) return quality > 0;
  // `application/json` without a quality is what a good answer should be, not a wish for plain errors.
  return !json.includes(';') || quality >= qualityOf(json);
}

/** The weight of one range of Accept (RFC 9110 section 12.4.2), 1 unless it says another. */
function qualityOf(range: string): number {
  return Number(/;\s*q=([0-9.]+)/i.exec(range)?.[1] ?? 1);
}

/** Whether a type without parameters is JSON: by name or by suffix (RFC 6839 section 3.1). */
export function isJsonType(type: string): boolean {
  return type === 'application/json' || /^[a-z]+\/[a-z0-9.!#$&^_-]+\+json$/.test(type);
}

/** Type and subtype in lower case, without parameters. */
export function essence(value: string | undefined): string {
  if (value === undefined) return '';
  const end = value.indexOf(';');
  return (end < 0 ? value : value.slice(0, end)).trim().toLowerCase();
}

/** The charset of a Content-Type, in lower case. */
export function charsetOf(header: string): string | undefined {
  return /;\s*charset="?([^";\s]*)/i.exec(header)?.[1]?.toLowerCase();
}

/** A header's value in a message: quoted, and short whatever was sent. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
