/** Header blocks to header lists (RFC 7541 section 6). */
import { BlockMemo, type DecodedSection, MEMO_BYTES } from './block-memo.ts';
import { HpackFault } from './fault.ts';
import { huffmanDecode } from './huffman.ts';
import { DynamicTable, ENTRY_OVERHEAD, STATIC_ENTRIES } from './tables.ts';

const NOTHING = new Uint8Array();

export interface SectionBounds {
  /** As RFC 9113 section 10.5.1 counts them. */
  readonly listBytes: number;
  readonly listFields: number;
}

/** One per connection and direction: blocks must come in the order of the wire, all of them. */
export class HpackDecoder {
  readonly #table: DynamicTable;
  /** The largest dynamic table that we have allowed (SETTINGS_HEADER_TABLE_SIZE). */
  readonly #maxTableBytes: number;
  readonly #bounds: SectionBounds;
  readonly #memo = new BlockMemo();
  /** Counts the changes of the dynamic table. */
  #tableVersion = 0;
  #block: Uint8Array = NOTHING;
  #at = 0;
  #end = 0;
  /** What the block at hand has done to the table, and whether it has asked it for anything. */
  #changed = false;
  #resized = false;
  #referred = false;
  #added: string[] = [];

  constructor(maxTableBytes: number, bounds: SectionBounds) {
    this.#table = new DynamicTable(maxTableBytes);
    this.#maxTableBytes = maxTableBytes;
    this.#bounds = bounds;
  }

  /** A block that cannot be read throws an {@link HpackFault}. */
  decode(block: Uint8Array): DecodedSection {
    const short = block.length <= MEMO_BYTES;
    const known = short ? this.#memo.find(block, this.#tableVersion) : undefined;
    if (known !== undefined) {
      this.#repeat(known.added);
      return known.section;
    }
    this.#block = block;
    this.#at = 0;
    this.#end = block.length;
    this.#changed = false;
    this.#resized = false;
    this.#referred = false;
    this.#added = [];
    const section = this.#decodeAll();
    this.#block = NOTHING;
    if (this.#changed) this.#tableVersion++;
    if (short && section.beyond === null) this.#remember(block, section);
    return section;
  }

  #repeat(added: readonly string[]): void {
    if (added.length === 0) return;
    this.#tableVersion++;
    for (let i = 0; i < added.length; i += 2) {
      this.#table.add(added[i] ?? '', added[i + 1] ?? '');
    }
  }

  /** nginx adds its trailers anew with each answer and never refers to them: what refers to nothing may change the table and is known. */
  #remember(block: Uint8Array, section: DecodedSection): void {
    if (this.#resized || (this.#referred && this.#changed)) return;
    const tableVersion = this.#referred ? this.#tableVersion : -1;
    this.#memo.keep(block, { section, added: this.#added, tableVersion });
  }

  #decodeAll(): DecodedSection {
    const fields: string[] = [];
    const { listBytes, listFields } = this.#bounds;
    let bytes = 0;
    let count = 0;
    while (this.#at < this.#end) {
      const first = this.#block[this.#at] ?? 0;
      if ((first & 0xe0) === 0x20) {
        // Only ahead of the first field (RFC 7541 section 4.2).
        if (count > 0) throw new HpackFault('the table is resized between fields');
        this.#resize(this.#integer(5));
        continue;
      }
      let name: string;
      let value: string;
      if (first >= 0x80) {
        const index = this.#integer(7);
        this.#referred ||= index > STATIC_ENTRIES;
        name = this.#table.nameAt(index);
        value = this.#table.valueAt(index);
      } else {
        const indexed = first >= 0x40;
        const index = this.#integer(indexed ? 6 : 4);
        this.#referred ||= index > STATIC_ENTRIES;
        name = index === 0 ? this.#string() : this.#table.nameAt(index);
        value = this.#string();
        if (indexed) {
          this.#changed = true;
          this.#added.push(name, value);
          this.#table.add(name, value);
        }
      }
      bytes += name.length + value.length + ENTRY_OVERHEAD;
      count++;
      if (bytes <= listBytes && count <= listFields) fields.push(name, value);
    }
    const beyond = bytes > listBytes ? 'bytes' : count > listFields ? 'count' : null;
    return { fields, beyond, soundAs: null, contentLength: -1, reading: null };
  }

  #resize(bytes: number): void {
    if (bytes > this.#maxTableBytes) throw new HpackFault('the table is larger than allowed', true);
    this.#changed = true;
    this.#resized = true;
    this.#table.resize(bytes);
  }

  /** RFC 7541 section 5.1; what does not fit into 28 bits is no length and no index of anything here. */
  #integer(prefixBits: number): number {
    const max = (1 << prefixBits) - 1;
    let value = this.#byte() & max;
    if (value < max) return value;
    for (let shift = 0; ; shift += 7) {
      if (shift > 21) throw new HpackFault('an integer is too large');
      const byte = this.#byte();
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  #string(): string {
    const huffman = ((this.#block[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(7);
    const from = this.#at;
    const to = from + length;
    if (to > this.#end) throw new HpackFault('a string is cut off');
    this.#at = to;
    return huffman ? huffmanDecode(this.#block, from, to) : textOf(this.#block, from, to);
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new HpackFault('a block is cut off');
    return this.#block[this.#at++] ?? 0;
  }
}

function textOf({ buffer, byteOffset }: Uint8Array, from: number, to: number): string {
  return Buffer.from(buffer, byteOffset + from, to - from).toString('latin1');
}
