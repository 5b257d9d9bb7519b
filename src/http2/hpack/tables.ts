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

/** The entries that a peer has added; the oldest go where the size asks for it. */
export class DynamicTable {
  /** Name, value, name, value, the newest last; what lies before `#first` has been evicted. */
  #entries: string[] = [];
  #first = 0;
  #bytes = 0;
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get count(): number {
    return (this.#entries.length - this.#first) / 2;
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
    this.#entries.push(name, value);
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
    const at = this.#entries.length - 2 * number;
    return at < this.#first ? undefined : this.#entries[at + offset];
  }

  #evict(bytes: number): void {
    while (this.#bytes > bytes) {
      const name = this.#entries[this.#first] ?? '';
      const value = this.#entries[this.#first + 1] ?? '';
      this.#bytes -= name.length + value.length + ENTRY_OVERHEAD;
      this.#first += 2;
    }
    // Copied once in a while, so that evicted entries cost nothing for long.
    if (this.#first > 128 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}
