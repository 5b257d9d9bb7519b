/** The request target (RFC 9112 section 3.2) and the authority that it or Host names (RFC 3986 section 3.2). */
import { malformed } from './request-line.ts';
import type { GatewayError } from '../call/error.ts';

export interface Target {
  /** Undefined unless the target is in absolute form. */
  readonly authority: string | undefined;
  readonly path: string;
  readonly query: string;
}

/** A host that is not empty, and a port that may be. User information is refused (RFC 9110 section 4.2.4). */
const AUTHORITY =
  /^(?:\[(?:[0-9A-Fa-f:.]+|[vV][0-9A-Fa-f]+\.[\w.~!$&'()*+,;=:-]+)\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)(?::\d*)?$/;
const ABSOLUTE = /^https?:\/\//i;

export function isAuthority(text: string): boolean {
  return AUTHORITY.test(text);
}

export function readTarget(text: string, verb: string): Target | GatewayError {
  if (text.charCodeAt(0) === 0x2f) return split(text, undefined);
  if (text === '*') {
    // RFC 9112 section 3.2.4
    if (verb !== 'OPTIONS') return malformed('only OPTIONS may have the target *');
    return { authority: undefined, path: '*', query: '' };
  }
  const scheme = ABSOLUTE.exec(text)?.[0].length;
  if (scheme === undefined)
    return malformed('the request target is neither a path nor an http URL');
  const rest = text.slice(scheme);
  const end = rest.search(/[/?]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  if (!isAuthority(authority)) return malformed('the request target has no valid host');
  const target = end < 0 ? '/' : rest.slice(end);
  return split(target.startsWith('/') ? target : `/${target}`, authority);
}

function split(target: string, authority: string | undefined): Target {
  const mark = target.indexOf('?');
  if (mark < 0) return { authority, path: target, query: '' };
  return { authority, path: target.slice(0, mark), query: target.slice(mark + 1) };
}
