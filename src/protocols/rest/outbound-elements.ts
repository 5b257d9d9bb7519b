/** What an HTTP service streams, by its Content-Type: how it is framed, and what one element of it is. */
import { createChunks } from '../../framing/chunks.ts';
import { createJsonValues } from '../../framing/json-values.ts';
import { createSse } from '../../framing/sse.ts';
import type { FrameDecoder } from '../../framing/types.ts';
import { isJsonType, NDJSON } from './media-type.ts';

/** What a stream is asked for as; a line can be told from a cut one best. */
export const STREAM_ACCEPT =
  'application/x-ndjson, text/event-stream;q=0.9, application/json;q=0.8';

/** Undefined where the type is no stream of messages. `type` is without parameters; none is JSON. */
export function streamDecoder(
  type: string,
  raw: boolean,
  maxBytes: number,
): FrameDecoder | undefined {
  if (raw) return createChunks();
  if (NDJSON.has(type)) return createJsonValues('sequence', maxBytes);
  if (type === 'text/event-stream') return createSse(maxBytes);
  // Values one behind the other are what grpc-gateway calls JSON.
  return type === '' || isJsonType(type) ? createJsonValues('auto', maxBytes) : undefined;
}

const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The value of the object's only member where that is called `name`, as grpc-gateway wraps messages and errors; else undefined. */
export function wrappedIn(json: Uint8Array, name: string): Uint8Array | undefined {
  let at = past(json, 0);
  if (json[at] !== OPEN_BRACE) return undefined;
  at = past(json, at + 1);
  const quoted = `"${name}"`;
  for (let i = 0; i < quoted.length; i++) {
    if (json[at + i] !== quoted.charCodeAt(i)) return undefined;
  }
  at = past(json, at + quoted.length);
  const end = json.lastIndexOf(CLOSE_BRACE);
  return json[at] === COLON && end > at ? json.subarray(at + 1, end) : undefined;
}

function past(json: Uint8Array, from: number): number {
  let at = from;
  while (SPACES.has(json[at] ?? 0)) at++;
  return at;
}
