/**
 * The Huffman code of RFC 7541 Appendix B. It is canonical (codes ascend by length, then by symbol), so the lengths alone give it.
 */
import { HpackFault } from './fault.ts';

const EOS = 256;
const MAX_BITS = 30;
/** The length of each symbol's code in bits, symbols 0 to 255 and EOS: `a` stands for 5, `z` for 30. */
export const HUFFMAN_LENGTHS: string =
  'isxxxxxxxtzxxzxxxxxxxxzxxxxxxxxxbffhibdgffdgdbbbaaabbbbbbbcdkbhfibccccccccccccccccccccccdcdioijb' +
  'kabababbbaccbbbabcbaabccccckgjixprpprrrsrssssststtrstssssqrsrsstrqprrssqsrrtqrssqqrqsrssprrrsrrs' +
  'vvporsruvvvwwvtuoqvwwvwtqqvvxwwwptpqrqqsrruuttvsvwvvwwwwwxwwwwwvz';

/** One step of decoding eight bits: the next table, or the symbol and how many of the eight bits are its own. */
interface DecodeTable {
  /** Symbol and own bits as `symbol << 4 | bits`, or -1 where `next` goes on. */
  readonly leaf: Int16Array;
  readonly next: (DecodeTable | undefined)[];
}

const lengths = Uint8Array.from(
  HUFFMAN_LENGTHS,
  (letter) => letter.charCodeAt(0) - 'a'.charCodeAt(0) + 5,
);
const codes = canonicalCodes();
const root = buildTables();

/** The text of `bytes[from, to)`. Padding other than up to seven ones, and an EOS, are faults (RFC 7541 section 5.2). */
export function huffmanDecode(bytes: Uint8Array, from: number, to: number): string {
  // The shortest code has five bits.
  const text = Buffer.allocUnsafe(Math.floor(((to - from) * 8) / 5));
  let length = 0;
  let table = root;
  let window = 0;
  let bits = 0;
  /** Bits since the last symbol ended: what remains of them at the end is padding. */
  let open = 0;
  for (let at = from; at < to; at++) {
    window = ((window << 8) | (bytes[at] ?? 0)) & 0xffff;
    bits += 8;
    open += 8;
    while (bits >= 8) {
      const index = (window >>> (bits - 8)) & 0xff;
      const leaf = table.leaf[index] ?? -1;
      if (leaf >= 0) {
        text[length++] = leaf >>> 4;
        bits -= leaf & 15;
        open = bits;
        table = root;
      } else {
        table = follow(table, index);
        bits -= 8;
      }
    }
  }
  // What is left is less than eight bits: whole short codes, then padding.
  while (bits > 0) {
    const leaf = table.leaf[((window << (8 - bits)) & 0xff) | (0xff >>> bits)] ?? -1;
    if (leaf < 0 || (leaf & 15) > bits) break;
    text[length++] = leaf >>> 4;
    bits -= leaf & 15;
    open = bits;
    table = root;
  }
  const ones = (1 << bits) - 1;
  if (open > 7 || (window & ones) !== ones) throw new HpackFault('a string has bad padding');
  return text.toString('latin1', 0, length);
}

function follow(table: DecodeTable, index: number): DecodeTable {
  const next = table.next[index];
  if (next === undefined) throw new HpackFault('a string holds the end-of-string code');
  return next;
}

function canonicalCodes(): Uint32Array {
  const found = new Uint32Array(lengths.length);
  let code = 0;
  for (let length = 1; length <= MAX_BITS; length++) {
    code *= 2;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === length) found[symbol] = code++;
    }
  }
  return found;
}

function buildTables(): DecodeTable {
  const first = emptyTable();
  for (let symbol = 0; symbol < EOS; symbol++) {
    const code = codes[symbol] ?? 0;
    let left = lengths[symbol] ?? 0;
    let table = first;
    for (; left > 8; left -= 8) {
      const index = (code >>> (left - 8)) & 0xff;
      table = table.next[index] ??= emptyTable();
    }
    const base = (code << (8 - left)) & 0xff;
    table.leaf.fill((symbol << 4) | left, base, base + (1 << (8 - left)));
  }
  return first;
}

function emptyTable(): DecodeTable {
  return { leaf: new Int16Array(256).fill(-1), next: [] };
}
