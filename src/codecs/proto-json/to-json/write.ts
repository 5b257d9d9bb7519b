/** Protobuf bytes to JSON bytes: by code compiled for the message type where that is allowed, else by its layout. */
import { CodecError } from '../error.ts';
import type { FieldLayout, MessageLayout, WellKnown } from '../layout.ts';
import type { JsonOptions } from '../options.ts';
import type { Output } from '../output.ts';
import { cursor, groupEnd, lengthEnd, MAX_DEPTH, skip, varint } from '../wire.ts';
import { codegenAllowed } from '../codegen.ts';
import { type Target, writeEnum, writeFields, type WriteMessage, writeOneField } from './fields.ts';
import { gather } from './gather.ts';
import { generateWriter } from './generate.ts';
import { interpretMessage } from './interpret.ts';
import { SCALARS } from './scalar.ts';
import type { Mask } from './mask.ts';
import { maskedMessage, writeMaskedField } from './masked.ts';
import { writeDuration, writeTimestamp } from './time.ts';
import { writeWellKnown } from './well-known.ts';

export type CodecMode = 'compiled' | 'interpreted';

/** Appends the JSON of one message to `out`. Throws a CodecError; what it has appended by then is garbage. */
export type WriteJson = (bytes: Uint8Array, out: Output) => void;

/** A function for one type and one set of options. Types are compiled when they are first met on the wire. */
export function jsonWriter(
  layout: MessageLayout,
  options: JsonOptions,
  mode: CodecMode = codegenAllowed() ? 'compiled' : 'interpreted',
): WriteJson {
  const interpreted: WriteJson = (bytes, out) => {
    const to: Target = { out, options, writeMessage: interpretMessage, depth: 0 };
    interpretMessage(layout, bytes, { start: 0, end: bytes.length }, to);
  };
  if (mode === 'interpreted') return interpreted;
  const holder = holderOf(layout, variantOf(options));
  const writeMessage = compiledMessages(options);
  return (bytes, out) => {
    const mark = out.pos;
    try {
      holder.write(bytes, 0, bytes.length, { out, options, writeMessage, depth: 0 });
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      // As in writeEitherWay, without a closure per message.
      out.pos = mark;
      interpreted(bytes, out);
    }
  };
}

/** As {@link jsonWriter} for one field of the type, by `response_body`: the JSON is that of its value alone. */
export function jsonFieldWriter(
  layout: MessageLayout,
  field: FieldLayout,
  options: JsonOptions,
  mode: CodecMode = codegenAllowed() ? 'compiled' : 'interpreted',
): WriteJson {
  return (bytes, out) => {
    const places = gather(layout, bytes, 0, bytes.length)[field.index] ?? [];
    writeEitherWay(mode, options, out, (writeMessage) => {
      writeOneField(field, bytes, places, { out, options, writeMessage, depth: 1 });
    });
  };
}

/** As {@link WriteJson}, of what a mask keeps. */
export type WriteMaskedJson = (bytes: Uint8Array, out: Output, mask: Mask) => void;

/** As {@link jsonWriter} and {@link jsonFieldWriter}, for masks that were made for the same type or field. */
export function maskedWriter(
  layout: MessageLayout,
  field: FieldLayout | undefined,
  options: JsonOptions,
  mode: CodecMode = codegenAllowed() ? 'compiled' : 'interpreted',
): WriteMaskedJson {
  return (bytes, out, mask) =>
    writeEitherWay(mode, options, out, (writeMessage) => {
      const to: Target = { out, options, writeMessage, depth: field === undefined ? 0 : 1 };
      const span = { start: 0, end: bytes.length };
      if (field === undefined) {
        if (mask.kind !== 'message') throw new Error('the mask of a map stands for no message');
        maskedMessage(mask, writeMessage)(layout, bytes, span, to);
        return;
      }
      const places = gather(layout, bytes, 0, bytes.length)[field.index];
      if (places === undefined) writeOneField(field, bytes, [], to);
      else writeMaskedField({ field, mask }, bytes, places, to);
    });
}

/**
 * A value that compiled code refuses may be overruled by a later one of the same field, which only gathering sees. Then once more, from
 * the top: starting over at each level would double the work with each.
 */
function writeEitherWay(
  mode: CodecMode,
  options: JsonOptions,
  out: Output,
  write: (writeMessage: WriteMessage) => void,
): void {
  const mark = out.pos;
  if (mode === 'compiled') {
    try {
      write(compiledMessages(options));
      return;
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      out.pos = mark;
    }
  }
  write(interpretMessage);
}

/** Nested messages of an interpreted one go to compiled code again. */
function compiledMessages(options: JsonOptions): WriteMessage {
  const variant = variantOf(options);
  return (nested, b, { start, end }, to) => holderOf(nested, variant).write(b, start, end, to);
}

/** What generated code calls for a nested message; the first call compiles it. */
interface Holder {
  write(b: Uint8Array, start: number, end: number, to: Target): void;
}

type Body = (b: Uint8Array, start: number, end: number, to: Target) => boolean;

/** Types by the options that their code depends on: routes with the same options share code. */
const holders = new WeakMap<MessageLayout, Map<number, Holder>>();

function variantOf({ emitDefaults, enumsAsNumbers, protoNames, int64 }: JsonOptions): number {
  return (
    (emitDefaults ? 1 : 0) |
    (enumsAsNumbers ? 2 : 0) |
    (protoNames ? 4 : 0) |
    (int64 === 'number' ? 8 : 0)
  );
}

function holderOf(layout: MessageLayout, variant: number): Holder {
  let variants = holders.get(layout);
  if (variants === undefined) holders.set(layout, (variants = new Map()));
  let holder = variants.get(variant);
  if (holder === undefined) {
    const made: Holder = {
      write(b, start, end, to) {
        made.write = layout.wellKnown === null ? compile(layout, variant) : special(layout);
        made.write(b, start, end, to);
      },
    };
    variants.set(variant, (holder = made));
  }
  return holder;
}

function special(layout: MessageLayout): Holder['write'] {
  const write = TIMES[layout.wellKnown ?? 'any'];
  if (write !== undefined) return (b, start, end, to) => write(to.out, b, start, end);
  return (b, start, end, to) => {
    enter(to);
    writeWellKnown(layout, b, { start, end }, to);
    to.depth--;
  };
}

/** The well-known types that are in every other message, without the way round. */
const TIMES: Partial<Record<WellKnown, typeof writeTimestamp>> = {
  timestamp: writeTimestamp,
  duration: writeDuration,
};

function compile(layout: MessageLayout, variant: number): Holder['write'] {
  const { source, enums, messages } = generateWriter(layout, {
    emitDefaults: (variant & 1) !== 0,
    enumsAsNumbers: (variant & 2) !== 0,
    protoNames: (variant & 4) !== 0,
    int64: (variant & 8) !== 0 ? 'number' : 'string',
  });
  const make = new Function('R', 'E', 'H', source) as (
    primitives: typeof PRIMITIVES,
    enums: unknown,
    holders: readonly Holder[],
  ) => Body;
  const body = make(
    PRIMITIVES,
    enums,
    messages.map((nested) => holderOf(nested, variant)),
  );
  return (b, start, end, to) => {
    enter(to);
    const { out } = to;
    const mark = out.pos;
    if (!body(b, start, end, to)) {
      out.pos = mark;
      writeFields(layout, b, gather(layout, b, start, end), to);
    }
    to.depth--;
  };
}

function enter(to: Target): void {
  if (++to.depth > MAX_DEPTH) throw new CodecError('messages nest too deep');
}

const PRIMITIVES = {
  varint,
  cursor,
  skip,
  lengthEnd,
  groupEnd,
  writeEnum,
  isRepeatedKey,
  SCALARS,
  truncated(): never {
    throw new CodecError('a message is cut off');
  },
  badTag(): never {
    throw new CodecError('a field number is out of range');
  },
};

/** Maps with more entries are gathered: comparing each key with all before it would be quadratic. */
const MAX_COMPARED = 32;

/** Whether the JSON key from `start` to `end` is one of those before it, or there are too many to tell; remembers it. */
function isRepeatedKey(u: Uint8Array, keys: number[], start: number, end: number): boolean {
  if (keys.length >= MAX_COMPARED * 2) return true;
  for (let i = 0; i < keys.length; i += 2) {
    const from = keys[i] ?? 0;
    if ((keys[i + 1] ?? 0) - from !== end - start) continue;
    let at = 0;
    while (at < end - start && u[from + at] === u[start + at]) at++;
    if (at === end - start) return true;
  }
  keys.push(start, end);
  return false;
}
