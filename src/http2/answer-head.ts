/** The header blocks of answers. */
import type { HeaderList } from '../call/types.ts';
import { isOfConnections } from './header-rules.ts';
import { encodeBound, encodeField } from './hpack/encode.ts';

export interface AnswerHead {
  readonly status: number;
  /** Names in any case; those that are about the connection are left out (RFC 9113 section 8.2.2). */
  readonly headers: HeaderList;
  /** -1 sends none. */
  readonly contentLength: number;
  /** Empty sends none. */
  readonly date: string;
}

/** RFC 9110 section 5.5, of the characters that are bytes: a line break would be a field of its own behind the next hop. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** As they are sent; null is left out. Adapters use few names, and metadata of services few more. */
const namesSent = new Map<string, string | null>();
const MAX_NAMES_SENT = 1_024;
/** For `:status`, `content-length` and `date`. */
const OWN_BYTES = 128;
/** What is copied into the buffer of a connection, as the header block of nearly every answer is, is written here first. */
const scratch = Buffer.allocUnsafeSlow(4_096);

/** The last head that said nothing of its own time and length, as heads of gRPC don't: the next one mostly is the same. */
let last: { status: number; headers: HeaderList; block: Uint8Array } = {
  status: 0,
  headers: [],
  block: new Uint8Array(),
};

/** Valid until the next call. Throws where a name or a value is none. */
export function answerBlock(head: AnswerHead): Uint8Array {
  const { status, headers, contentLength, date } = head;
  if (contentLength >= 0 || date !== '') return encodeHead(head);
  if (status !== last.status || !isSame(headers, last.headers)) {
    last = { status, headers: [...headers], block: Uint8Array.from(encodeHead(head)) };
  }
  return last.block;
}

function encodeHead({ status, headers, contentLength, date }: AnswerHead): Uint8Array {
  const block = targetFor(headers);
  let at = encodeField(block, 0, ':status', String(status));
  at = encodeAll(block, at, headers);
  if (contentLength >= 0) at = encodeField(block, at, 'content-length', String(contentLength));
  if (date !== '') at = encodeField(block, at, 'date', date);
  return block.subarray(0, at);
}

/** How nearly every call of gRPC ends. */
const OK_TRAILERS: HeaderList = ['grpc-status', '0'];
const OK_BLOCK = encodeTrailers(OK_TRAILERS);

/** Trailers may have to wait behind their body, so nobody else writes into these bytes. */
export function trailersBlock(trailers: HeaderList): Uint8Array {
  return isSame(trailers, OK_TRAILERS) ? OK_BLOCK : encodeTrailers(trailers);
}

function encodeTrailers(trailers: HeaderList): Uint8Array {
  const block = Buffer.allocUnsafe(encodeBound(trailers));
  return block.subarray(0, encodeAll(block, 0, trailers));
}

/** Whether an answer of an origin server says when it was made (RFC 9110 section 6.6.1): calls of gRPC never do. */
export function wantsDate(headers: HeaderList): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'date') return false;
    if (name !== 'content-type') continue;
    if (headers[i + 1]?.startsWith('application/grpc') === true) return false;
  }
  return true;
}

function isSame(one: HeaderList, other: HeaderList): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

function targetFor(headers: HeaderList): Buffer {
  const bound = encodeBound(headers) + OWN_BYTES;
  return bound <= scratch.length ? scratch : Buffer.allocUnsafe(bound);
}

function encodeAll(target: Buffer, from: number, headers: HeaderList): number {
  let at = from;
  for (let i = 0; i < headers.length; i += 2) {
    const name = sentName(headers[i] ?? '');
    const value = headers[i + 1] ?? '';
    if (!VALUE.test(value)) throw new TypeError(`a value of ${name} cannot be sent`);
    if (name !== null) at = encodeField(target, at, name, value);
  }
  return at;
}

function sentName(name: string): string | null {
  const known = namesSent.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  if (!NAME.test(lower)) throw new TypeError('the name of a header cannot be sent');
  const sent = isOfConnections(lower) ? null : lower;
  if (namesSent.size >= MAX_NAMES_SENT) namesSent.clear();
  namesSent.set(name, sent);
  return sent;
}
