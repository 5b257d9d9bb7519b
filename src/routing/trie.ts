/**
 * The search over the flat arrays of trie-builder.ts: depth first, the most specific child first, so that the first rule found is the one
 * taken. Only two places have to compare: behind `**`, where tails of different lengths begin at different segments, and a path
 * whose last segment may be read with and without a custom verb.
 *
 * A search visits at most {@link FlatTrie.worstSteps} nodes, whatever the path: in front of `**` a node is reached in one way only, and
 * behind it a tail is aligned with the end of the path, so nothing is tried at every position.
 */
import { createSplitPath, hashOfPart } from './split.ts';
import type { SplitPath } from './split.ts';
import {
  EDGE_STRIDE,
  NODE_STRIDE,
  ROOT,
  RULE_STRIDE,
  TEXT_HEADER,
  VERB_EDGE,
  edgeSlot,
} from './trie-builder.ts';
import type { FlatTrie } from './trie-builder.ts';

/** The method of rules that answer every method. */
export const ANY_METHOD = 0;
/** A method that no rule has; only rules for every method answer it. */
export const UNKNOWN_METHOD = -1;

export interface Trie {
  readonly flat: FlatTrie;
  readonly mask: number;
  readonly shift: number;
  /** Whether the first rule is more specific than the second. */
  readonly isBetter: (a: number, b: number) => boolean;
  /** The path that is searched for. */
  readonly split: SplitPath;
  method: number;
  /** Taken at a node without a rule for `method`. */
  method2: number;
  /** Gets every rule that is met instead of ending the search there. */
  visit: ((rule: number) => void) | null;
  /** Where the custom verb begins that this search leaves off, and its hash; 0 for none. */
  verbStart: number;
  verbHash: number;
  /** How many nodes were visited since the search began. */
  steps: number;
}

export function createTrie(flat: FlatTrie, isBetter: (a: number, b: number) => boolean): Trie {
  const mask = flat.edges.length / EDGE_STRIDE - 1;
  return {
    flat,
    mask,
    shift: Math.clz32(mask + 1) + 1,
    isBetter,
    split: createSplitPath(flat.seed),
    method: UNKNOWN_METHOD,
    method2: UNKNOWN_METHOD,
    visit: null,
    verbStart: 0,
    verbHash: 0,
    steps: 0,
  };
}

/**
 * The number of the most specific rule for `trie.split`, or -1. Where that rule has a custom verb, the split path is left without it.
 * Searches the path as it is, then without each suffix that is a custom verb of the table.
 */
export function findRule(trie: Trie, method: number, method2: number): number {
  trie.method = method;
  trie.method2 = method2;
  trie.steps = 0;
  const best = walk(trie, ROOT, 0);
  return trie.flat.maxVerbColons < 0 ? best : findWithVerb(trie, best);
}

/** Calls `visit` with the number of every rule for `trie.split`, whatever its method. */
export function visitRules(trie: Trie, visit: (rule: number) => void): void {
  trie.visit = visit;
  findRule(trie, UNKNOWN_METHOD, UNKNOWN_METHOD);
  trie.visit = null;
}

function walk(trie: Trie, node: number, index: number): number {
  trie.steps++;
  const { nodes } = trie.flat;
  const { split } = trie;
  const record = node * NODE_STRIDE;
  if (index === split.count) {
    const rule = ruleAt(trie, node);
    if (rule >= 0) return rule;
  } else {
    const from = split.starts[index] as number;
    const to = (split.starts[index + 1] as number) - 1;
    if (nodes[record + 3] !== 0) {
      const next = childOf(trie, node, { hash: split.hashes[index] as number, from, to });
      if (next !== 0) {
        const rule = walk(trie, next, index + 1);
        if (rule >= 0) return rule;
      }
    }
    const star = nodes[record] as number;
    // An empty segment is none for `*`: it would bind an empty value to a path variable.
    if (star !== 0 && to > from) {
      const rule = walk(trie, star, index + 1);
      if (rule >= 0) return rule;
    }
  }
  const deep = nodes[record + 1] as number;
  return deep === 0 ? -1 : walkDeep(trie, deep, index);
}

/** `node` was reached by a `**` that begins at segment `index` and covers what the tails leave. */
function walkDeep(trie: Trie, node: number, index: number): number {
  const { count } = trie.split;
  let best = -1;
  for (const length of trie.flat.tailLengths.get(node) ?? []) {
    if (count - length < index) continue;
    const rule = walk(trie, node, count - length);
    if (rule >= 0 && (best < 0 || trie.isBetter(rule, best))) best = rule;
  }
  return best >= 0 ? best : ruleAt(trie, node);
}

/** A part of the path with its hash. */
interface Part {
  readonly hash: number;
  readonly from: number;
  readonly to: number;
}

/** The child of `parent` by an edge with the text of `part`, or 0. */
function childOf(trie: Trie, parent: number, part: Part): number {
  const { edges } = trie.flat;
  const { mask } = trie;
  for (let slot = edgeSlot(parent, part.hash, trie.shift); ; slot = (slot + 1) & mask) {
    const edge = slot * EDGE_STRIDE;
    const edgeParent = edges[edge];
    if (edgeParent === 0) return 0;
    if (edgeParent !== parent || edges[edge + 1] !== part.hash) continue;
    // Equal hashes are no proof: a client that finds a collision must not reach another rule.
    if (isText(trie, edges[edge + 3] as number, part)) return edges[edge + 2] as number;
  }
}

function isText(trie: Trie, offset: number, part: Part): boolean {
  const { texts } = trie.flat;
  const { path } = trie.split;
  const length = part.to - part.from;
  let stored = 0;
  for (let i = 0; i < TEXT_HEADER; i++) stored |= (texts[offset + i] as number) << (8 * i);
  if (stored !== length) return false;
  const base = offset + TEXT_HEADER;
  for (let i = 0; i < length; i++) {
    if (texts[base + i] !== path.charCodeAt(part.from + i)) return false;
  }
  return true;
}

/** The rule for the wanted method that ends at `node`, or -1. */
function ruleAt(trie: Trie, node: number): number {
  const { nodes, rules } = trie.flat;
  const { visit } = trie;
  const at = trie.verbStart === 0 ? node : verbChild(trie, node);
  let fallback = -1;
  let rule = nodes[at * NODE_STRIDE + 2] as number;
  for (; rule >= 0; rule = rules[rule * RULE_STRIDE + 1] as number) {
    if (visit !== null) {
      visit(rule);
      continue;
    }
    const method = rules[rule * RULE_STRIDE];
    if (method === trie.method) return rule;
    if (method === trie.method2 || (method === ANY_METHOD && fallback < 0)) fallback = rule;
  }
  return fallback;
}

/** The node of the verb that is left off; node 0, which has no rules, where no rule at `node` has it. */
function verbChild(trie: Trie, node: number): number {
  const part = { hash: trie.verbHash, from: trie.verbStart, to: trie.split.path.length };
  return childOf(trie, VERB_EDGE + node, part);
}

/** The better one of `plain`, found in the whole path, and what is found without a suffix that is a verb of the table. */
function findWithVerb(trie: Trie, plain: number): number {
  const { split } = trie;
  const { path, count } = split;
  if (count === 0) return plain;
  const lastStart = split.starts[count - 1] as number;
  const lastHash = split.hashes[count - 1] as number;
  let best = plain;
  let bestVerbStart = 0;
  let colon = path.length;
  for (let colons = 0; colons <= trie.flat.maxVerbColons; colons++) {
    colon = path.lastIndexOf(':', colon - 1);
    if (colon < lastStart) break;
    const hash = hashOfPart(split, colon + 1, path.length);
    if (childOf(trie, VERB_EDGE, { hash, from: colon + 1, to: path.length }) === 0) continue;
    cutVerb(split, colon);
    trie.verbStart = colon + 1;
    trie.verbHash = hash;
    const rule = walk(trie, ROOT, 0);
    trie.verbStart = 0;
    if (rule >= 0 && (best < 0 || trie.isBetter(rule, best))) {
      best = rule;
      bestVerbStart = colon + 1;
    }
    split.count = count;
  }
  if (bestVerbStart !== 0) cutVerb(split, bestVerbStart - 1);
  else {
    split.starts[count] = path.length + 1;
    split.hashes[count - 1] = lastHash;
  }
  return best;
}

/** Ends the last segment at `colon`. What is in front of the verb in "/:verb" is the root path. */
function cutVerb(split: SplitPath, colon: number): void {
  const { count, starts, hashes } = split;
  starts[count] = colon + 1;
  if (colon === 1) split.count = 0;
  else hashes[count - 1] = hashOfPart(split, starts[count - 1] as number, colon);
}
