/** What the fields of a request say about it, and whether they may say so (RFC 9113 sections 8.1.1, 8.2 and 8.3). */
import { faultOfField } from './header-rules.ts';
import {
  isAuthority,
  type Malformed,
  type PseudoHeaders,
  readPseudoHeaders,
} from './pseudo-headers.ts';

export interface RequestFields {
  readonly pseudo: PseudoHeaders;
  /** Of `:authority`, else of Host; empty where there is neither. */
  readonly authority: string;
  /** -1 is not said. */
  readonly contentLength: number;
  readonly expectsContinue: boolean;
  /** Name, value, name, value, without the pseudo-headers. */
  readonly fields: readonly string[];
}

const LENGTH = /^\d{1,15}$/;

export function readRequest(list: readonly string[]): RequestFields | Malformed {
  const pseudo = readPseudoHeaders(list);
  if ('malformed' in pseudo) return pseudo;
  const fields = list.slice(pseudo.length);
  const malformed = faultOfFields(fields, pseudo);
  if (malformed !== undefined) return { malformed };
  return {
    pseudo,
    authority: pseudo.authority === '' ? (only(fields, 'host') ?? '') : pseudo.authority,
    contentLength: Number(only(fields, 'content-length') ?? -1),
    expectsContinue: only(fields, 'expect')?.toLowerCase() === '100-continue',
    fields: joinCookies(fields),
  };
}

function faultOfFields(fields: readonly string[], pseudo: PseudoHeaders): string | undefined {
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const value = fields[i + 1] ?? '';
    const fault = faultOfField(name, value);
    if (fault !== undefined) return fault;
    // Section 8.2.2.
    if (name === 'te' && value.toLowerCase() !== 'trailers') return 'te of more than trailers';
  }
  const length = only(fields, 'content-length');
  if (length === null || (length !== undefined && !LENGTH.test(length))) {
    return 'a content-length that is none';
  }
  const host = only(fields, 'host');
  const named = host === undefined || (host !== null && isHostOf(pseudo, host));
  return named ? undefined : 'a host that is not :authority';
}

/** The value of the only field of this name; null where there are more. */
function only(fields: readonly string[], name: string): string | undefined | null {
  let found: string | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== name) continue;
    if (found !== undefined) return null;
    found = fields[i + 1] ?? '';
  }
  return found;
}

/** Section 8.3.1: both name the same, or one of them is a lie. */
function isHostOf({ authority }: PseudoHeaders, host: string): boolean {
  if (!isAuthority(host)) return false;
  return authority === '' || authority.toLowerCase() === host.toLowerCase();
}

/** Section 8.2.3: the crumbs of a cookie are one field for everybody behind us. */
function joinCookies(fields: readonly string[]): readonly string[] {
  if (only(fields, 'cookie') !== null) return fields;
  const joined: string[] = [];
  let at = -1;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const value = fields[i + 1] ?? '';
    if (name !== 'cookie' || at < 0) joined.push(name, value);
    else joined[at] = `${joined[at]}; ${value}`;
    if (name === 'cookie' && at < 0) at = joined.length - 1;
  }
  return joined;
}
