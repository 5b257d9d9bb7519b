/** The request of a Connect GET, in its query. Source: the Connect protocol reference, "Unary-Get-Request". */
import { GatewayError } from '../../call/error.ts';
import { requireVersion } from './head.ts';

export interface GetRequest {
  readonly codec: 'proto' | 'json';
  readonly compression: string | undefined;
  readonly message: Uint8Array;
}

const BASE64URL = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Of any version, so that one that is not known is told so. */
export function isConnectGet(query: string): boolean {
  return query !== '' && /(?:^|&)connect=/.test(query);
}

/** Whether it can be nothing else, though no method has this path: it says what its message is in, and names a method of a package. */
export function namesMethod(path: string, query: string): boolean {
  return /^\/\w+(?:\.\w+)+\/\w+$/.test(path) && /(?:^|&)encoding=/.test(query);
}

/** Throws a GatewayError for a query that is no request. */
export function readGet(query: string): GetRequest {
  requireVersion(one(query, 'connect'), 'connect', 'v1');
  const encoding = one(query, 'encoding');
  if (encoding !== 'proto' && encoding !== 'json') {
    throw new GatewayError('PG_UNSUPPORTED_MEDIA_TYPE', '"encoding" must be proto or json');
  }
  const raw = one(query, 'message');
  if (raw === undefined) {
    throw new GatewayError('PG_BAD_REQUEST', '"message" is missing in the query');
  }
  const bytes = percentDecoded(raw);
  const compression = one(query, 'compression');
  if (one(query, 'base64') !== '1') return { codec: encoding, compression, message: bytes };
  const text = bytes.toString('latin1');
  if (!BASE64URL.test(text) || text.replace(/=+$/, '').length % 4 === 1) {
    throw new GatewayError('PG_BAD_REQUEST', '"message" is no base64');
  }
  return { codec: encoding, compression, message: Buffer.from(text, 'base64') };
}

/** The raw value of a parameter; one that is given twice counts once, as the first. */
function one(query: string, name: string): string | undefined {
  const start = `${name}=`;
  return query
    .split('&')
    .find((pair) => pair.startsWith(start))
    ?.slice(start.length);
}

/** Bytes, since a protobuf message without base64 is no UTF-8. */
function percentDecoded(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const pair = text[i] === '%' ? text.slice(i + 1, i + 3) : '';
    if (text[i] === '%') {
      if (!/^[0-9A-Fa-f]{2}$/.test(pair)) {
        throw new GatewayError('PG_BAD_REQUEST', '"message" has a broken percent-encoding');
      }
      bytes[length++] = Number.parseInt(pair, 16);
      i += 2;
    } else {
      bytes[length++] = text[i] === '+' ? 0x20 : text.charCodeAt(i);
    }
  }
  return bytes.subarray(0, length);
}
