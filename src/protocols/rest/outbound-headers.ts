/** Metadata as the headers of a request to an HTTP service, and the headers of its answer as metadata: the rules of metadata.ts from the other side. */
import { isLegalName, isLegalValue, Metadata } from '../../call/metadata.ts';
import type { HeaderList } from '../../call/types.ts';
import { connectionNames } from '../../call/connection-names.ts';
import { addFromText, GRPC_METADATA, GRPC_TRAILER, isOwned } from './metadata.ts';

/** They would make the service see another request than the one that was routed and allowed. */
const OVERRIDES = new Set([
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
]);
/** Digests of bytes that the client never gets, and CORS, which is answered here. */
const NOT_OF_ANSWERS = /^(?:access-control-.*|content-md5|digest|content-digest|repr-digest)$/;
/** A part of a JSON text is none. */
const RANGES = new Set(['range', 'if-range']);

/** Names and values that are legal in a head; for a service that answers in JSON. */
export function jsonHeaders(metadata: Metadata): HeaderList {
  return headersOf(metadata, (name) => RANGES.has(name));
}

/** The same for one that answers with bytes of its own. */
export function rawHeaders(metadata: Metadata): HeaderList {
  return headersOf(metadata, () => false);
}

function headersOf(metadata: Metadata, except: (name: string) => boolean): HeaderList {
  const headers: HeaderList = [];
  metadata.each((name, value) => {
    const forwarded = name === 'x-forwarded-host' || name === 'x-forwarded-proto';
    if ((isOwned(name) && !forwarded) || !isLegalName(name) || OVERRIDES.has(name)) return;
    if (except(name)) return;
    if (typeof value !== 'string') headers.push(name, Buffer.from(value).toString('base64'));
    else if (isLegalValue(value)) headers.push(name, value.trim());
  });
  if (!metadata.has('user-agent')) headers.push('user-agent', 'polygate');
  return headers;
}

export interface ReceivedMetadata {
  readonly metadata: Metadata | null;
  /** What came as `grpc-trailer-*` in the head of an answer that is one piece. */
  readonly trailers: Metadata | null;
}

/** The head of an answer without what belongs to the wire; null where nothing is left. */
export function receivedMetadata(headers: readonly string[]): ReceivedMetadata {
  let metadata: Metadata | null = null;
  let trailers: Metadata | null = null;
  const listed = connectionNames(headerOf(headers, 'connection'));
  for (let i = 0; i < headers.length; i += 2) {
    const header = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    if (header.startsWith(GRPC_TRAILER)) {
      trailers = added(trailers, header.slice(GRPC_TRAILER.length), value);
    } else if (header.startsWith(GRPC_METADATA)) {
      metadata = added(metadata, header.slice(GRPC_METADATA.length), value);
    } else if (listed?.has(header) !== true) {
      metadata = added(metadata, header, value);
    }
  }
  return { metadata, trailers };
}

/** The trailers of an answer, behind those that its head had. */
export function withTrailers(before: Metadata | null, headers: readonly string[]): Metadata | null {
  let trailers = before;
  for (let i = 0; i < headers.length; i += 2) {
    trailers = added(trailers, headers[i] ?? '', headers[i + 1] ?? '');
  }
  return trailers;
}

/** The value of a header; repeats are joined as RFC 9110 section 5.3 says. */
export function headerOf(headers: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] !== name) continue;
    value = value === undefined ? headers[i + 1] : `${value}, ${headers[i + 1]}`;
  }
  return value;
}

function added(to: Metadata | null, name: string, value: string): Metadata | null {
  if (isOwned(name) || !isLegalName(name) || NOT_OF_ANSWERS.test(name)) return to;
  const metadata = to ?? new Metadata();
  addFromText(metadata, name, value);
  return metadata;
}
