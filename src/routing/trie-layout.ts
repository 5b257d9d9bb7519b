/**
 * The trie as the search reads it: one typed array. With 100,000 rules a search waits for memory more than it computes, so what is read
 * together lies together: a node that is found by hash stands where its hash says, in a cell as large as a cache line, with its text, its
 * rules and as much of what is below it as fits. A segment of a path so costs one line, where a table of offsets would cost another.
 */
import type { BuildNode } from './trie-builder.ts';
import {
  CELL_WORDS,
  HAS_DEEP,
  HAS_LITERAL,
  HAS_PARENT,
  HAS_STAR,
  HAS_TAILS,
  HAS_VERB,
  MANY_LITERALS,
  MANY_VERBS,
  VERB_BIT,
  cellAt,
  childrenAt,
  edgeKey,
  hashStep,
  headerWord,
  ruleWord,
  rulesAt,
  textAt,
} from './trie-node.ts';

/** The longest way to a cell that is accepted before another seed is tried, so that no schema can make look-ups slow. */
const MAX_PROBES = 64;
const MAX_SEEDS = 8;

export interface FlatTrie {
  /** The cells, then what has none: 0 in front of a free cell, below 0 the offset of a node too large for one. */
  readonly words: Int32Array;
  /** The same memory by bytes, for texts. */
  readonly bytes: Uint8Array;
  readonly root: number;
  /** A power of two. */
  readonly cells: number;
  readonly seed: number;
  /** The rules in the order in which `ruleNumber` counts them. */
  readonly rules: readonly number[];
  /** Per node reached by `**`: how many segments the templates have behind it; 0 is left out. */
  readonly tailLengths: ReadonlyMap<number, readonly number[]>;
  /** Most colons in a custom verb, or -1 where no rule has a verb. */
  readonly maxVerbColons: number;
  /** How many nodes one search visits at most, whatever the path. */
  readonly worstSteps: number;
}

interface Layout {
  readonly words: number[];
  readonly cells: number;
  readonly seed: number;
  readonly rules: number[];
  readonly tailLengths: Map<number, readonly number[]>;
  /** The longest way to a cell so far. */
  probes: number;
}

/** What is left of a cell for what is below its node. */
interface Room {
  at: number;
  readonly end: number;
}

/** Writes out the tree and the list of all verbs, with the first seed whose longest way to a cell is short enough, or the best one. */
export function layOut(root: BuildNode, verbs: ReadonlyMap<string, BuildNode>): FlatTrie {
  let cells = 8;
  while (cells < (countHashed(root) + verbs.size) * 1.5) cells *= 2;
  let { layout, rootAt } = layOutWith(root, verbs, { cells, seed: 0 });
  for (let seed = 1; layout.probes > MAX_PROBES && seed < MAX_SEEDS; seed++) {
    const other = layOutWith(root, verbs, { cells, seed });
    if (other.layout.probes < layout.probes) ({ layout, rootAt } = other);
  }
  const colons = [...verbs.keys()].map((verb) => verb.split(':').length - 1);
  const words = Int32Array.from(layout.words);
  // One search for the whole path, and one for each place where a verb may begin.
  const maxVerbColons = colons.reduce((most, count) => Math.max(most, count), -1);
  return {
    words,
    bytes: new Uint8Array(words.buffer),
    root: rootAt,
    cells,
    seed: layout.seed,
    rules: layout.rules,
    tailLengths: layout.tailLengths,
    maxVerbColons,
    worstSteps: worstSteps(root) * (maxVerbColons + 2),
  };
}

/** How many nodes below `node` are found by hash. */
function countHashed(node: BuildNode): number {
  let count = 0;
  for (const children of [node.literals, node.verbs]) {
    if (children === null) continue;
    if (children.size > 1) count += children.size;
    for (const child of children.values()) count += countHashed(child);
  }
  for (const child of [node.star, node.deep]) if (child !== null) count += countHashed(child);
  return count;
}

function layOutWith(
  root: BuildNode,
  verbs: ReadonlyMap<string, BuildNode>,
  { cells, seed }: { readonly cells: number; readonly seed: number },
): { readonly layout: Layout; readonly rootAt: number } {
  const words = Array.from({ length: cellAt(cells) }, () => 0);
  const layout: Layout = { words, cells, seed, rules: [], tailLengths: new Map(), probes: 0 };
  const rootAt = place(layout, root, { at: 0, end: 0 });
  for (const verb of verbs.values()) placeHashed(layout, verb, VERB_BIT);
  return { layout, rootAt };
}

/** Writes `node` into its cell, or behind all cells where it is too large, with what is below it. */
function placeHashed(layout: Layout, node: BuildNode, parent: number): void {
  const { words, cells } = layout;
  let hash = layout.seed;
  for (let i = 0; i < node.text.length; i++) hash = hashStep(hash, node.text.charCodeAt(i));
  let cell = edgeKey(parent, hash) >>> (Math.clz32(cells) + 1);
  let probes = 1;
  for (; words[cellAt(cell)] !== 0; probes++) cell = (cell + 1) & (cells - 1);
  layout.probes = Math.max(layout.probes, probes);
  const at = cellAt(cell);
  if (sizeOf(node, parent) <= CELL_WORDS) {
    place(layout, node, { at, end: at + CELL_WORDS }, parent);
  } else {
    words[at] = -words.length;
    place(layout, node, { at: 0, end: 0 }, parent);
  }
}

/**
 * Writes `node` and what is below it, nearest first: `*`, `**`, verbs, literals. The parser bounds the depth of the recursion. `parent` is
 * 0 for a node that is never looked up by hash.
 */
// oxlint-disable-next-line max-params -- an object for each of 100,000 nodes says no more
function place(layout: Layout, node: BuildNode, room: Room, parent = 0): number {
  const { words } = layout;
  const at = reserve(words, room, sizeOf(node, parent));
  const header = headerOf(node, parent);
  words[at] = header;
  if (header & HAS_PARENT) words[at + 1] = parent;
  placeText(words, textAt(at, header), node.text);
  placeRules(layout, node, rulesAt(at, header));
  let child = childrenAt(at, header);
  const literalAt = header & HAS_LITERAL ? child++ : 0;
  const deepAt = header & HAS_DEEP ? child++ : 0;
  const verbAt = header & HAS_VERB ? child++ : 0;
  if (node.star !== null) words[child] = place(layout, node.star, room);
  if (node.deep !== null) {
    const deep = place(layout, node.deep, room);
    words[deepAt] = deep;
    if (node.deep.tails !== null) layout.tailLengths.set(deep, [...node.deep.tails]);
  }
  placeAll(layout, node.verbs, { parent: at | VERB_BIT, onlyAt: verbAt, room });
  placeAll(layout, node.literals, { parent: at, onlyAt: literalAt, room });
  return at;
}

/** Room for `size` words: in the cell where they fit, else behind everything. */
function reserve(words: number[], room: Room, size: number): number {
  if (room.at + size > room.end) {
    const at = words.length;
    for (let i = 0; i < size; i++) words.push(0);
    return at;
  }
  const { at } = room;
  room.at += size;
  return at;
}

function sizeOf(node: BuildNode, parent: number): number {
  const header = headerOf(node, parent);
  return rulesAt(0, header) - (node.rules.length === 0 ? 1 : 0) + node.rules.length;
}

function headerOf(node: BuildNode, parent: number): number {
  const literals = node.literals?.size ?? 0;
  const verbs = node.verbs?.size ?? 0;
  let flags = parent === 0 ? 0 : HAS_PARENT;
  if (literals > 0) flags |= literals === 1 ? HAS_LITERAL : MANY_LITERALS;
  if (verbs > 0) flags |= verbs === 1 ? HAS_VERB : MANY_VERBS;
  if (node.star !== null) flags |= HAS_STAR;
  if (node.deep !== null) flags |= HAS_DEEP;
  if (node.tails !== null) flags |= HAS_TAILS;
  return headerWord(flags, node.rules.length, node.text.length);
}

/** Rules of a node are numbered one after the other, so that one word says it for all. */
function placeRules({ words, rules }: Layout, node: BuildNode, at: number): void {
  if (node.rules.length === 0) return;
  words[at - 1] = rules.length;
  for (const [index, { method, rule, plan }] of node.rules.entries()) {
    words[at + index] = ruleWord(index, method, plan);
    rules.push(rule);
  }
}

function placeAll(
  layout: Layout,
  children: BuildNode['literals'],
  at: { readonly parent: number; readonly onlyAt: number; readonly room: Room },
): void {
  if (children === null) return;
  for (const node of children.values()) {
    if (children.size === 1) layout.words[at.onlyAt] = place(layout, node, at.room);
    else placeHashed(layout, node, at.parent);
  }
}

/** Low byte first, as the machines that Node runs on read typed arrays. */
function placeText(words: number[], at: number, text: string): void {
  for (let i = 0; i < text.length; i += 4) {
    let word = 0;
    for (let j = 0; j < 4; j++) word |= (text.charCodeAt(i + j) || 0) << (8 * j);
    words[at + (i >> 2)] = word;
  }
}

/**
 * At each node a search goes into at most one literal child, the `*` child and, once per length of tail, the `**` child; so the templates
 * alone bound the longest search.
 */
function worstSteps(node: BuildNode): number {
  let worstLiteral = 0;
  for (const child of node.literals?.values() ?? []) {
    worstLiteral = Math.max(worstLiteral, worstSteps(child));
  }
  const star = node.star === null ? 0 : worstSteps(node.star);
  const tails = node.deep?.tails?.size ?? 0;
  const deep = node.deep === null || tails === 0 ? 0 : tails * worstSteps(node.deep);
  return 1 + worstLiteral + star + deep;
}
