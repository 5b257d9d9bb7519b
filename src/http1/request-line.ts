/** The request line (RFC 9112 section 3), read strictly: one space between its parts, no fragment, HTTP/1.0 or HTTP/1.1. */
import { GatewayError } from '../call/error.ts';
import { METHODS } from '../lib/node-http.ts';

/** The last line that {@link readRequestLine} has accepted. */
export interface RequestLine {
  verb: string;
  targetFrom: number;
  targetTo: number;
  /** Of the version: 0 or 1. */
  minor: number;
  /** Behind its CRLF. */
  end: number;
}

export const line: RequestLine = { verb: '', targetFrom: 0, targetTo: 0, minor: 1, end: 0 };

/** CONNECT is for tunnels and PRI is the preface of HTTP/2; all others may have a route. */
const VERBS = new Map(METHODS.filter((verb) => verb !== 'CONNECT').map((verb) => [verb, verb]));
const MAX_VERB_BYTES = 32;
const SPACE = 0x20;
/** ` HTTP/1.` */
const VERSION = Buffer.from(' HTTP/1.');
const GET = 0x47_45_54_20;
const POST = 0x50_4f_53_54;

const TOKEN = 1;
const TARGET = 2;
/** What each byte may be part of. Browsers send some characters that RFC 3986 has no place for, as `|`; a fragment is none of them. */
const KINDS = new Uint8Array(256);
for (let byte = 0x21; byte < 0x7f; byte++) {
  const char = String.fromCharCode(byte);
  if (/[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(char)) KINDS[byte] = TOKEN;
  if (char !== '#') KINDS[byte] = (KINDS[byte] ?? 0) | TARGET;
}

/**
 * Reads the line that starts at `from` into {@link line}. Null is success, undefined means that its end has not come yet;
 * what is there so far is right then.
 */
export function readRequestLine(bytes: Buffer, from: number): GatewayError | null | undefined {
  const verbEnd = readVerb(bytes, from);
  if (typeof verbEnd !== 'number') return verbEnd;
  const { length } = bytes;
  let at = verbEnd + 1;
  line.targetFrom = at;
  while (at < length && ((KINDS[bytes[at] as number] as number) & TARGET) !== 0) at++;
  if (at === length) return undefined;
  line.targetTo = at;
  if (at === line.targetFrom)
    return malformed('the request target is missing or behind two spaces');
  for (let i = 0; i < 8; i++, at++) {
    if (at === length) return undefined;
    if (bytes[at] !== VERSION[i]) return badTarget(bytes[at] as number, i);
  }
  if (at === length) return undefined;
  const minor = (bytes[at++] as number) - 0x30;
  if (minor !== 0 && minor !== 1) return malformed('the version is neither HTTP/1.1 nor HTTP/1.0');
  line.minor = minor;
  if (at === length) return undefined;
  if (bytes[at++] !== 0x0d) return malformed('the request line does not end behind its version');
  if (at === length) return undefined;
  if (bytes[at++] !== 0x0a) return malformed('CR without LF');
  line.end = at;
  return null;
}

/** Where the verb ends, or what is wrong with it. */
function readVerb(bytes: Buffer, from: number): number | GatewayError | undefined {
  if (bytes.length - from > 5) {
    const first = bytes.readInt32BE(from);
    if (first === GET) {
      line.verb = 'GET';
      return from + 3;
    }
    if (first === POST && bytes[from + 4] === SPACE) {
      line.verb = 'POST';
      return from + 4;
    }
  }
  let at = from;
  while (at < bytes.length && ((KINDS[bytes[at] as number] as number) & TOKEN) !== 0) at++;
  if (at - from > MAX_VERB_BYTES) return unknownVerb();
  if (at === bytes.length) return undefined;
  if (at === from || bytes[at] !== SPACE)
    return malformed('the request does not start with a method');
  const verb = VERBS.get(bytes.toString('latin1', from, at));
  if (verb === undefined) return unknownVerb();
  line.verb = verb;
  return at;
}

function badTarget(byte: number, at: number): GatewayError {
  if (at > 1) return malformed('the version is neither HTTP/1.1 nor HTTP/1.0');
  if (at === 1) return malformed('the request line has a space too many, or no version');
  if (byte === 0x0d || byte === 0x0a)
    return malformed('the request line has no version (HTTP/0.9)');
  return malformed(
    byte === 0x23
      ? 'the request target has a fragment (RFC 9112 section 3.2)'
      : 'the request target has a character that must be percent-encoded',
  );
}

function unknownVerb(): GatewayError {
  return new GatewayError('PG_UNKNOWN_VERB', 'the request method is unknown, or one for tunnels');
}

export function malformed(what: string): GatewayError {
  return new GatewayError('PG_BAD_REQUEST', `malformed HTTP request: ${what}`);
}
