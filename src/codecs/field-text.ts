/** Values of fields as the text that a path or a query has for them: that of their JSON, without the quotes of a string. */
import { isUtf8 } from 'node:buffer';
import { PLAIN } from './json.ts';
import { CodecError } from './proto-json/error.ts';
import type { FieldLayout, ValueLayout } from './proto-json/layout.ts';
import type { JsonOptions } from './proto-json/options.ts';
import { Scratch } from './proto-json/output.ts';
import { interpretValue, type Span } from './proto-json/to-json/fields.ts';
import { isForeign, type Place } from './proto-json/to-json/gather.ts';
import { interpretMessage } from './proto-json/to-json/interpret.ts';
import { skip } from './proto-json/wire.ts';

const QUOTE = 0x22;
const scratch = new Scratch();
/** An Any has no text of its own, and nothing else asks for a type. */
const OPTIONS: JsonOptions = { ...PLAIN, anyLayout: () => undefined };

/** Visits each value of a list in order. Throws a CodecError where the bytes are none of the field's type. */
export function eachText(
  { value }: FieldLayout,
  b: Uint8Array,
  places: readonly Place[],
  visit: (text: string) => void,
): void {
  for (const { start, end, packed } of places) {
    if (!packed) {
      visit(valueText(value, b, { start, end }));
      continue;
    }
    for (let p = start; p < end; ) {
      const next = skip(value.wire, b, p, end);
      const span = { start: p, end: next };
      if (!isForeign(value, b, span)) visit(valueText(value, b, span));
      p = next;
    }
  }
}

/** One value; `span` undefined is the default of its type. Throws a CodecError as {@link eachText}. */
export function valueText(value: ValueLayout, b: Uint8Array, span: Span | undefined): string {
  if (value.kind === 'string') return span === undefined ? '' : utf8(b, span);
  const out = scratch.take();
  const to = { out, options: OPTIONS, writeMessage: interpretMessage, depth: 0 };
  interpretValue(value, b, span, to);
  const text = out.buf.toString('utf8', 0, out.pos);
  return out.buf[0] === QUOTE ? (JSON.parse(text) as string) : text;
}

/** Replacing what is no character would name another resource. */
function utf8(b: Uint8Array, { start, end }: Span): string {
  const bytes = b.subarray(start, end);
  if (!isUtf8(bytes)) throw new CodecError('a string is not UTF-8');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
