/** ProtoJSON to protobuf in one pass over the bytes. Source: protobuf.dev/programming-guides/json. */
import { isUtf8 } from 'node:buffer';
import { codegenAllowed } from '../codegen.ts';
import type { FieldLayout, MessageLayout } from '../layout.ts';
import type { Output } from '../output.ts';
import { compile } from './compile.ts';
import { JsonFault } from './fault.ts';
import { interpret, interpretField, putOf } from './interpret.ts';
import {
  fault,
  type MessageReader,
  type ReadBody,
  type Readers,
  type ReadOptions,
  Scan,
  space,
} from './scan.ts';
import { WELL_KNOWN_BODIES } from './well-known.ts';

/**
 * Reads one JSON text, the whole of `json`, and appends the message to `out`. Returns how many unknown fields and enum names were left out.
 * Throws a {@link JsonFault} where the text is no JSON of this message; `out` then ends where it did before.
 */
export type ReadJson = (json: Uint8Array, out: Output, options: ReadOptions) => number;

/** Whether code is generated per type: `auto` does where that is allowed. */
export type ReadMode = 'auto' | 'compiled' | 'interpreted';

/** Reads JSON in the fastest way that is allowed here. */
export function readJson(
  layout: MessageLayout,
  json: Uint8Array,
  out: Output,
  options: ReadOptions,
): number {
  return jsonReader(layout)(json, out, options);
}

/** The function that reads one type; made once per type, and its code when it is first used. */
export function jsonReader(layout: MessageLayout, mode: ReadMode = 'auto'): ReadJson {
  const { readers, functions } = way(mode);
  let read = functions.get(layout);
  if (read === undefined) {
    const reader = readers(layout);
    read = (json, out, options) => readText(json, out, options, { reader, readers });
    functions.set(layout, read);
  }
  return read;
}

/** Reads the JSON of one field alone, as of a body that stands for it; writes the field with its tag. */
export function jsonFieldReader(
  layout: MessageLayout,
  field: FieldLayout,
  mode: ReadMode = 'auto',
): ReadJson {
  const { readers } = way(mode);
  const reader: MessageReader = { read: interpretField(layout, field, readers) };
  return (json, out, options) => readText(json, out, options, { reader, readers });
}

interface Way {
  readonly readers: Readers;
  readonly functions: WeakMap<MessageLayout, ReadJson>;
}

const COMPILED = newWay(compile);
const INTERPRETED = newWay(interpret);

function way(mode: ReadMode): Way {
  if (mode === 'auto') return codegenAllowed() ? COMPILED : INTERPRETED;
  return mode === 'compiled' ? COMPILED : INTERPRETED;
}

type Prepare = (layout: MessageLayout, readers: Readers) => ReadBody;

function newWay(prepare: Prepare): Way {
  const known = new WeakMap<MessageLayout, MessageReader>();
  const readers: Readers = (layout) => {
    let reader = known.get(layout);
    if (reader === undefined) {
      reader = lazyReader(layout, readers, prepare);
      known.set(layout, reader);
    }
    return reader;
  };
  return { readers, functions: new WeakMap() };
}

/** A reader that is prepared when it is first used. */
function lazyReader(layout: MessageLayout, readers: Readers, prepare: Prepare): MessageReader {
  const reader: MessageReader = {
    read(s, typed) {
      reader.read = bodyOf(layout, readers, prepare);
      reader.read(s, typed);
    },
  };
  return reader;
}

function bodyOf(layout: MessageLayout, readers: Readers, prepare: Prepare): ReadBody {
  if (layout.wellKnown === null) return prepare(layout, readers);
  if (layout.wellKnown !== 'wrapper') return WELL_KNOWN_BODIES[layout.wellKnown];
  const value = layout.byNumber.get(1);
  if (value === undefined) throw new Error(`${layout.model.fullName} has no value`);
  const put = putOf(value.value, readers);
  const tag = 8 + value.value.wire;
  return (s) => {
    put(s, tag, false);
  };
}

interface Entry {
  readonly reader: MessageReader;
  readonly readers: Readers;
}

function readText(
  json: Uint8Array,
  out: Output,
  options: ReadOptions,
  { reader, readers }: Entry,
): number {
  const start = out.pos;
  try {
    if (!isUtf8(json)) throw new JsonFault(0);
    const bytes = Buffer.isBuffer(json)
      ? json
      : Buffer.from(json.buffer, json.byteOffset, json.length);
    const s = new Scan(bytes, out, options, readers);
    space(s);
    reader.read(s, false);
    space(s);
    if (s.at !== bytes.length) fault(s);
    return s.ignored;
  } catch (thrown) {
    out.pos = start;
    throw thrown;
  }
}
