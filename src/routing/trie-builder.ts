/** Collects rules into the flat arrays that trie.ts searches. Work at load time; nothing here runs per request. */
import type { Shape } from './specificity.ts';

/** Edges by open addressing: parent (0 is a free slot), hash, child, where the text stands. Four numbers share a cache line. */
export const EDGE_STRIDE = 4;
/** A node: child by `*`, child by `**`, first rule that ends here or -1, whether it has literal children. */
export const NODE_STRIDE = 4;
/** A rule: its method, the next rule at the same node or -1. */
export const RULE_STRIDE = 2;
export const ROOT = 1;
/** Set in the parent of an edge that is a custom verb. With no node beside it, it is the parent of every verb of the table. */
export const VERB_EDGE = 0x40000000;
/** A text is preceded by its length in this many bytes, low byte first. */
export const TEXT_HEADER = 3;

/** The longest run of full slots that is accepted before another seed is tried, so that no schema can make look-ups slow. */
const MAX_PROBES = 64;
const MAX_SEEDS = 8;

export interface FlatTrie {
  readonly edges: Int32Array;
  readonly nodes: Int32Array;
  readonly rules: Int32Array;
  /** Texts of edges, ASCII, each once. */
  readonly texts: Uint8Array;
  /** Per node reached by `**`: how many segments the templates have behind it; 0 is left out. */
  readonly tailLengths: ReadonlyMap<number, readonly number[]>;
  readonly seed: number;
  /** Most colons in a custom verb, or -1 where no rule has a verb. */
  readonly maxVerbColons: number;
  /** How many nodes one search visits at most, whatever the path. */
  readonly worstSteps: number;
}

export interface TrieBuilder {
  /** Adds the next rule; rules are numbered from 0. The caller has refused a second rule of the same shape and method. */
  add(shape: Shape, method: number): void;
  build(): FlatTrie;
}

export function createTrieBuilder(): TrieBuilder {
  const state: State = {
    nodes: [],
    rules: [],
    edgeParents: [],
    edgeTexts: [],
    edgeChildren: [],
    children: new Map(),
    tails: new Map(),
    maxVerbColons: -1,
  };
  // Node 0 stands for "none".
  newNode(state);
  newNode(state);
  return {
    add: (shape, method) => addRule(state, shape, method),
    build: () => flatten(state),
  };
}

/** FNV-1a over char codes, one step. */
export function hashStep(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

/** The slot at which the search for an edge begins: the top bits of a multiplicative hash of parent and text. */
export function edgeSlot(parent: number, hash: number, shift: number): number {
  return Math.imul(hash + Math.imul(parent, 0x9e3779b1), 0x85ebca6b) >>> shift;
}

interface State {
  readonly nodes: number[];
  readonly rules: number[];
  readonly edgeParents: number[];
  readonly edgeTexts: string[];
  readonly edgeChildren: number[];
  /** By parent and text. One map for all: one per node would cost ten times the memory while building. */
  readonly children: Map<string, number>;
  readonly tails: Map<number, Set<number>>;
  maxVerbColons: number;
}

function newNode(state: State): number {
  state.nodes.push(0, 0, -1, 0);
  return state.nodes.length / NODE_STRIDE - 1;
}

function addRule(state: State, shape: Shape, method: number): void {
  const { nodes, rules } = state;
  let node = ROOT;
  for (const [index, segment] of shape.segments.entries()) {
    if (segment.kind === 'literal') {
      nodes[node * NODE_STRIDE + 3] = 1;
      node = childByText(state, node, segment.text);
    } else if (segment.kind === '*') {
      node = childAt(state, node * NODE_STRIDE);
    } else {
      node = childAt(state, node * NODE_STRIDE + 1);
      addTail(state, node, shape.segments.length - 1 - index);
    }
  }
  if (shape.verb !== '') {
    state.maxVerbColons = Math.max(state.maxVerbColons, shape.verb.split(':').length - 1);
    childByText(state, VERB_EDGE, shape.verb);
    node = childByText(state, VERB_EDGE + node, shape.verb);
  }
  rules.push(method, nodes[node * NODE_STRIDE + 2] ?? -1);
  nodes[node * NODE_STRIDE + 2] = rules.length / RULE_STRIDE - 1;
}

function childAt(state: State, place: number): number {
  const known = state.nodes[place] ?? 0;
  if (known !== 0) return known;
  const child = newNode(state);
  state.nodes[place] = child;
  return child;
}

function childByText(state: State, parent: number, text: string): number {
  const key = `${parent}/${text}`;
  const known = state.children.get(key);
  if (known !== undefined) return known;
  const child = newNode(state);
  state.children.set(key, child);
  state.edgeParents.push(parent);
  state.edgeTexts.push(text);
  state.edgeChildren.push(child);
  return child;
}

function addTail(state: State, node: number, length: number): void {
  if (length === 0) return;
  const lengths = state.tails.get(node) ?? new Set();
  state.tails.set(node, lengths.add(length));
}

function flatten(state: State): FlatTrie {
  const pool = poolOf(state.edgeTexts);
  let size = 8;
  while (size < state.edgeParents.length * 2) size *= 2;
  let best = hashEdges(state, pool.offsets, size, 0);
  for (let seed = 1; best.probes > MAX_PROBES && seed < MAX_SEEDS; seed++) {
    const other = hashEdges(state, pool.offsets, size, seed);
    if (other.probes < best.probes) best = other;
  }
  return {
    edges: best.edges,
    nodes: Int32Array.from(state.nodes),
    rules: Int32Array.from(state.rules),
    texts: pool.texts,
    tailLengths: new Map([...state.tails].map(([node, lengths]) => [node, [...lengths]])),
    seed: best.seed,
    maxVerbColons: state.maxVerbColons,
    worstSteps: worstStepsOf(state),
  };
}

interface Pool {
  readonly texts: Uint8Array;
  readonly offsets: ReadonlyMap<string, number>;
}

function poolOf(texts: readonly string[]): Pool {
  const offsets = new Map<string, number>();
  let size = 0;
  for (const text of texts) {
    if (offsets.has(text)) continue;
    offsets.set(text, size);
    size += TEXT_HEADER + text.length;
  }
  const bytes = new Uint8Array(size);
  for (const [text, offset] of offsets) {
    for (let i = 0; i < TEXT_HEADER; i++) bytes[offset + i] = text.length >>> (8 * i);
    for (let i = 0; i < text.length; i++) bytes[offset + TEXT_HEADER + i] = text.charCodeAt(i);
  }
  return { texts: bytes, offsets };
}

interface HashedEdges {
  readonly edges: Int32Array;
  readonly seed: number;
  /** The longest way to an edge, in slots. */
  readonly probes: number;
}

function hashEdges(
  state: State,
  offsets: Pool['offsets'],
  size: number,
  seed: number,
): HashedEdges {
  const edges = new Int32Array(size * EDGE_STRIDE);
  const shift = Math.clz32(size) + 1;
  let probes = 0;
  for (const [index, parent] of state.edgeParents.entries()) {
    const text = state.edgeTexts[index] ?? '';
    let hash = seed;
    for (let i = 0; i < text.length; i++) hash = hashStep(hash, text.charCodeAt(i));
    let slot = edgeSlot(parent, hash, shift);
    let probe = 1;
    for (; edges[slot * EDGE_STRIDE] !== 0; probe++) slot = (slot + 1) & (size - 1);
    edges[slot * EDGE_STRIDE] = parent;
    edges[slot * EDGE_STRIDE + 1] = hash;
    edges[slot * EDGE_STRIDE + 2] = state.edgeChildren[index] ?? 0;
    edges[slot * EDGE_STRIDE + 3] = offsets.get(text) ?? 0;
    probes = Math.max(probes, probe);
  }
  return { edges, seed, probes };
}

/**
 * At each node a search goes into at most one literal child, the `*` child and, once per length of tail, the `**` child; so the longest
 * search is bounded by the templates alone. A child has a higher number than its parent, so one pass from the end suffices.
 */
function worstStepsOf(state: State): number {
  const { nodes, edgeParents, edgeChildren } = state;
  const steps = new Float64Array(nodes.length / NODE_STRIDE);
  const worstLiteral = new Float64Array(steps.length);
  const literalParents = new Int32Array(steps.length);
  for (const [index, child] of edgeChildren.entries()) {
    const parent = edgeParents[index] ?? 0;
    if (parent < VERB_EDGE) literalParents[child] = parent;
  }
  for (let node = steps.length - 1; node >= ROOT; node--) {
    const deep = nodes[node * NODE_STRIDE + 1] ?? 0;
    const tails = state.tails.get(deep)?.size ?? 0;
    const own = 1 + (worstLiteral[node] ?? 0) + (steps[nodes[node * NODE_STRIDE] ?? 0] ?? 0);
    const total = own + tails * (steps[deep] ?? 0);
    steps[node] = total;
    const parent = literalParents[node] ?? 0;
    worstLiteral[parent] = Math.max(worstLiteral[parent] ?? 0, total);
  }
  // One search for the whole path and one for each place where a verb may be cut off.
  return (steps[ROOT] ?? 0) * (state.maxVerbColons + 2);
}
