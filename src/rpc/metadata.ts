/** Metadata to and from header lists. Names that gRPC owns never cross (gRPC over HTTP/2, "Request-Headers": names that begin with `grpc-`). */
import { connectionNames } from '../call/connection-names.ts';
import { addForwarded, FORWARDED_NAMES } from '../call/forwarded.ts';
import {
  isBinaryName,
  isLegalName,
  isLegalValue,
  Metadata,
  type MetadataValue,
} from '../call/metadata.ts';
import type { HeaderList, RequestHead } from '../call/types.ts';

/** What the wire itself says, and what a connection may not carry at all (RFC 9113 section 8.2.2): one of these would end the call. */
const OWNED = new Set([
  'te',
  'accept',
  'accept-encoding',
  'content-encoding',
  'content-type',
  'content-length',
  'user-agent',
  'host',
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'x-grpc-web',
]);
/** What is said about one leg alone, by any of the protocols. */
const PREFIXES = /^(?:grpc|connect)-/;
/** What a client of the envelopes says about its own body and its own answer. */
const OF_CLIENT_LEG = /^(?:content|accept)-/;
/** Padded or not. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Names of the connection and of the protocols that are no metadata, in both directions. */
function isOwned(name: string): boolean {
  return PREFIXES.test(name) || OWNED.has(name);
}

/** The name that metadata travels under, or undefined for what does not. */
type Naming = (name: string) => string | undefined;
/** Metadata as headers; one function for each form, so that what it has made is kept with metadata that repeats itself. */
export type MetadataForm = (metadata: Metadata) => HeaderList;

/** CORS is answered here: two answers to the same question are none. */
export function nameForClient(name: string): string | undefined {
  return isOwned(name) || name.startsWith('access-control-') ? undefined : name;
}

export const toService: MetadataForm = formOf((name) => (isOwned(name) ? undefined : name));
export const toClient: MetadataForm = formOf(nameForClient);

/** Names and values that are not legal are left out. */
export function formOf(naming: Naming): MetadataForm {
  return (metadata) => {
    const headers: HeaderList = [];
    metadata.each((name, value) => {
      const target = naming(name);
      if (target === undefined || !isLegalName(name)) return;
      const text = textOf(name, value);
      if (text !== undefined) headers.push(target, text);
    });
    return headers;
  };
}

const NO_HEADERS: readonly string[] = [];

/** Made once for all metadata that is alike; for who copies it. */
export function headersOf(metadata: Metadata | null, form: MetadataForm): readonly string[] {
  return metadata === null ? NO_HEADERS : metadata.derive(form);
}

/** What the service sent, without what belongs to the wire; null where nothing is left. */
export function fromHeaders(headers: readonly string[]): Metadata | null {
  let metadata: Metadata | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    // How a google.api.HttpBody is coded is said beside it, and REST clients are told.
    if (name.startsWith(':') || (isOwned(name) && name !== 'content-encoding')) continue;
    const value = headers[i + 1] ?? '';
    metadata ??= new Metadata();
    if (!isBinaryName(name)) {
      metadata.append(name, value);
    } else {
      // "-bin" values may be joined by commas on the way (gRPC over HTTP/2, "Custom-Metadata").
      for (const part of value.split(',')) metadata.append(name, Buffer.from(part, 'base64'));
    }
  }
  return metadata;
}

/** The metadata of a client's request, with what the gateway adds. Values that are no base64 where they should be are left out. */
export function requestMetadata(head: RequestHead): Metadata {
  const { memo } = head;
  memo.metadata ??= readMetadata(head);
  return memo.metadata.fork();
}

function readMetadata(head: RequestHead): Metadata {
  const metadata = new Metadata();
  const listed = connectionNames(head.header('connection'));
  head.eachHeader((name, value) => {
    if (isOwned(name) || OF_CLIENT_LEG.test(name) || FORWARDED_NAMES.has(name)) return;
    if (!isLegalName(name) || listed?.has(name) === true) return;
    if (isBinaryName(name)) addBinary(metadata, name, value);
    else if (isLegalValue(value)) metadata.append(name, value);
  });
  addForwarded(metadata, head);
  return metadata;
}

/** "-bin" values may be joined by commas on the way (gRPC over HTTP/2, "Custom-Metadata"). */
function addBinary(metadata: Metadata, name: string, value: string): void {
  for (const part of value.split(',')) {
    const text = part.trim();
    if (BASE64.test(text)) metadata.append(name, Buffer.from(text, 'base64'));
  }
}

/** The value as it travels; undefined where it may not. Bytes are base64 without padding, as the specification would have it. */
function textOf(name: string, value: MetadataValue): string | undefined {
  if (isBinaryName(name)) {
    if (typeof value === 'string') return undefined;
    const text = Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64');
    return text.replace(/=+$/, '');
  }
  // A field does not begin or end with a blank (RFC 9113 section 8.2.1).
  return typeof value === 'string' && isLegalValue(value) ? value.trim() : undefined;
}
