/**
 * The words of the trie: what a node is made of, for who writes it (trie-layout.ts) and who reads it (trie.ts).
 */
/**
 * A node is the offset of its header word. Behind it stand, each only where the header says so: PARENT, TEXT (padded to words), LITERAL,
 * DEEP, VERB, STAR (offsets of nodes), and if there are rules the number of the first one and a word for each ({@link ruleMethod},
 * {@link rulePlan}).
 */
export const HAS_PARENT = 1;
/** One literal child; several are found by hash. */
export const HAS_LITERAL = 2;
export const HAS_DEEP = 4;
/** One custom verb; several are found by hash. */
export const HAS_VERB = 8;
export const HAS_STAR = 16;
export const MANY_LITERALS = 32;
export const MANY_VERBS = 64;
/** The node was reached by `**` and has `tailLengths`. */
export const HAS_TAILS = 128;
const RULE_COUNT_SHIFT = 8;
const RULE_COUNT_MASK = 0xff;
const LENGTH_SHIFT = 16;
const METHOD_BITS = 8;
/** Of a rule among those of its node. */
const INDEX_BITS = 8;
const MAX_PLANS = 1 << 16;

/** 64 bytes. */
export const CELL_WORDS = 16;
/** Where the cells begin. Large blocks of glibc's malloc begin 16 bytes behind a cache line; elsewhere a cell may lie in two of them. */
const FIRST_CELL = 12;

/**
 * Stands beside the parent of a verb, so that a verb is never taken for a literal of the same text. Alone it is the parent of the list of
 * all verbs, which are nodes without rules.
 */
export const VERB_BIT = 0x40000000;

/** FNV-1a over char codes, one step. */
export function hashStep(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

/** What an edge is looked up by; the top bits are the cell. Texts and parents are compared, so collisions only cost time. */
export function edgeKey(parent: number, hash: number): number {
  return Math.imul((hash + Math.imul(parent, 0x9e3779b1)) | 0, 0x85ebca6b);
}

/** The offset of cell number `cell`. */
export function cellAt(cell: number): number {
  return FIRST_CELL + cell * CELL_WORDS;
}

/** Where the text begins: behind the header and PARENT. */
export function textAt(node: number, header: number): number {
  return node + 1 + (header & HAS_PARENT);
}

export function textLength(header: number): number {
  return header >>> LENGTH_SHIFT;
}

/** Where the words of children begin. */
export function childrenAt(node: number, header: number): number {
  return textAt(node, header) + ((textLength(header) + 3) >> 2);
}

/** Where STAR stands, if there is one; VERB is the word in front of it. */
export function starAt(node: number, header: number): number {
  return (
    childrenAt(node, header) + ((header >>> 1) & 1) + ((header >>> 2) & 1) + ((header >>> 3) & 1)
  );
}

export function ruleCount(header: number): number {
  return (header >>> RULE_COUNT_SHIFT) & RULE_COUNT_MASK;
}

/** Where the first rule stands, if there is one. */
export function rulesAt(node: number, header: number): number {
  return starAt(node, header) + ((header >>> 4) & 1) + 1;
}

/** The number of the rule that stands at `rule`. */
export function ruleNumber(words: Int32Array, rule: number): number {
  const index = ((words[rule] as number) >>> METHOD_BITS) & ((1 << INDEX_BITS) - 1);
  return (words[rule - index - 1] as number) + index;
}

export function ruleMethod(word: number): number {
  return word & ((1 << METHOD_BITS) - 1);
}

export function rulePlan(word: number): number {
  return word >>> (METHOD_BITS + INDEX_BITS);
}

/** A header from its flags. */
export function headerWord(flags: number, rules: number, length: number): number {
  if (rules > RULE_COUNT_MASK) throw new RangeError('more than 255 methods at one path');
  return flags | (rules << RULE_COUNT_SHIFT) | (length << LENGTH_SHIFT);
}

/** The word of the rule that stands at `index` among those of its node. */
export function ruleWord(index: number, method: number, plan: number): number {
  if (plan >= MAX_PLANS) throw new RangeError('more than 65,536 arrangements of variables');
  return method | (index << METHOD_BITS) | (plan << (METHOD_BITS + INDEX_BITS));
}
