/** Answers compressed by Accept-Encoding (RFC 9110 sections 8.4 and 12.5.3), where the configuration says so. */
import type { Call } from '../../call/call.ts';
import type { PlainAnswer } from '../../call/server.ts';
import type { HeaderList, Sink } from '../../call/types.ts';
import { CompressingSink } from '../../compression/compressing-sink.ts';
import type { ContentCoding } from '../../compression/content-coding.ts';
import type { Negotiate } from '../../compression/negotiate.ts';

export interface AnswerCompression {
  /** Smaller whole answers go out as they are, and nothing is looked up for them. */
  readonly minBytes: number;
  readonly negotiate: Negotiate;
}

/** Types that shrink; pictures, films, archives and what is unknown are compressed already or not worth it. */
const COMPRESSIBLE =
  /^(?:text\/|application\/(?:json|x-ndjson|ndjson|jsonl|xml|javascript|wasm)\b|[\w.-]+\/[\w.-]+\+(?:json|xml)\b)/i;

/** Sends a whole answer; a promise where another thread compresses it first. */
export function answerWhole(
  call: Call,
  compression: AnswerCompression | null,
  answer: PlainAnswer,
): void | Promise<void> {
  const { exchange } = call;
  const { status, headers, body } = answer;
  if (compression !== null && body.length >= compression.minBytes) {
    const coding = chooseCoding(call, compression, status, headers);
    if (coding !== null && exchange.head.verb === 'HEAD') {
      // No Content-Length: that of the body as it is would be wrong (RFC 9110 section 8.6).
      exchange.start(status, headers).end(null);
      return;
    }
    if (coding !== null) {
      const packed = coding.compress(body);
      if (packed instanceof Promise) {
        return packed.then((bytes) => exchange.answer(status, headers, bytes));
      }
      exchange.answer(status, headers, packed);
      return;
    }
  }
  exchange.answer(status, headers, body);
}

/** Starts a streamed answer, of any size. */
export function startStream(
  call: Call,
  compression: AnswerCompression | null,
  status: number,
  headers: HeaderList,
): Sink {
  const coding = compression === null ? null : chooseCoding(call, compression, status, headers);
  const sink = call.exchange.start(status, headers);
  if (coding === null || call.exchange.head.verb === 'HEAD') return sink;
  return new CompressingSink(sink, coding);
}

/** Says in `headers` what was chosen, and that it was a choice. */
function chooseCoding(
  call: Call,
  { negotiate }: AnswerCompression,
  status: number,
  headers: HeaderList,
): ContentCoding | null {
  if (status === 204 || status === 205 || status === 206 || status === 304) return null;
  if (!mayCompress(headers)) return null;
  headers.push('vary', 'accept-encoding');
  const coding = negotiate(call.exchange.head.header('accept-encoding'));
  if (coding === null) return null;
  headers.push('content-encoding', coding.name);
  weakenTag(headers);
  return coding;
}

function mayCompress(headers: HeaderList): boolean {
  let compressible = false;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const value = headers[i + 1] as string;
    const name = headers[i];
    if (name === 'content-type') compressible = COMPRESSIBLE.test(value);
    else if (name === 'content-encoding' || name === 'content-range') return false;
    // RFC 9110 section 7.7.
    else if (name === 'cache-control' && /\bno-transform\b/i.test(value)) return false;
  }
  return compressible;
}

/** Two representations with the same strong tag would be taken for equal byte by byte (RFC 9110 section 8.8.3.3). */
function weakenTag(headers: HeaderList): void {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const value = headers[i + 1] as string;
    if (headers[i] === 'etag' && value.startsWith('"')) headers[i + 1] = `W/${value}`;
  }
}
