/**
 * The raw path of a request: what may stand in it, which spellings are the same, and how its parts are decoded.
 *
 * A path is split on `/` and matched while it is raw; each captured part is then decoded exactly once. So `%2F` never splits,
 * `%3A` is never the colon of a verb, `+` is a plus, and `%252e` is the text `%2e`.
 */
import { GatewayError } from '../call/error.ts';
import type { PgCodeName } from '../call/error.ts';

/** What is wrong with a path and where, so that the message can name the variable that covers the place. */
export interface PathFault {
  readonly pg: PgCodeName;
  /** Into the prepared path. */
  readonly offset: number;
  readonly reason: string;
}

/** A path that holds more than plain ASCII without escapes, in the form in which it is matched. */
export interface PreparedPath {
  readonly path: string;
  readonly fault: PathFault | null;
}

const HEX_PAIR = /%([0-9A-Fa-f]{2})/g;
const UNRESERVED = /[-._~0-9A-Za-z]/;
/** A `.` or `..` between slashes, encoded slashes included; other escapes of dots are undone before. */
const DOT_SEGMENT = /(?:^|\/|%2F)(\.\.?)(?=$|\/|%2F)/i;
/** What RFC 3986 lets stand in a path at most: visible ASCII. */
const NOT_VISIBLE = /[^\x21-\x7e]/;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;

/**
 * One spelling for equivalent ones (RFC 3986 section 6.2.2): escapes of unreserved characters are undone, hex digits are upper case.
 * `%2f` keeps its case, since http.proto hands it to the service: `"%2F" and "%2f" are left unchanged`.
 */
export function normalizeEscapes(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(HEX_PAIR, (escape, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    if (UNRESERVED.test(character)) return character;
    return character === '/' ? escape : escape.toUpperCase();
  });
}

/**
 * The form of `rawPath` in which it is matched, with its first fault. Throws PG_BAD_TARGET for dot segments.
 * The slow way: only for paths with an escape or with a character that is not visible ASCII.
 */
export function preparePath(rawPath: string): PreparedPath {
  const path = normalizeEscapes(rawPath);
  refuseDotSegments(path);
  return { path, fault: faultOf(path) };
}

/**
 * Throws PG_BAD_TARGET where a segment is `.` or `..` in any spelling, also between encoded slashes. The gateway does not resolve
 * them, and passed on as data they would let a client climb out of a resource name (`/v1/files/..%2Fsecret`).
 */
export function refuseDotSegments(rawPath: string): void {
  const dots = DOT_SEGMENT.exec(normalizeEscapes(rawPath))?.[1];
  if (dots === undefined) return;
  throw new GatewayError(
    'PG_BAD_TARGET',
    `the path has a "${dots}" segment; send the resolved path`,
  );
}

/** The error for a fault, with the variable that covers it or undefined. */
export function faultError(fault: PathFault, variable: string | undefined): GatewayError {
  const where = variable === undefined ? 'the path' : `the path variable "${variable}"`;
  return new GatewayError(fault.pg, `${where} ${fault.reason}`);
}

/**
 * The value of a variable from its part of a prepared path without fault.
 *
 * http.proto on a variable of exactly one segment: "The server side does the reverse decoding." On one of several segments:
 * `The server side does the reverse decoding, except "%2F" and "%2f" are left unchanged.`
 */
export function decodeCapture(part: string, multi: boolean): string {
  if (!part.includes('%')) return part;
  if (!multi) return decodeURIComponent(part);
  let decoded = '';
  let from = 0;
  for (let at = part.indexOf('%2'); at >= 0; at = part.indexOf('%2', at + 3)) {
    const digit = part.charCodeAt(at + 2);
    if (digit !== 0x46 && digit !== 0x66) continue;
    decoded += decodeURIComponent(part.slice(from, at)) + part.slice(at, at + 3);
    from = at + 3;
  }
  return decoded + decodeURIComponent(part.slice(from));
}

function faultOf(path: string): PathFault | null {
  const broken = BROKEN_ESCAPE.exec(path);
  if (broken !== null) {
    const escape = path.slice(broken.index, broken.index + 3);
    const reason = `has a broken percent escape, ${JSON.stringify(escape)}`;
    return { pg: 'PG_BAD_TARGET', offset: broken.index, reason };
  }
  const odd = NOT_VISIBLE.exec(path);
  if (odd !== null) {
    const reason = `has the character ${JSON.stringify(odd[0])}, which must be percent-encoded as UTF-8`;
    return { pg: 'PG_BAD_TARGET', offset: odd.index, reason };
  }
  if (isUtf8(path)) return null;
  return { pg: 'PG_NOT_UTF8', offset: firstNotUtf8(path), reason: 'is not UTF-8 once decoded' };
}

function isUtf8(escaped: string): boolean {
  try {
    decodeURIComponent(escaped);
    return true;
  } catch {
    // Escapes are whole here, so a URIError can only mean that their bytes are not UTF-8.
    return false;
  }
}

/** The start of the first segment that is not UTF-8: a character never spans a slash. */
function firstNotUtf8(path: string): number {
  let start = 0;
  for (const segment of path.split('/')) {
    if (!isUtf8(segment)) break;
    start += segment.length + 1;
  }
  return start;
}
