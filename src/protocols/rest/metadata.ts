/** HTTP headers to metadata and back. What crosses and what does not is listed in docs/from-grpc-gateway.md. */
import { connectionNames } from '../../call/connection-names.ts';
import { addForwarded, FORWARDED_NAMES } from '../../call/forwarded.ts';
import { isBinaryName, isLegalName, isLegalValue, Metadata } from '../../call/metadata.ts';
import type { HeaderList, RequestHead } from '../../call/types.ts';

/** Hop-by-hop (RFC 9110 section 7.6.1), framing, and what is negotiated with this hop alone; in both directions. */
const OWNED = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'accept',
  'accept-encoding',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'expect',
  'date',
  'http2-settings',
  'x-request-timeout',
  'x-forwarded-host',
  'x-forwarded-proto',
]);
/** Before the names that travel as they are, in both directions. */
export const GRPC_METADATA = 'grpc-metadata-';
/** Before the names of trailers where an answer is one piece. */
export const GRPC_TRAILER = 'grpc-trailer-';
/** Standard base64 or base64url, padded or not. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** The metadata of a request. Names that gRPC does not allow are left out. */
export function metadataFrom(head: RequestHead): Metadata {
  const { memo } = head;
  memo.metadata ??= readMetadata(head);
  return memo.metadata.fork();
}

function readMetadata(head: RequestHead): Metadata {
  const metadata = new Metadata();
  const listed = connectionNames(head.header('connection'));
  head.eachHeader((header, value) => {
    const explicit = header.startsWith(GRPC_METADATA);
    const name = explicit ? header.slice(GRPC_METADATA.length) : header;
    if (isOwned(name) || FORWARDED_NAMES.has(name) || (!explicit && listed?.has(name))) return;
    if (isLegalName(name)) addFromText(metadata, name, value);
  });
  addForwarded(metadata, head);
  return metadata;
}

/** Adds metadata of the service to the headers of an answer. Never one that the answer itself owns. */
export function addHeaders(headers: HeaderList, metadata: Metadata | null): void {
  if (metadata !== null) headers.push(...metadata.derive(plainHeaders));
}

/** The same for its trailers, each behind `grpc-trailer-`. */
export function addTrailers(headers: HeaderList, metadata: Metadata | null): void {
  if (metadata !== null) headers.push(...metadata.derive(trailerHeaders));
}

function plainHeaders(metadata: Metadata): HeaderList {
  return headersOf(metadata, '');
}

function trailerHeaders(metadata: Metadata): HeaderList {
  return headersOf(metadata, GRPC_TRAILER);
}

function headersOf(metadata: Metadata, prefix: string): HeaderList {
  const headers: HeaderList = [];
  metadata.each((name, value) => {
    // CORS is answered here: two answers to the same question are none.
    if (isOwned(name) || !isLegalName(name) || name.startsWith('access-control-')) return;
    const target = `${prefix}${name}`;
    if (typeof value !== 'string') headers.push(target, Buffer.from(value).toString('base64'));
    else if (isLegalValue(value)) headers.push(target, value);
  });
  return headers;
}

/** Whether a name is never metadata, in either direction. */
export function isOwned(name: string): boolean {
  return OWNED.has(name) || name.startsWith('grpc-') || name.startsWith('sec-websocket-');
}

/** Values of `-bin` names are base64 on the HTTP side, several of them joined by commas. */
export function addFromText(metadata: Metadata, name: string, value: string): void {
  if (!isBinaryName(name)) {
    if (isLegalValue(value)) metadata.append(name, value);
    return;
  }
  for (const part of value.split(',')) {
    const text = part.trim();
    if (BASE64.test(text)) metadata.append(name, Buffer.from(text, 'base64'));
  }
}
