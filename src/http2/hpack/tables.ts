/**
 * The static table and the dynamic one (RFC 7541 section 2.3). Both are indexed from 1; the newest dynamic entry follows the last
 * static one.
 */
import { HpackFault } from './fault.ts';

/** Name, value, name, value (RFC 7541 Appendix A); entry `i` is at `2 * (i - 1)`. */
export const STATIC_TABLE: readonly string[] = [
  ':authority',
  '',
  ':method',
  'GET',
  ':method',
  'POST',
  ':path',
  '/',
  ':path',
  '/index.html',
  ':scheme',
  'http',
  ':scheme',
  'https',
  ':status',
  '200',
  ':status',
  '204',
  ':status',
  '206',
  ':status',
  '304',
  ':status',
  '400',
  ':status',
  '404',
  ':status',
  '500',
  'accept-charset',
  '',
  'accept-encoding',
  'gzip, deflate',
  'accept-language',
  '',
  'accept-ranges',
  '',
  'accept',
  '',
  'access-control-allow-origin',
  '',
  'age',
  '',
  'allow',
  '',
  'authorization',
  '',
  'cache-control',
  '',
  'content-disposition',
  '',
  'content-encoding',
  '',
  'content-language',
  '',
  'content-length',
  '',
  'content-location',
  '',
  'content-range',
  '',
  'content-type',
  '',
  'cookie',
  '',
  'date',
  '',
  'etag',
  '',
  'expect',
  '',
  'expires',
  '',
  'from',
  '',
  'host',
  '',
  'if-match',
  '',
  'if-modified-since',
  '',
  'if-none-match',
  '',
  'if-range',
  '',
  'if-unmodified-since',
  '',
  'last-modified',
  '',
  'link',
  '',
  'location',
  '',
  'max-forwards',
  '',
  'proxy-authenticate',
  '',
  'proxy-authorization',
  '',
  'range',
  '',
  'referer',
  '',
  'refresh',
  '',
  'retry-after',
  '',
  'server',
  '',
  'set-cookie',
  '',
  'strict-transport-security',
  '',
  'transfer-encoding',
  '',
  'user-agent',
  '',
  'vary',
  '',
  'via',
  '',
  'www-authenticate',
  '',
];

export const STATIC_ENTRIES: number = STATIC_TABLE.length / 2;
/** What an entry counts beside its name and value (RFC 7541 section 4.1). */
export const ENTRY_OVERHEAD = 32;
/** Of the ring of a table that is not empty any more. */
const FIRST_SLOTS = 16;

/** The entries that a peer has added; the oldest go where the size asks for it. */
export class DynamicTable {
  /** A ring of name, value, name, value, as many as a power of two: there are servers that add all of their headers with each answer. */
  #ring: string[] = [];
  /** Where the oldest one is. */
  #first = 0;
  #count = 0;
  #bytes = 0;
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get count(): number {
    return this.#count;
  }

  /** Its size as RFC 7541 section 4.1 counts it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Evicts down to `maxBytes`. */
  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#evict(maxBytes);
  }

  /** An entry that is larger than the whole table empties it and is not kept (RFC 7541 section 4.4). */
  add(name: string, value: string): void {
    const bytes = name.length + value.length + ENTRY_OVERHEAD;
    this.#evict(Math.max(this.#maxBytes - bytes, 0));
    if (bytes > this.#maxBytes) return;
    if (2 * this.#count === this.#ring.length) this.#grow();
    const at = this.#slot(this.#count);
    this.#ring[at] = name;
    this.#ring[at + 1] = value;
    this.#count++;
    this.#bytes += bytes;
  }

  /** The name of entry `index` of both tables; an index of neither is a fault. */
  nameAt(index: number): string {
    return this.#text(index, 0);
  }

  valueAt(index: number): string {
    return this.#text(index, 1);
  }

  #text(index: number, offset: 0 | 1): string {
    const text =
      index <= STATIC_ENTRIES
        ? STATIC_TABLE[2 * (index - 1) + offset]
        : this.#dynamic(index - STATIC_ENTRIES, offset);
    if (text === undefined) throw new HpackFault(`there is no entry ${index}`);
    return text;
  }

  #dynamic(number: number, offset: 0 | 1): string | undefined {
    return number > this.#count ? undefined : this.#ring[this.#slot(this.#count - number) + offset];
  }

  /** Of the entry that so many are older than. */
  #slot(older: number): number {
    return (this.#first + 2 * older) & (this.#ring.length - 1);
  }

  #grow(): void {
    const { length } = this.#ring;
    const inOrder = [...this.#ring.slice(this.#first), ...this.#ring.slice(0, this.#first)];
    this.#ring = [...inOrder, ...Array.from({ length: Math.max(length, FIRST_SLOTS) }, () => '')];
    this.#first = 0;
  }

  #evict(bytes: number): void {
    while (this.#bytes > bytes) {
      const at = this.#slot(0);
      const name = this.#ring[at] ?? '';
      const value = this.#ring[at + 1] ?? '';
      this.#ring[at] = '';
      this.#ring[at + 1] = '';
      this.#first = this.#slot(1);
      this.#count--;
      this.#bytes -= name.length + value.length + ENTRY_OVERHEAD;
    }
  }
}
