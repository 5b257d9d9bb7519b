/** Changes of a stream of bytes: bits, bytes, and the lines that CRLF ends. */
import fc from 'fast-check';

export interface Edit {
  readonly how: 'flip' | 'set' | 'insert' | 'remove' | 'double' | 'remove line' | 'double line';
  /** Of a byte or a line, taken modulo how many there are. */
  readonly at: number;
  readonly byte: number;
}

/** Those that mean something to a parser come as often as all others together. */
const byte = fc.oneof(
  fc.nat(255),
  fc.constantFrom(...Buffer.from('\r\n\0\t :;,="0123456789abcdefF+-x#/?%\\\x7f\x0b\x0c', 'latin1')),
);

export const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({
    how: fc.constantFrom('flip', 'set', 'insert', 'remove', 'double', 'remove line', 'double line'),
    at: fc.nat(),
    byte,
  }),
  { minLength: 1, maxLength: 4 },
);

export function edited(bytes: Buffer, changes: readonly Edit[]): Buffer {
  let text = bytes.toString('latin1');
  for (const change of changes)
    text = change.how.endsWith('line') ? line(text, change) : one(text, change);
  return Buffer.from(text, 'latin1');
}

function one(text: string, { how, at, byte: code }: Edit): string {
  if (text === '') return text;
  const place = at % text.length;
  const [before, behind] = [text.slice(0, place), text.slice(place)];
  const char = String.fromCharCode(code);
  if (how === 'flip') {
    const flipped = text.charCodeAt(place) ^ (1 << (code & 7));
    return before + String.fromCharCode(flipped) + behind.slice(1);
  }
  if (how === 'set') return before + char + behind.slice(1);
  if (how === 'insert') return before + char + behind;
  const length = 1 + (code & 7);
  if (how === 'remove') return before + behind.slice(length);
  return before + behind.slice(0, length) + behind;
}

function line(text: string, { how, at }: Edit): string {
  const lines = text.split('\r\n');
  const place = at % lines.length;
  lines.splice(
    place,
    1,
    ...(how === 'double line' ? [lines[place] ?? '', lines[place] ?? ''] : []),
  );
  return lines.join('\r\n');
}
