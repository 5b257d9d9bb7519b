/** Collects rules into a tree, which trie-layout.ts writes out for the search. Work at load time; nothing here runs per request. */
import { layOut } from './trie-layout.ts';
import type { FlatTrie } from './trie-layout.ts';
import type { Shape } from './specificity.ts';

/** A rule as it hangs on a node. */
export interface BuildRule {
  readonly method: number;
  /** The number of the rule in the table. */
  readonly rule: number;
  /** The number of its capture plan. */
  readonly plan: number;
}

export interface BuildNode {
  /** The text of the edge that leads here, ASCII; empty where `*` or `**` does. */
  readonly text: string;
  literals: Map<string, BuildNode> | null;
  verbs: Map<string, BuildNode> | null;
  star: BuildNode | null;
  deep: BuildNode | null;
  /** Of a node reached by `**`: how many segments the templates have behind it; 0 is left out. */
  tails: Set<number> | null;
  readonly rules: BuildRule[];
}

export interface TrieBuilder {
  /** Adds a rule. The caller has refused a second one of the same shape and method. */
  add(shape: Shape, rule: BuildRule): void;
  build(): FlatTrie;
}

export function createTrieBuilder(): TrieBuilder {
  const root = newNode('');
  /** Every custom verb, so that a suffix that is none costs one look-up. */
  const verbs = new Map<string, BuildNode>();
  return {
    add(shape, rule) {
      let node = addSegments(root, shape);
      if (shape.verb !== '') {
        childByText(verbs, shape.verb);
        node.verbs ??= new Map();
        node = childByText(node.verbs, shape.verb);
      }
      node.rules.push(rule);
    },
    build: () => layOut(root, verbs),
  };
}

function addSegments(root: BuildNode, shape: Shape): BuildNode {
  let node = root;
  for (const [index, segment] of shape.segments.entries()) {
    if (segment.kind === 'literal') {
      node.literals ??= new Map();
      node = childByText(node.literals, segment.text);
    } else if (segment.kind === '*') {
      node = node.star ??= newNode('');
    } else {
      node = node.deep ??= newNode('');
      const tail = shape.segments.length - 1 - index;
      if (tail > 0) (node.tails ??= new Set()).add(tail);
    }
  }
  return node;
}

function childByText(children: Map<string, BuildNode>, text: string): BuildNode {
  const known = children.get(text);
  if (known !== undefined) return known;
  const child = newNode(text);
  children.set(text, child);
  return child;
}

function newNode(text: string): BuildNode {
  return { text, literals: null, verbs: null, star: null, deep: null, tails: null, rules: [] };
}
