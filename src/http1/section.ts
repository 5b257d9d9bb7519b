/** A header section that llhttp has accepted: what it says about the message, and its fields, made into strings when somebody asks. */
import { GatewayError } from '../call/error.ts';
import type { HeadMemo } from '../call/types.ts';
import { MAX_FIELDS, parsed } from './llhttp.ts';
import { malformed } from './request-line.ts';
import { isAuthority } from './target.ts';

/** A connection keeps it as long as the client repeats it byte for byte. */
export class Section {
  /** Empty where an HTTP/1.0 client has sent none. */
  host = '';
  /** The length of the body, or -1 where none is declared. */
  contentLength = -1;
  chunked = false;
  /** Of the Connection header. */
  close = false;
  keepAlive = false;
  expectsContinue = false;
  /** The protocol that the client wants to change to, in lower case. */
  upgrade: string | undefined = undefined;
  /** Of requests whose authority is `host`. */
  readonly memo: HeadMemo = { metadata: null };
  readonly #text: string;
  /** Four places in the text for each field. */
  readonly #spans: Int32Array;
  #names: string[] | null = null;
  #values: string[] | null = null;

  constructor(text: string, spans: Int32Array) {
    this.#text = text;
    this.#spans = spans;
  }

  get fields(): number {
    return this.#spans.length >> 2;
  }

  /** The value of a header by lower-case name; repeats are joined as RFC 9110 section 5.3 says. */
  header(name: string): string | undefined {
    const names = (this.#names ??= this.#readNames());
    let found: string | undefined;
    for (let i = 0; i < names.length; i++) {
      if (names[i] !== name) continue;
      const value = this.value(i);
      if (found === undefined) found = value;
      else found += (name === 'cookie' ? '; ' : ', ') + value;
    }
    return found;
  }

  eachHeader(visit: (name: string, value: string) => void): void {
    const names = (this.#names ??= this.#readNames());
    const values = (this.#values ??= names.map((_, i) => this.value(i)));
    for (let i = 0; i < names.length; i++) visit(names[i] as string, values[i] as string);
  }

  nameLength(field: number): number {
    const spans = this.#spans;
    return (spans[field * 4 + 1] as number) - (spans[field * 4] as number);
  }

  name(field: number): string {
    const spans = this.#spans;
    return this.#text.slice(spans[field * 4], spans[field * 4 + 1]).toLowerCase();
  }

  /** Without the white space around it; llhttp leaves out what is before it. */
  value(field: number): string {
    if (this.#values !== null) return this.#values[field] as string;
    const spans = this.#spans;
    const from = spans[field * 4 + 2] as number;
    let to = spans[field * 4 + 3] as number;
    for (; to > from; to--) {
      const last = this.#text.charCodeAt(to - 1);
      if (last !== 0x20 && last !== 0x09) break;
    }
    return this.#text.slice(from, to);
  }

  #readNames(): string[] {
    return Array.from({ length: this.fields }, (_, field) => this.name(field));
  }
}

/** Makes the section that llhttp has {@link parsed}, from `from` to `to` of `bytes`. Refuses what llhttp lets through and RFC 9112 doesn't. */
export function readSection(
  bytes: Buffer,
  from: number,
  to: number,
  minor: number,
): Section | GatewayError {
  const count = Math.min(parsed.fields, MAX_FIELDS);
  const spans = parsed.spans.slice(0, count * 4);
  for (let i = 0; i < spans.length; i++) spans[i] = (spans[i] as number) - from;
  const section = new Section(bytes.toString('latin1', from, to), spans);
  let hosts = 0;
  for (let field = 0; field < count; field++) {
    switch (section.nameLength(field)) {
      case 4:
        if (section.name(field) !== 'host') break;
        hosts++;
        section.host = section.value(field);
        break;
      case 6:
        if (section.name(field) === 'expect') readExpect(section, field, minor);
        break;
      case 10:
        if (section.name(field) === 'connection') readConnection(section, field);
        break;
      case 14:
      case 17: {
        const problem = readFraming(section, field, minor);
        if (problem !== null) return problem;
        break;
      }
      default:
    }
  }
  if (section.upgrade !== undefined) section.upgrade = minor === 1 ? upgradeOf(section) : undefined;
  return hostProblem(section, hosts, minor) ?? section;
}

/** RFC 9112 section 3.2; an http URL without a host is none (RFC 9110 section 4.2.1). */
function hostProblem(section: Section, hosts: number, minor: number): GatewayError | null {
  if (hosts > 1) return malformed('more than one Host header (RFC 9112 section 3.2)');
  if (hosts === 0) {
    return minor === 0 ? null : malformed('the Host header is missing (RFC 9112 section 3.2)');
  }
  return isAuthority(section.host) ? null : malformed('the Host header names no host');
}

/** RFC 9112 section 6: llhttp has refused a length that is no number, two lengths, and a length beside a coding. */
function readFraming(section: Section, field: number, minor: number): GatewayError | null {
  const name = section.name(field);
  const value = section.value(field);
  if (name === 'content-length') {
    if (section.contentLength >= 0) return malformed('more than one Content-Length header');
    if (!/^\d+$/.test(value)) return malformed('the Content-Length is no number');
    section.contentLength = Number(value);
    if (Number.isSafeInteger(section.contentLength)) return null;
    return new GatewayError('PG_BODY_TOO_LARGE', 'the Content-Length is beyond every limit');
  }
  if (name !== 'transfer-encoding') return null;
  if (minor === 0) {
    return malformed('Transfer-Encoding in an HTTP/1.0 request (RFC 9112 section 6.1)');
  }
  if (section.chunked) return malformed('more than one Transfer-Encoding header');
  const codings = value.toLowerCase().split(/[ \t]*,[ \t]*/);
  // RFC 9112 section 6.3: without chunked at the end nobody knows where the body ends.
  if (codings.at(-1) !== 'chunked' || codings.indexOf('chunked') !== codings.length - 1) {
    return malformed('the Transfer-Encoding does not end in one "chunked" (RFC 9112 section 6.3)');
  }
  if (codings.length > 1) {
    return new GatewayError(
      'PG_UNSUPPORTED_TRANSFER',
      'the only Transfer-Encoding that polygate decodes is "chunked"',
    );
  }
  section.chunked = true;
  return null;
}

function readConnection(section: Section, field: number): void {
  for (const option of section.value(field).toLowerCase().split(',')) {
    const name = option.trim();
    if (name === 'close') section.close = true;
    else if (name === 'keep-alive') section.keepAlive = true;
    else if (name === 'upgrade') section.upgrade = '';
  }
}

/** The first protocol but h2c, which nobody needs whose first bytes may be those of HTTP/2 (RFC 9113 section 3.1 has dropped it). */
function upgradeOf(section: Section): string | undefined {
  const wanted = section.header('upgrade')?.toLowerCase().split(',') ?? [];
  return wanted.map((name) => name.trim()).find((name) => name !== '' && name !== 'h2c');
}

/** RFC 9110 section 10.1.1: HTTP/1.0 clients don't know it, and another expectation may be passed over. */
function readExpect(section: Section, field: number, minor: number): void {
  if (minor === 1 && section.value(field).toLowerCase() === '100-continue') {
    section.expectsContinue = true;
  }
}
