/** The requests that a connection has carried, read by the letter of RFC 9112: anything that two readers could take differently throws. */
import assert from 'node:assert/strict';

export interface StrictRequest {
  readonly verb: string;
  readonly target: string;
  /** In order, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Latin-1, without chunked coding. */
  readonly body: string;
}

const REQUEST_LINE = /^([A-Z]+) (\/[\x21-\x7e]*) HTTP\/1\.1$/;
const FIELD =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;
const CHUNK_SIZE = /^[0-9a-f]{1,8}$/i;

/** `bytes` are whole requests; the last may be cut in its body, if `cut` says so. */
export function readStrictRequests(bytes: Buffer, cut = false): StrictRequest[] {
  const text = bytes.toString('latin1');
  const requests: StrictRequest[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\r\n\r\n', at);
    assert.ok(end >= 0, `no head: ${JSON.stringify(text.slice(at))}`);
    const { verb, target, headers } = readHead(text.slice(at, end));
    const body = readBody(text, end + 4, headers, cut);
    requests.push({ verb, target, headers, body: body.text });
    at = body.end;
  }
  return requests;
}

function readHead(head: string): Omit<StrictRequest, 'body'> {
  const [line = '', ...lines] = head.split('\r\n');
  const [, verb = '', target = ''] = matched(REQUEST_LINE, line);
  const headers = lines.map((field) => {
    const [, name = '', value = ''] = matched(FIELD, field);
    return [name.toLowerCase(), value] as const;
  });
  const count = (wanted: string): number => headers.filter(([name]) => name === wanted).length;
  assert.equal(count('host'), 1, 'one Host');
  assert.ok(count('content-length') + count('transfer-encoding') <= 1, 'one framing');
  assert.ok(count('connection') <= 1, 'one Connection');
  for (const name of ['upgrade', 'te', 'trailer', 'expect', 'proxy-connection']) {
    assert.equal(count(name), 0, name);
  }
  return { verb, target, headers };
}

function readBody(
  text: string,
  from: number,
  headers: StrictRequest['headers'],
  cut: boolean,
): { readonly text: string; readonly end: number } {
  const valueOf = (wanted: string): string | undefined =>
    headers.find(([name]) => name === wanted)?.[1];
  const coding = valueOf('transfer-encoding');
  if (coding === undefined) {
    const length = valueOf('content-length') ?? '0';
    matched(/^\d{1,10}$/, length);
    const end = from + Number(length);
    assert.ok(end <= text.length || cut, 'less than its length');
    return { text: text.slice(from, end), end };
  }
  assert.equal(coding, 'chunked');
  let body = '';
  for (let at = from; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0 && cut) return { text: body, end: text.length };
    const [size = ''] = matched(CHUNK_SIZE, text.slice(at, lineEnd));
    const end = lineEnd + 2 + Number.parseInt(size, 16);
    if (text.length < end + 2 && cut) return { text: body, end: text.length };
    assert.equal(text.slice(end, end + 2), '\r\n', 'a line end behind a chunk');
    body += text.slice(lineEnd + 2, end);
    at = end + 2;
    if (end === lineEnd + 2) return { text: body, end: at };
  }
}

function matched(pattern: RegExp, text: string): RegExpExecArray {
  const match = pattern.exec(text);
  assert.ok(match !== null, JSON.stringify(text));
  return match;
}
