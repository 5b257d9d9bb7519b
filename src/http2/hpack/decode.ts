/** Header blocks to header lists (RFC 7541 section 6). */
import type { FieldSection } from '../../call/transport.ts';
import { HpackFault } from './fault.ts';
import { huffmanDecode } from './huffman.ts';
import { DynamicTable, ENTRY_OVERHEAD, STATIC_ENTRIES } from './tables.ts';

/** Blocks that are remembered by their bytes: those of answers repeat themselves, and a list that is known costs no decoding. */
const MEMO_BLOCKS = 64;
const MEMO_BYTES = 512;
const NOTHING = new Uint8Array();

/** What a block was decoded to, given out again when the same block comes. */
export interface DecodedSection extends FieldSection {
  /** Which bound it goes beyond, so that `fields` is cut off: the table is in step all the same. */
  readonly beyond: 'bytes' | 'count' | null;
  /** As what it was found to be valid. */
  soundAs: 'head' | 'trailers' | null;
  /** What a head that was found to be valid promises; -1 is nothing. */
  contentLength: number;
}

export interface SectionBounds {
  /** As RFC 9113 section 10.5.1 counts them. */
  readonly listBytes: number;
  readonly listFields: number;
}

/** A block that reads the same whatever is in the dynamic table, with what it adds to it each time. */
interface Known {
  readonly section: DecodedSection;
  /** Name, value, name, value. */
  readonly added: readonly string[];
}

/** One per connection and direction: blocks must come in the order of the wire, all of them. */
export class HpackDecoder {
  readonly #table: DynamicTable;
  /** The largest dynamic table that we have allowed (SETTINGS_HEADER_TABLE_SIZE). */
  readonly #maxTableBytes: number;
  readonly #bounds: SectionBounds;
  /** Without a reference to the dynamic table. nginx adds its trailers anew with each answer and never refers to them. */
  readonly #known = new Map<string, Known>();
  /** With references: valid while the dynamic table stays as it is. */
  readonly #memo = new Map<string, DecodedSection>();
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
    const key = block.length <= MEMO_BYTES ? textOf(block, 0, block.length) : undefined;
    const remembered = key === undefined ? undefined : this.#remembered(key);
    if (remembered !== undefined) return remembered;
    this.#block = block;
    this.#at = 0;
    this.#end = block.length;
    this.#changed = false;
    this.#resized = false;
    this.#referred = false;
    this.#added = [];
    const section = this.#decodeAll();
    this.#block = NOTHING;
    if (this.#changed) this.#memo.clear();
    if (key !== undefined && section.beyond === null) this.#remember(key, section);
    return section;
  }

  #remembered(key: string): DecodedSection | undefined {
    const known = this.#known.get(key);
    if (known === undefined) return this.#memo.get(key);
    const { section, added } = known;
    if (added.length > 0) {
      this.#memo.clear();
      for (let i = 0; i < added.length; i += 2) {
        this.#table.add(added[i] ?? '', added[i + 1] ?? '');
      }
    }
    return section;
  }

  #remember(key: string, section: DecodedSection): void {
    if (this.#referred && this.#changed) return;
    const memo = this.#referred ? this.#memo : this.#known;
    if (memo.size >= MEMO_BLOCKS) memo.clear();
    if (this.#referred) this.#memo.set(key, section);
    else if (!this.#resized) this.#known.set(key, { section, added: this.#added });
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
