/**
 * The way that good requests go: body to bytes by the compiled reader, path and query appended as fields of their own, since protobuf merges
 * what stands behind. No value is looked at twice and no object is made.
 *
 * Wherever something must be looked at (a mistake to be explained, a field that two parts of the request name, a oneof, a mask to be computed)
 * the answer is undefined and request.ts does it the exact way; so this file decides nothing about meaning.
 */
import { fieldBytes } from '../codecs/json.ts';
import { JsonFault } from '../codecs/proto-json/from-json/fault.ts';
import {
  jsonFieldReader,
  jsonReader,
  type ReadJson,
} from '../codecs/proto-json/from-json/read-json.ts';
import type { ReadOptions } from '../codecs/proto-json/from-json/scan.ts';
import {
  beginLength,
  endLength,
  writeTag,
  writeText,
} from '../codecs/proto-json/from-json/wire.ts';
import { layoutOf, type MessageLayout } from '../codecs/proto-json/layout.ts';
import { type Output, Scratch } from '../codecs/proto-json/output.ts';
import { holdsField } from '../codecs/proto-json/wire.ts';
import { specialForm } from '../codecs/special.ts';
import { newDraft, readingAt } from './draft.ts';
import type { Plan } from './plan.ts';
import { parseQuery } from './query.ts';
import { resolveTarget, type Step, type Target } from './target.ts';
import { readText } from './text.ts';
import type { BindInput } from './types.ts';

export interface DirectBinding {
  /** The request message in protobuf, or undefined where the exact way must be gone. */
  bind(input: BindInput): Uint8Array | undefined;
  bindNext(body: Uint8Array): Uint8Array | undefined;
}

/** A parameter or variable whose text can be encoded on its own. */
interface Leaf {
  readonly target: Target;
  /** The fields that lead to it, its own last. */
  readonly numbers: readonly number[];
  /** Writes the field with all that it stands in; false, and nothing that counts, where the text is none of the field's type. */
  write(text: string, out: Output): boolean;
}

/** Names that a plan remembers; clients may invent names without end where messages nest in themselves. */
const MAX_NAMES = 256;
/** Protobuf's wire type of strings and messages. */
const LENGTH_DELIMITED = 2;
const scratch = new Scratch();

/** Made once per rule. */
export function planDirect(plan: Plan): DirectBinding {
  const { body, input, settings, schema, variables } = plan;
  const options: ReadOptions = {
    ignoreUnknown: false,
    caseInsensitiveEnums: settings.json.caseInsensitiveEnums,
    maxDepth: settings.maxDepth,
    types: schema,
  };
  const layout = layoutOf(input);
  const read = bodyReader(plan, layout);
  const leaves = variables.map((target) => leafOf(target, plan));
  const names = new Map<string, Leaf | undefined>();
  const leafNamed = (name: string): Leaf | undefined => {
    if (names.has(name)) return names.get(name);
    const steps = name.split('.');
    const target = steps.length > settings.maxDepth ? undefined : resolveTarget(input, steps);
    const leaf = target === undefined || 'problem' in target ? undefined : leafOf(target, plan);
    if (names.size < MAX_NAMES) names.set(name, leaf);
    return leaf;
  };
  const closed = specialForm(input) !== undefined;
  return {
    bind({ captures, query, body: bytes, patch }) {
      if (closed || (patch && plan.mask !== undefined)) return undefined;
      if (body.kind === 'whole' && query !== '') return undefined;
      const parts = new Parts();
      if (bytes !== undefined && !parts.read(read, bytes, options)) return undefined;
      for (const [index, leaf] of leaves.entries()) {
        if (!parts.add(leaf, captures[index] ?? '', layout)) return undefined;
      }
      if (query !== '') {
        for (const { name, value } of parseQuery(query)) {
          if (!parts.add(leafNamed(name), value, layout)) return undefined;
        }
      }
      return parts.finish();
    },
    bindNext(bytes) {
      const parts = new Parts();
      return closed || !parts.read(read, bytes, options) ? undefined : parts.finish();
    },
  };
}

function bodyReader({ body }: Plan, layout: MessageLayout): ReadJson | undefined {
  if (body.kind === 'none' || body.raw) return undefined;
  if (body.kind === 'whole') return jsonReader(layout);
  const field = layout.byNumber.get(body.field.number);
  return field === undefined ? undefined : jsonFieldReader(layout, field);
}

/** One request as it grows in the shared buffer, which nothing asynchronous interrupts. */
class Parts {
  readonly #output: Output = scratch.take();
  /** The fields that path and query have set; most requests set one. */
  #first: string | null = null;
  #others: Set<string> | null = null;
  /** What the body has written. */
  #bodyBytes = 0;

  read(read: ReadJson | undefined, body: Uint8Array, options: ReadOptions): boolean {
    if (read === undefined) return false;
    try {
      read(body, this.#output, options);
    } catch (error) {
      if (error instanceof JsonFault) return false;
      throw error;
    }
    this.#bodyBytes = this.#output.pos;
    return true;
  }

  /** False where the field was given before, by whatever part, or does not take the text. */
  add(leaf: Leaf | undefined, text: string, layout: MessageLayout): boolean {
    if (leaf === undefined) return false;
    const { id, leaf: last } = leaf.target;
    const again = !this.#give(id);
    if (again && last.field.cardinality !== 'repeated') return false;
    if (this.#bodyBytes > 0) {
      const body = this.#output.buf.subarray(0, this.#bodyBytes);
      if (holdsField(layout, body, leaf.numbers)) return false;
    }
    return leaf.write(text, this.#output);
  }

  /** False where it was given before. */
  #give(id: string): boolean {
    if (this.#first === null) {
      this.#first = id;
      return true;
    }
    if (this.#first === id || this.#others?.has(id) === true) return false;
    this.#others ??= new Set();
    this.#others.add(id);
    return true;
  }

  finish(): Uint8Array {
    return scratch.finish();
  }
}

/** Undefined for fields that need more than their own text: members of a oneof, maps, JSON text, messages, groups. */
function leafOf(target: Target, plan: Plan): Leaf | undefined {
  const steps = [...target.parents, target.leaf];
  if (steps.some(({ siblings, field }) => siblings.length > 0 || isGroup(field.type))) {
    return undefined;
  }
  const { owner, field } = target.leaf;
  const { type } = field;
  if (field.cardinality === 'map') return undefined;
  if (type.kind === 'message') {
    const form = specialForm(type.message);
    if (form !== 'string' && form !== 'wrapper') return undefined;
  }
  const numbers = [...target.parents, target.leaf].map((step) => step.field.number);
  if (type.kind === 'scalar' && type.scalar === 'string') {
    // Half of a surrogate pair has no UTF-8; paths and queries are decoded from UTF-8 and never hold one.
    const tag = field.number * 8 + LENGTH_DELIMITED;
    const write = (text: string, out: Output): boolean => {
      writeTag(out, tag);
      writeText(out, text);
      return true;
    };
    return { target, numbers, write: within(target.parents, write) };
  }
  const reading = readingAt(newDraft(plan), [target.name]);
  const { caseInsensitiveEnums } = reading;
  const write = (text: string, out: Output): boolean => {
    const value = readText(type, text, reading);
    if ('problem' in value) return false;
    const json = field.cardinality === 'repeated' ? [value.json] : value.json;
    const bytes = fieldBytes(owner, field, json, caseInsensitiveEnums);
    if (bytes !== undefined) out.bytes(bytes);
    return bytes !== undefined;
  };
  return { target, numbers, write: within(target.parents, write) };
}

/** Puts what `write` writes into the messages that it stands in, the outermost first. */
function within(parents: readonly Step[], write: Leaf['write']): Leaf['write'] {
  return parents.reduceRight<Leaf['write']>((inner, { field }) => {
    const tag = field.number * 8 + LENGTH_DELIMITED;
    return (text, out) => {
      writeTag(out, tag);
      const start = beginLength(out);
      if (!inner(text, out)) return false;
      endLength(out, start);
      return true;
    };
  }, write);
}

function isGroup(type: Target['leaf']['field']['type']): boolean {
  return type.kind === 'message' && type.group;
}
