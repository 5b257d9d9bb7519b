/**
 * Header lists to header blocks. Nothing is ever added to the peer's dynamic table: a block then reads the same on every connection,
 * is encoded once for a route and sent as bytes.
 */
import { huffmanEncode, huffmanLength } from './huffman.ts';
import { STATIC_TABLE } from './tables.ts';

/** What must not end up in anybody's table, also not that of a hop behind this one (RFC 7541 section 7.1.3). */
const SENSITIVE = new Set(['authorization', 'cookie', 'proxy-authorization', 'set-cookie']);
const LITERAL = 0x00;
const NEVER_INDEXED = 0x10;
const INDEXED = 0x80;

const pairs = new Map<string, number>();
const names = new Map<string, number>();
for (let i = 0; i < STATIC_TABLE.length; i += 2) {
  const [name = '', value = ''] = STATIC_TABLE.slice(i, i + 2);
  const index = i / 2 + 1;
  pairs.set(`${name}\n${value}`, index);
  if (!names.has(name)) names.set(name, index);
}

/** The block of `headers` (name, value, name, value): names in lower case, both of characters that are bytes. */
export function encodeHeaders(headers: readonly string[]): Uint8Array {
  let bound = 0;
  // A prefix of at most six bytes for each integer; a string never takes more than its plain form.
  for (const text of headers) bound += text.length + 6;
  const block = Buffer.allocUnsafe(bound);
  let at = 0;
  for (let i = 0; i < headers.length; i += 2) {
    at = encodeField(block, at, headers[i] ?? '', headers[i + 1] ?? '');
  }
  return block.subarray(0, at);
}

function encodeField(target: Buffer, at: number, name: string, value: string): number {
  const pair = pairs.get(`${name}\n${value}`);
  if (pair !== undefined) return encodeInteger(target, at, INDEXED | 7, pair);
  const form = (SENSITIVE.has(name) ? NEVER_INDEXED : LITERAL) | 4;
  const known = names.get(name);
  let to = encodeInteger(target, at, form, known ?? 0);
  if (known === undefined) to = encodeString(target, to, name);
  return encodeString(target, to, value);
}

/** RFC 7541 section 5.1; `form` is the bits above the prefix, with the prefix's size in the low ones. */
function encodeInteger(target: Uint8Array, at: number, form: number, value: number): number {
  const prefixBits = form & 0x0f;
  const flags = form & 0xf0;
  const max = (1 << prefixBits) - 1;
  if (value < max) {
    target[at] = flags | value;
    return at + 1;
  }
  target[at] = flags | max;
  let to = at + 1;
  let rest = value - max;
  for (; rest > 0x7f; rest >>>= 7) target[to++] = (rest & 0x7f) | 0x80;
  target[to++] = rest;
  return to;
}

function encodeString(target: Buffer, at: number, text: string): number {
  const coded = huffmanLength(text);
  if (coded < text.length)
    return huffmanEncode(text, target, encodeInteger(target, at, 0x87, coded));
  const to = encodeInteger(target, at, 0x07, text.length);
  return to + target.write(text, to, 'latin1');
}
