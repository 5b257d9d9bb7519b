/**
 * The trie as the search reads it: two typed arrays. With 100,000 rules a search waits for memory more than it computes, so what is read
 * together lies together: a node, its text, its rules and its `*` child share a cache line or two, and only a node with several
 * literal children (or verbs) costs a look-up elsewhere.
 */
import type { BuildNode } from './trie-builder.ts';

/**
 * A node is the offset of its header word; in front of it stands its text, padded to words. Behind it stand, each only where the header
 * says so: PARENT, LITERAL, DEEP, VERB (offsets of nodes), and for each rule a word
 * ({@link ruleMethod}, {@link rulePlan}) and its number. The `*` child, if any, is what follows.
 */
const HAS_PARENT = 1;
/** One literal child; several are found by hash. */
export const HAS_LITERAL = 2;
export const HAS_DEEP = 4;
/** One custom verb; several are found by hash. */
export const HAS_VERB = 8;
export const HAS_STAR = 16;
export const MANY_LITERALS = 32;
export const MANY_VERBS = 64;
/** The node was reached by `**` and has {@link FlatTrie.tailLengths}. */
export const HAS_TAILS = 128;
export const RULE_WORDS = 2;
const RULE_COUNT_SHIFT = 8;
const RULE_COUNT_MASK = 0xff;
const LENGTH_SHIFT = 16;
const METHOD_BITS = 8;

/**
 * Stands beside the parent of a verb, so that a verb is never taken for a literal of the same text. Alone it is the parent of the list of
 * all verbs, which are nodes without rules.
 */
export const VERB_BIT = 0x40000000;

/** The longest way to an edge that is accepted before another seed is tried, so that no schema can make look-ups slow. */
const MAX_PROBES = 64;
const MAX_SEEDS = 8;

export interface FlatTrie {
  readonly words: Int32Array;
  /** The same memory by bytes, for texts. */
  readonly bytes: Uint8Array;
  readonly root: number;
  /** Edges of nodes with many: open addressing, two words each: {@link edgeKey} and child (0 is a free slot). */
  readonly edges: Int32Array;
  readonly seed: number;
  /** Per node reached by `**`: how many segments the templates have behind it; 0 is left out. */
  readonly tailLengths: ReadonlyMap<number, readonly number[]>;
  /** Most colons in a custom verb, or -1 where no rule has a verb. */
  readonly maxVerbColons: number;
  /** How many nodes one search visits at most, whatever the path. */
  readonly worstSteps: number;
}

/** FNV-1a over char codes, one step. */
export function hashStep(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

/** What an edge is looked up by; the top bits are the slot. Texts and parents are compared too, so collisions only cost time. */
export function edgeKey(parent: number, hash: number): number {
  return Math.imul((hash + Math.imul(parent, 0x9e3779b1)) | 0, 0x85ebca6b);
}

/** Where the words of children begin: behind the header and PARENT. */
export function childrenAt(node: number, header: number): number {
  return node + 1 + (header & HAS_PARENT);
}

function ruleCount(header: number): number {
  return (header >>> RULE_COUNT_SHIFT) & RULE_COUNT_MASK;
}

/** Where the first rule stands, if there is one. */
export function rulesAt(node: number, header: number): number {
  return (
    node + 1 + (header & 1) + ((header >>> 1) & 1) + ((header >>> 2) & 1) + ((header >>> 3) & 1)
  );
}

/** Where the `*` child stands, if there is one. */
export function starAt(node: number, header: number): number {
  return rulesAt(node, header) + ruleCount(header) * RULE_WORDS;
}

export function textLength(header: number): number {
  return header >>> LENGTH_SHIFT;
}

export function ruleMethod(word: number): number {
  return word & ((1 << METHOD_BITS) - 1);
}

export function rulePlan(word: number): number {
  return word >>> METHOD_BITS;
}

interface Edge {
  readonly parent: number;
  readonly text: string;
  readonly child: number;
}

interface Layout {
  readonly words: number[];
  readonly edges: Edge[];
  readonly tailLengths: Map<number, readonly number[]>;
}

/** Writes out the tree and the list of all verbs. */
export function layOut(root: BuildNode, verbs: ReadonlyMap<string, BuildNode>): FlatTrie {
  // Offset 0 stands for "none".
  const layout: Layout = { words: [0], edges: [], tailLengths: new Map() };
  const rootAt = place(layout, root, 0);
  for (const verb of verbs.values()) {
    const child = place(layout, verb, VERB_BIT);
    layout.edges.push({ parent: VERB_BIT, text: verb.text, child });
  }
  const colons = [...verbs.keys()].map((verb) => verb.split(':').length - 1);
  const words = Int32Array.from(layout.words);
  // One search for the whole path, and one for each place where a verb may begin.
  const maxVerbColons = colons.reduce((most, count) => Math.max(most, count), -1);
  return {
    words,
    bytes: new Uint8Array(words.buffer),
    root: rootAt,
    ...hashEdges(layout.edges),
    tailLengths: layout.tailLengths,
    maxVerbColons,
    worstSteps: worstSteps(root) * (maxVerbColons + 2),
  };
}

/** Writes `node` and what is below it, nearest first: `*`, `**`, verbs, literals. The parser bounds the depth of the recursion. */
function place(layout: Layout, node: BuildNode, parent: number): number {
  const { words } = layout;
  placeText(words, node.text);
  const at = words.length;
  const header = headerOf(node, parent);
  words.push(header);
  if (header & HAS_PARENT) words.push(parent);
  const children = words.length;
  while (words.length < rulesAt(at, header)) words.push(0);
  for (const { method, rule, plan } of node.rules) words.push(method | (plan << METHOD_BITS), rule);
  if (node.star !== null) place(layout, node.star, 0);
  let child = children;
  const literalAt = header & HAS_LITERAL ? child++ : 0;
  if (node.deep !== null) {
    const deep = place(layout, node.deep, 0);
    words[child++] = deep;
    if (node.deep.tails !== null) layout.tailLengths.set(deep, [...node.deep.tails]);
  }
  placeAll(layout, node.verbs, { parent: at | VERB_BIT, onlyAt: child });
  placeAll(layout, node.literals, { parent: at, onlyAt: literalAt });
  return at;
}

/** `parent` is 0 for a node that is never looked up by hash. */
function headerOf(node: BuildNode, parent: number): number {
  const literals = node.literals?.size ?? 0;
  const verbs = node.verbs?.size ?? 0;
  let flags = parent === 0 ? 0 : HAS_PARENT;
  if (literals > 0) flags |= literals === 1 ? HAS_LITERAL : MANY_LITERALS;
  if (verbs > 0) flags |= verbs === 1 ? HAS_VERB : MANY_VERBS;
  if (node.star !== null) flags |= HAS_STAR;
  if (node.deep !== null) flags |= HAS_DEEP;
  if (node.tails !== null) flags |= HAS_TAILS;
  if (node.rules.length > RULE_COUNT_MASK)
    throw new RangeError('more than 255 methods at one path');
  return flags | (node.rules.length << RULE_COUNT_SHIFT) | (node.text.length << LENGTH_SHIFT);
}

function placeAll(
  layout: Layout,
  children: BuildNode['literals'],
  at: { readonly parent: number; readonly onlyAt: number },
): void {
  if (children === null) return;
  for (const [text, node] of children) {
    if (children.size === 1) layout.words[at.onlyAt] = place(layout, node, 0);
    else layout.edges.push({ parent: at.parent, text, child: place(layout, node, at.parent) });
  }
}

/** Low byte first, as the machines that Node runs on read typed arrays. */
function placeText(words: number[], text: string): void {
  for (let i = 0; i < text.length; i += 4) {
    let word = 0;
    for (let j = 0; j < 4; j++) word |= (text.charCodeAt(i + j) || 0) << (8 * j);
    words.push(word);
  }
}

interface HashedEdges {
  readonly edges: Int32Array;
  readonly seed: number;
}

/** The table with the first seed whose longest way to an edge is short enough, or the best of those tried. */
function hashEdges(edges: readonly Edge[]): HashedEdges {
  let size = 8;
  while (size < edges.length * 1.5) size *= 2;
  let best = hashWithSeed(edges, size, 0);
  for (let seed = 1; best.probes > MAX_PROBES && seed < MAX_SEEDS; seed++) {
    const other = hashWithSeed(edges, size, seed);
    if (other.probes < best.probes) best = other;
  }
  return { edges: best.edges, seed: best.seed };
}

function hashWithSeed(
  edges: readonly Edge[],
  size: number,
  seed: number,
): HashedEdges & { readonly probes: number } {
  const table = new Int32Array(size * 2);
  const shift = Math.clz32(size) + 1;
  let probes = 0;
  for (const { parent, text, child } of edges) {
    let hash = seed;
    for (let i = 0; i < text.length; i++) hash = hashStep(hash, text.charCodeAt(i));
    const key = edgeKey(parent, hash);
    let slot = key >>> shift;
    let probe = 1;
    for (; table[slot * 2 + 1] !== 0; probe++) slot = (slot + 1) & (size - 1);
    table[slot * 2] = key;
    table[slot * 2 + 1] = child;
    probes = Math.max(probes, probe);
  }
  return { edges: table, seed, probes };
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
