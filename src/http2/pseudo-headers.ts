/** The pseudo-headers of a request (RFC 9113 sections 8.3.1 and 8.5, RFC 8441 section 4). */

export interface PseudoHeaders {
  readonly verb: string;
  /** Empty for a CONNECT that is none of RFC 8441, as is the target. */
  readonly scheme: string;
  /** Empty where there is none. */
  readonly authority: string;
  /** Path and query. */
  readonly target: string;
  /** `:protocol` of an extended CONNECT, in lower case. */
  readonly protocol: string | undefined;
  /** How many entries of the list they take. */
  readonly length: number;
}

/** What is wrong with a request that is none: its stream ends with PROTOCOL_ERROR (RFC 9113 section 8.1.1). */
export interface Malformed {
  readonly malformed: string;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
/** RFC 3986 section 3.2 without userinfo, which RFC 9113 section 8.3.1 forbids. */
const AUTHORITY = /^[A-Za-z0-9\-._~!$&'()*+,;=:%[\]]+$/;
/** Origin form, or the asterisk; nothing that another reader could take for the end of a target or of a line. */
const TARGET = /^(?:\/[!"$-~]*|\*)$/;
const NAMES = [':method', ':scheme', ':authority', ':path', ':protocol'];

/** They come first, each once, none that requests do not have. */
export function readPseudoHeaders(list: readonly string[]): PseudoHeaders | Malformed {
  const values: (string | undefined)[] = [undefined, undefined, undefined, undefined, undefined];
  let length = 0;
  for (; list[length]?.startsWith(':') === true; length += 2) {
    const at = NAMES.indexOf(list[length] ?? '');
    if (at < 0) return { malformed: 'a pseudo-header that requests do not have' };
    if (values[at] !== undefined) return { malformed: `${NAMES[at]} twice` };
    values[at] = list[length + 1] ?? '';
  }
  const malformed = faultOf(values);
  if (malformed !== undefined) return { malformed };
  const [verb = '', scheme = '', authority = '', target = '', protocol] = values;
  return { verb, scheme, authority, target, protocol: protocol?.toLowerCase(), length };
}

export function isAuthority(text: string): boolean {
  return AUTHORITY.test(text);
}

/** `values` in the order of {@link NAMES}. */
function faultOf(values: readonly (string | undefined)[]): string | undefined {
  const [verb, scheme, authority, target, protocol] = values;
  if (verb === undefined || !TOKEN.test(verb)) return 'no :method';
  if (protocol !== undefined && (verb !== 'CONNECT' || !TOKEN.test(protocol))) {
    return 'a :protocol without CONNECT';
  }
  if (authority !== undefined && !isAuthority(authority)) return 'an :authority that is none';
  if (verb !== 'CONNECT' || protocol !== undefined) return faultOfTarget(verb, scheme, target);
  if (scheme !== undefined || target !== undefined) return 'CONNECT with a path';
  return authority === undefined ? 'CONNECT to nowhere' : undefined;
}

function faultOfTarget(
  verb: string,
  scheme: string | undefined,
  target: string | undefined,
): string | undefined {
  if (scheme === undefined || !SCHEME.test(scheme)) return 'no :scheme';
  if (target === undefined || !TARGET.test(target)) return 'no :path';
  if (target === '*' && verb !== 'OPTIONS') return 'an asterisk that is not of OPTIONS';
  return undefined;
}
