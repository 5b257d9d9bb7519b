/** The Huffman code of RFC 7541 Appendix B as bits, slowly: the product reads it and never writes it. */
import { HUFFMAN_LENGTHS } from '../../src/http2/hpack/huffman.ts';

const codes = canonicalCodes();

/** The code of `text`, whose characters are bytes, padded with ones. */
export function huffmanEncode(text: string): Buffer {
  let bits = '';
  for (const char of text) bits += codes[char.charCodeAt(0)] ?? '';
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** Codes ascend by length, then by symbol. */
function canonicalCodes(): string[] {
  const lengths = Array.from(HUFFMAN_LENGTHS, (letter) => letter.charCodeAt(0) - 97 + 5);
  const found: string[] = [];
  let code = 0;
  for (let length = 1; length <= 30; length++) {
    code *= 2;
    for (const [symbol, own] of lengths.entries()) {
      if (own === length) found[symbol] = (code++).toString(2).padStart(length, '0');
    }
  }
  return found;
}
