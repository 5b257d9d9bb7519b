/**
 * The search in the array of trie-layout.ts: depth first, the most specific child first, so that the first rule found is the one taken.
 * Only two places have to compare: behind `**`, where tails of different lengths begin at different segments, and a path whose last
 * segment may be read with and without a custom verb.
 *
 * A search visits at most {@link FlatTrie.worstSteps} nodes, whatever the path: in front of `**` a node is reached in one way only, and
 * behind it a tail is aligned with the end of the path, so nothing is tried at every position.
 */
import { createSplitPath, endOf, hashOfPart, hashOfSegment } from './split.ts';
import type { SplitPath } from './split.ts';
import {
  HAS_DEEP,
  HAS_LITERAL,
  HAS_STAR,
  HAS_TAILS,
  HAS_VERB,
  MANY_LITERALS,
  MANY_VERBS,
  VERB_BIT,
  cellAt,
  childrenAt,
  edgeKey,
  ruleCount,
  ruleMethod,
  ruleNumber,
  rulePlan,
  rulesAt,
  starAt,
  textAt,
  textLength,
} from './trie-node.ts';
import type { FlatTrie } from './trie-layout.ts';

/** The method of rules that answer every method. */
export const ANY_METHOD = 0;
/** A method that no rule has; only rules for every method answer it. */
export const UNKNOWN_METHOD = -1;

/** Method numbers share a word with the number of the capture plan. */
export const MAX_METHOD = 255;

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
  /** Gets every rule that is met, which then does not end the search. */
  visit: ((found: number) => void) | null;
  /** Where the custom verb begins that this search leaves off, and its hash; 0 for none. */
  verbStart: number;
  verbHash: number;
  /** How many nodes were visited since the search began. */
  steps: number;
}

export function createTrie(flat: FlatTrie, isBetter: (a: number, b: number) => boolean): Trie {
  return {
    flat,
    mask: flat.cells - 1,
    shift: Math.clz32(flat.cells) + 1,
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
 * Where in `trie.flat.words` the most specific rule for `trie.split` stands, or 0: {@link numberOf} and {@link planOf} read it.
 * Where that rule has a custom verb, the split path is left without it.
 * Searches the path as it is, then without each suffix that is a custom verb of the table.
 */
export function findRule(trie: Trie, method: number, method2: number): number {
  trie.method = method;
  trie.method2 = method2;
  trie.steps = 0;
  const best = walk(trie, trie.flat.root, 0);
  return trie.flat.maxVerbColons < 0 ? best : findWithVerb(trie, best);
}

/** The number of the rule that was found. */
export function numberOf(trie: Trie, found: number): number {
  return ruleNumber(trie.flat.words, found);
}

/** The number of its capture plan. */
export function planOf(trie: Trie, found: number): number {
  return rulePlan(trie.flat.words[found] as number);
}

/** Calls `visit` with the place of every rule for `trie.split`, whatever its method. */
export function visitRules(trie: Trie, visit: (found: number) => void): void {
  trie.visit = visit;
  findRule(trie, UNKNOWN_METHOD, UNKNOWN_METHOD);
  trie.visit = null;
}

function walk(trie: Trie, node: number, index: number): number {
  trie.steps++;
  const { words } = trie.flat;
  const { split } = trie;
  const header = words[node] as number;
  if (index === split.count) {
    const found = ruleAt(trie, node);
    if (found !== 0) return found;
  } else {
    const literal = literalChild(trie, node, index);
    if (literal !== 0) {
      const found = walk(trie, literal, index + 1);
      if (found !== 0) return found;
    }
    // An empty segment is none for `*`: it would bind an empty value to a path variable.
    if ((header & HAS_STAR) !== 0 && endOf(split, index) > (split.starts[index] as number)) {
      const found = walk(trie, words[starAt(node, header)] as number, index + 1);
      if (found !== 0) return found;
    }
  }
  if ((header & HAS_DEEP) === 0) return 0;
  const place = childrenAt(node, header) + ((header & HAS_LITERAL) === 0 ? 0 : 1);
  return walkDeep(trie, words[place] as number, index);
}

/** `node` was reached by a `**` that begins at segment `index` and covers what the tails leave. */
function walkDeep(trie: Trie, node: number, index: number): number {
  if (((trie.flat.words[node] as number) & HAS_TAILS) === 0) return ruleAt(trie, node);
  const { count } = trie.split;
  let best = 0;
  for (const length of trie.flat.tailLengths.get(node) ?? []) {
    if (count - length >= index) best = better(trie, walk(trie, node, count - length), best);
  }
  return best === 0 ? ruleAt(trie, node) : best;
}

/** Of two findings, either of them 0 for none. */
function better(trie: Trie, found: number, best: number): number {
  if (found === 0 || best === 0) return found + best;
  return trie.isBetter(numberOf(trie, found), numberOf(trie, best)) ? found : best;
}

/** The child of `node` by the literal that segment `index` of the path is, or 0. */
function literalChild(trie: Trie, node: number, index: number): number {
  const { split } = trie;
  const { words } = trie.flat;
  const header = words[node] as number;
  if ((header & (HAS_LITERAL | MANY_LITERALS)) === 0) return 0;
  const from = split.starts[index] as number;
  const to = endOf(split, index);
  if ((header & MANY_LITERALS) !== 0) {
    return lookUp(trie, node, edgeKey(node, hashOfSegment(split, index)), from, to);
  }
  const only = words[childrenAt(node, header)] as number;
  return isText(trie, only, from, to) ? only : 0;
}

/** The child of `parent` whose text is the path from `from` to `to`, or 0. */
// oxlint-disable-next-line max-params -- an object for each look-up would be garbage on the hot path
function lookUp(trie: Trie, parent: number, key: number, from: number, to: number): number {
  const { words } = trie.flat;
  const { mask } = trie;
  for (let cell = key >>> trie.shift; ; cell = (cell + 1) & mask) {
    let child = cellAt(cell);
    const first = words[child] as number;
    if (first === 0) return 0;
    if (first < 0) child = -first;
    // An equal hash is no proof: a client that finds a collision must not reach another rule.
    if (words[child + 1] === parent && isText(trie, child, from, to)) return child;
  }
}

/** Whether the edge to `node` has the text that the path has from `from` to `to`. */
function isText(trie: Trie, node: number, from: number, to: number): boolean {
  const { words, bytes } = trie.flat;
  const { path } = trie.split;
  const length = to - from;
  const header = words[node] as number;
  if (textLength(header) !== length) return false;
  const base = textAt(node, header) * 4;
  for (let i = 0; i < length; i++) {
    if (bytes[base + i] !== path.charCodeAt(from + i)) return false;
  }
  return true;
}

/** The rule for the wanted method that ends at `node`, or 0. */
function ruleAt(trie: Trie, node: number): number {
  const { words } = trie.flat;
  const { visit, method, method2 } = trie;
  const at = trie.verbStart === 0 ? node : verbChild(trie, node);
  if (at === 0) return 0;
  let fallback = 0;
  const header = words[at] as number;
  const first = rulesAt(at, header);
  const end = first + ruleCount(header);
  for (let rule = first; rule < end; rule++) {
    if (visit !== null) {
      visit(rule);
      continue;
    }
    const own = ruleMethod(words[rule] as number);
    if (own === method) return rule;
    if (own === method2 || (own === ANY_METHOD && fallback === 0)) fallback = rule;
  }
  return fallback;
}

/** The node of the verb that is left off, or 0 where no rule at `node` has it. */
function verbChild(trie: Trie, node: number): number {
  const { words } = trie.flat;
  const header = words[node] as number;
  if ((header & (HAS_VERB | MANY_VERBS)) === 0) return 0;
  const from = trie.verbStart;
  const to = trie.split.path.length;
  if ((header & MANY_VERBS) !== 0) {
    const parent = node | VERB_BIT;
    return lookUp(trie, parent, edgeKey(parent, trie.verbHash), from, to);
  }
  // VERB is the word in front of STAR.
  const only = words[starAt(node, header) - 1] as number;
  return isText(trie, only, from, to) ? only : 0;
}

/** The better one of `plain`, found in the whole path, and what is found without a suffix that is a verb of the table. */
function findWithVerb(trie: Trie, plain: number): number {
  const { split } = trie;
  const { path, count } = split;
  if (count === 0) return plain;
  let best = plain;
  let bestColon = -1;
  let colon = path.length;
  for (let colons = 0; colons <= trie.flat.maxVerbColons; colons++) {
    colon = path.lastIndexOf(':', colon - 1);
    if (colon < (split.starts[count - 1] as number)) break;
    const hash = hashOfPart(split, colon + 1, path.length);
    const key = edgeKey(VERB_BIT, hash);
    if (lookUp(trie, VERB_BIT, key, colon + 1, path.length) === 0) continue;
    endLastSegment(split, count, colon);
    trie.verbStart = colon + 1;
    trie.verbHash = hash;
    const found = walk(trie, trie.flat.root, 0);
    trie.verbStart = 0;
    if (found === 0 || better(trie, found, best) !== found) continue;
    best = found;
    bestColon = colon;
  }
  endLastSegment(split, count, bestColon < 0 ? path.length : bestColon);
  return best;
}

/** Ends the last of `count` segments in front of `end`. What is in front of the verb in "/:verb" is the root path. */
function endLastSegment(split: SplitPath, count: number, end: number): void {
  split.starts[count] = end + 1;
  split.hashes[count - 1] = 0;
  split.count = end === 1 ? 0 : count;
}
