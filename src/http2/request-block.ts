/** The header block of a request that is ours, but for `:scheme` and `:authority`. */
import { isSendable } from './header-rules.ts';
import { encodeHeaders } from './hpack/encode.ts';

export interface RequestFields {
  readonly verb: string;
  readonly path: string;
  /** Name, value, name, value; names in lower case. */
  readonly headers: readonly string[];
}

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const PATH = /^\/[\x21-\x7e]*$/;

/** Throws where a part of it has no place in HTTP/2: the next hop might make lines of it. */
export function requestBlock({ verb, path, headers }: RequestFields): Uint8Array {
  if (!TOKEN.test(verb)) throw new TypeError('a verb that cannot be sent');
  if (!PATH.test(path)) throw new TypeError('a path that cannot be sent');
  for (let i = 0; i < headers.length; i += 2) {
    if (isSendable(headers[i] ?? '', headers[i + 1] ?? '')) continue;
    throw new TypeError('a header that cannot be sent');
  }
  return encodeHeaders([':method', verb, ':path', path, ...headers]);
}
