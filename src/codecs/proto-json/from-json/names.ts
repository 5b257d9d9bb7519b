/** Sets of names known from the schema, and sets of names met in a text. */
import { fault, type Scan } from './scan.ts';

/** Names by their bytes. A name is told by its position in the list that the table was made of. */
export interface NameTable {
  /** All names in UTF-8, one behind the other, each between quotes as in JSON. */
  readonly texts: Buffer;
  /** Where the opening quote of each stands, and behind the last one the end. */
  readonly starts: Int32Array;
  /** The first name of each hash, -1 for none; as many as a power of two. */
  readonly buckets: Int32Array;
  /** The next name of the same hash. */
  readonly next: Int32Array;
}

/** What JSON can't write between quotes as it is; such names are told from each other only once unescaped. */
const NEEDS_ESCAPE = /["\\\p{Cc}]/u;
const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** A table of these names; of two that are equal the first counts. */
export function nameTable(names: readonly string[]): NameTable {
  const parts = names.map((name) => Buffer.from(`"${name}"`));
  const texts = Buffer.concat(parts);
  const starts = new Int32Array(names.length + 1);
  const buckets = new Int32Array(2 ** Math.ceil(Math.log2(names.length * 2 + 1))).fill(-1);
  const next = new Int32Array(names.length).fill(-1);
  for (const [id, part] of parts.entries()) starts[id + 1] = (starts[id] ?? 0) + part.length;
  // From the last one on, so that the first of equal names is found first.
  for (let id = names.length - 1; id >= 0; id--) {
    const from = (starts[id] ?? 0) + 1;
    const bucket = hash(texts, from, (starts[id + 1] ?? 0) - 1) & (buckets.length - 1);
    next[id] = buckets[bucket] ?? -1;
    buckets[bucket] = id;
    // A byte that UTF-8 has nowhere: the raw text of such a name never matches.
    if (NEEDS_ESCAPE.test(names[id] ?? '')) texts[from - 1] = 0xff;
  }
  return { texts, starts, buckets, next };
}

/** Which name stands between `from` and `to`, -1 for none. */
export function findName(table: NameTable, src: Buffer, from: number, to: number): number {
  const { texts, starts, buckets, next } = table;
  const length = to - from;
  let id = buckets[hash(src, from, to) & (buckets.length - 1)] ?? -1;
  for (; id !== -1; id = next[id] ?? -1) {
    const start = (starts[id] ?? 0) + 1;
    if ((starts[id + 1] ?? 0) - 1 - start !== length) continue;
    let i = 0;
    while (i < length && src[from + i] === texts[start + i]) i++;
    if (i === length) return id;
  }
  return -1;
}

/** Whether the JSON at a scan's place is this name in quotes; where it is, past it. */
export function passName(s: Scan, table: NameTable, id: number): boolean {
  const { texts, starts } = table;
  const { json, at } = s;
  const start = starts[id] ?? 0;
  const length = (starts[id + 1] ?? 0) - start;
  for (let i = 0; i < length; i++) if (json[at + i] !== texts[start + i]) return false;
  s.at = at + length;
  return true;
}

function hash(src: Buffer, from: number, to: number): number {
  let value = FNV_START;
  for (let at = from; at < to; at++) value = Math.imul(value ^ (src[at] ?? 0), FNV_PRIME);
  return value ^ (value >>> 15);
}

/** The names of one JSON object so far. */
export interface Met {
  /** The first few, as places in the JSON. */
  readonly spans: number[];
  /** All, once they are many or one had an escape. */
  texts: Set<string> | null;
}

/** Twice the number of names that are compared one by one. */
const FEW = 24;

export function newMet(): Met {
  return { spans: [], texts: null };
}

/** Adds the last string; refuses it where it is there already. */
export function addMet(s: Scan, met: Met): void {
  const { spans } = met;
  const { from, to } = s;
  if (met.texts === null && s.src === s.json && spans.length < FEW) {
    for (let i = 0; i < spans.length; i += 2) {
      if (same(s, spans[i] ?? 0, spans[i + 1] ?? 0)) fault(s);
    }
    spans.push(from, to);
    return;
  }
  met.texts ??= textsOf(s.json, spans);
  // With a quote, since the hashes of strings that are array indexes can be foreseen, and a client could make them collide.
  const text = `"${s.src.toString('latin1', from, to)}`;
  if (met.texts.has(text)) fault(s);
  met.texts.add(text);
}

function textsOf(json: Buffer, spans: readonly number[]): Set<string> {
  const texts = new Set<string>();
  for (let i = 0; i < spans.length; i += 2) {
    texts.add(`"${json.toString('latin1', spans[i], spans[i + 1])}`);
  }
  return texts;
}

/** Whether the last string, which is in the JSON itself, equals what stands there between two places. */
function same(s: Scan, from: number, to: number): boolean {
  const { json } = s;
  const length = to - from;
  if (s.to - s.from !== length) return false;
  const other = s.from - from;
  for (let at = from; at < to; at++) if (json[at] !== json[at + other]) return false;
  return true;
}
