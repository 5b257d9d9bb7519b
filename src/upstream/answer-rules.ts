/** What undici lets pass in the head of an answer of HTTP/1.1, and HTTP/2 in its own; another hop may read it differently. */

/** More interim answers than any service has reason to send. */
const MAX_INTERIM = 100;

/** What is wrong with the final head, or undefined. `headers` are name, value, name, value, names in lower case. */
export function faultOfAnswer(status: number, headers: readonly string[]): string | undefined {
  // RFC 9110 section 15.
  if (status > 599) return `the status ${status}`;
  let coded = false;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] !== 'transfer-encoding') continue;
    // RFC 9112 section 6.1: other codings are not undone here, and chunked is applied once.
    if (coded || headers[i + 1]?.toLowerCase() !== 'chunked') return 'a Transfer-Encoding';
    coded = true;
  }
  return undefined;
}

/** What is wrong with an interim head of `status`, the `count`th one, or undefined. */
export function faultOfInterim(status: number, count: number): string | undefined {
  if (status < 100) return `the status ${status}`;
  // RFC 9110 section 15.2.2: nobody has asked for another protocol.
  if (status === 101) return 'a change of protocol';
  return count > MAX_INTERIM ? 'a flood of interim answers' : undefined;
}
