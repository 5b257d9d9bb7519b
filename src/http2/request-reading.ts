/** What becomes of a request whose head has come, as far as its fields say; kept with them, so a repeated block is not looked at again. */
import { GatewayError } from '../call/error.ts';
import type { ConnectionLimits, LimitName } from '../call/server.ts';
import type { DecodedSection } from './hpack/block-memo.ts';
import { type HeadOrigin, Http2Head } from './request-head.ts';
import { readRequest, type RequestFields } from './request-fields.ts';

/** A request that is answered by the transport: HTTP/2 allows it, we do not. */
export interface Refusal {
  readonly error: GatewayError;
  /** The bound that it went beyond, if it was one. */
  readonly limit: LimitName | undefined;
}

export class RequestReading {
  /** Null where it is malformed. */
  readonly fields: RequestFields | null;
  readonly refusal: Refusal | null;
  readonly #origin: HeadOrigin;
  #withBody: Http2Head | null = null;
  #withoutBody: Http2Head | null = null;

  constructor(section: DecodedSection, limits: ConnectionLimits, origin: HeadOrigin) {
    this.#origin = origin;
    if (section.beyond !== null) {
      this.fields = cutOff(section.fields);
      this.refusal = tooLarge(section.beyond);
      return;
    }
    const read = readRequest(section.fields);
    this.fields = 'malformed' in read ? null : read;
    this.refusal = this.fields === null ? null : refusalOf(this.fields, limits);
  }

  /** The same object for each request with these fields. */
  head(fields: RequestFields, hasBody: boolean): Http2Head {
    if (hasBody) return (this.#withBody ??= new Http2Head(fields, this.#origin, true));
    return (this.#withoutBody ??= new Http2Head(fields, this.#origin, false));
  }
}

function refusalOf({ pseudo, authority }: RequestFields, limits: ConnectionLimits): Refusal | null {
  const { verb, protocol, scheme, target } = pseudo;
  if (verb === 'CONNECT' && protocol === undefined) {
    return refusal('PG_UNKNOWN_VERB', 'CONNECT is not supported');
  }
  if (scheme !== 'http' && scheme !== 'https') {
    return refusal('PG_BAD_REQUEST', 'the scheme must be http or https');
  }
  // RFC 9110 section 7.2: whom the request is for must be said.
  if (authority === '') return refusal('PG_BAD_REQUEST', 'neither :authority nor host');
  if (target.length > limits.targetBytes) {
    const text = `the target is longer than ${limits.targetBytes} bytes`;
    return refusal('PG_TARGET_TOO_LONG', text, 'target');
  }
  return null;
}

function tooLarge(beyond: 'bytes' | 'count'): Refusal {
  return beyond === 'bytes'
    ? refusal('PG_HEADERS_TOO_LARGE', 'the headers are too large', 'header_bytes')
    : refusal('PG_HEADERS_TOO_LARGE', 'too many headers', 'headers');
}

function refusal(
  pg: 'PG_UNKNOWN_VERB' | 'PG_BAD_REQUEST' | 'PG_HEADERS_TOO_LARGE' | 'PG_TARGET_TOO_LONG',
  message: string,
  limit?: LimitName,
): Refusal {
  return { error: new GatewayError(pg, message), limit };
}

/** Enough to answer a request whose fields were not all kept: whether it wants a body. */
function cutOff(fields: readonly string[]): RequestFields {
  const verb = fields[0] === ':method' ? (fields[1] ?? '') : '';
  return {
    pseudo: { verb, scheme: '', authority: '', target: '/', protocol: undefined, length: 0 },
    authority: '',
    contentLength: -1,
    expectsContinue: false,
    fields: [],
  };
}
