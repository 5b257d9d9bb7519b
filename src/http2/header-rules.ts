/** When a received header block is malformed (RFC 9113 sections 8.2 and 8.3). */

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Section 8.2.1: no NUL, CR or LF anywhere, no blank at either end. */
const BAD_VALUE = /[\0\r\n]|^[ \t]|[ \t]$/;
/** RFC 9110 section 5.5, of the characters that are bytes. */
const BYTES = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Section 8.2.2. */
const OF_CONNECTIONS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** What is wrong with the head of a response, or undefined. */
export function faultOfResponse(headers: readonly string[]): string | undefined {
  // Beyond 599 there is none, but whoever reads it is to make a 5xx of it (RFC 9110 section 15).
  if (headers[0] !== ':status' || !/^[1-9]\d\d$/.test(headers[1] ?? '')) return 'no :status';
  // Section 8.6.
  if (headers[1] === '101') return 'a change of protocol';
  return faultOfFields(headers, 2);
}

/** What `content-length` says: -1 where there is none, NaN for one that is no number or is there twice with two values. */
export function contentLengthOf(headers: readonly string[]): number {
  let length = -1;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] !== 'content-length') continue;
    const value = headers[i + 1] ?? '';
    const said = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (length !== -1 && length !== said) return NaN;
    length = said;
  }
  return length;
}

/** What is wrong with trailers, or undefined: they have no pseudo-headers. */
export function faultOfTrailers(headers: readonly string[]): string | undefined {
  return faultOfFields(headers, 0);
}

/** What is wrong with a field that is no pseudo-header, or undefined. */
export function faultOfField(name: string, value: string): string | undefined {
  if (!NAME.test(name)) return 'a name of a header that is none';
  if (OF_CONNECTIONS.has(name)) return `${name} on a connection that has none`;
  if (BAD_VALUE.test(value)) return `a value of ${name} that is none`;
  return undefined;
}

/** Whether a field can be sent: with characters beyond bytes, it would be another one. */
export function isSendable(name: string, value: string): boolean {
  return BYTES.test(value) && faultOfField(name, value) === undefined;
}

/** Whether a field is about the connection and so has no place in HTTP/2. */
export function isOfConnections(name: string): boolean {
  return OF_CONNECTIONS.has(name);
}

function faultOfFields(headers: readonly string[], from: number): string | undefined {
  for (let i = from; i < headers.length; i += 2) {
    const fault = faultOfField(headers[i] ?? '', headers[i + 1] ?? '');
    if (fault !== undefined) return fault;
  }
  return undefined;
}
