/** JSON on several lines, as `JSON.stringify(value, null, 2)` has it, from JSON without any: values stay as they are written. */
import { Output } from '../output.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const INDENT = 2;

/** `json` is what a codec wrote: valid, and without whitespace outside of strings. Takes time linear in what it returns. */
export function prettyJson(json: Uint8Array): Uint8Array {
  const out = new Output(json.length * 2);
  let depth = 0;
  for (let p = 0; p < json.length; p++) {
    const byte = json[p] ?? 0;
    if (byte === QUOTE) {
      const end = stringEnd(json, p);
      out.bytes(json.subarray(p, end));
      p = end - 1;
    } else if (isOpener(byte)) {
      out.byte(byte);
      const next = json[p + 1] ?? 0;
      // An empty list or object stays on its line.
      if (isCloser(next)) {
        out.byte(next);
        p++;
      } else newLine(out, ++depth);
    } else if (isCloser(byte)) {
      newLine(out, --depth);
      out.byte(byte);
    } else {
      out.byte(byte);
      if (byte === COMMA) newLine(out, depth);
      else if (byte === COLON) out.byte(SPACE);
    }
  }
  return out.copy();
}

/** Behind the closing quote of the string that begins at `start`. */
function stringEnd(json: Uint8Array, start: number): number {
  let p = start + 1;
  while (p < json.length && json[p] !== QUOTE) p += json[p] === BACKSLASH ? 2 : 1;
  return p + 1;
}

function newLine(out: Output, depth: number): void {
  const spaces = depth * INDENT;
  out.ensure(spaces + 1);
  out.buf[out.pos++] = NEWLINE;
  out.buf.fill(SPACE, out.pos, out.pos + spaces);
  out.pos += spaces;
}

/** `{` or `[`. */
function isOpener(byte: number): boolean {
  return byte === 0x7b || byte === 0x5b;
}

function isCloser(byte: number): boolean {
  return byte === 0x7d || byte === 0x5d;
}
