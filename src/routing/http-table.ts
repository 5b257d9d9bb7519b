/**
 * The table of google.api.http rules: built once when a generation is built, then immutable. The time of a match depends on the path and on
 * how the templates overlap, not on how many there are.
 *
 * Of the rules that match path and HTTP method the most specific one is taken (specificity.ts), never the one registered first. A rule of
 * another method does not shadow: where `/v1/shelves/top` has only GET and `/v1/shelves/{shelf}` has POST, a POST to the former runs
 * the latter. At one template the exact method comes first, for HEAD then GET (RFC 9110 section 9.3.2), then rules for every method.
 */
import { nearMisses } from './near.ts';
import type { NearMiss } from './near.ts';
import { createCapturePlans, readCaptures, variableAt } from './captures.ts';
import type { CapturePlan } from './captures.ts';
import { faultError, preparePath, refuseDotSegments } from './path.ts';
import type { PathFault } from './path.ts';
import { shapeKey, shapeOf } from './specificity.ts';
import type { Template } from './template.ts';
import { splitPath } from './split.ts';
import {
  ANY_METHOD,
  MAX_METHOD,
  UNKNOWN_METHOD,
  createTrie,
  findRule,
  numberOf,
  planOf,
  visitRules,
} from './trie.ts';
import type { Trie } from './trie.ts';
import { createTrieBuilder } from './trie-builder.ts';

/** One rule of the table, as it was added. */
export interface HttpEntry<T> {
  /** The HTTP method, case-sensitive; `*` for every method. */
  readonly verb: string;
  readonly template: Template;
  readonly target: T;
  /** Where the rule comes from, for messages to the operator. */
  readonly describe: string;
}

export interface HttpMatch<T> {
  readonly target: T;
  /** The decoded value of each variable, in the order of the template. */
  readonly captures: readonly string[];
}

/** Two rules of the same method whose templates differ in the names of variables at most. The first one stays. */
export interface HttpConflict<T> {
  readonly first: HttpEntry<T>;
  readonly second: HttpEntry<T>;
}

export interface HttpTable<T> {
  /**
   * The rule for a request, or undefined. `rawPath` is undecoded and without the query.
   * Throws a GatewayError: PG_BAD_TARGET for dot segments, broken escapes and raw characters outside of visible ASCII,
   * PG_NOT_UTF8 where escapes decode to something else.
   */
  match(verb: string, rawPath: string): HttpMatch<T> | undefined;
  /** The methods that `rawPath` answers, sorted, for `Allow`; HEAD is implied by GET, OPTIONS is only there where a rule has it. Throws as `match`. */
  allowed(rawPath: string): string[];
  /** The rules that come closest to a request and why each of them is not taken, best first. Looks at every rule: not for requests. */
  near(verb: string, rawPath: string): NearMiss<T>[];
  /** Every rule that is in the table, in the order of adding. */
  entries(): readonly HttpEntry<T>[];
  /** How many nodes of the trie one match visits at most. Tens are usual; thousands mean templates that overlap in every combination. */
  readonly worstSteps: number;
}

export interface HttpTableBuilder<T> {
  add(verb: string, template: Template, target: T, describe: string): void;
  /** The table and the rules that did not get into it. */
  build(): { readonly table: HttpTable<T>; readonly conflicts: readonly HttpConflict<T>[] };
}

const SLASH = 0x2f;
/** What `Allow` says where a rule answers every method. */
const COMMON_METHODS = ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'];

export function createHttpTable<T>(): HttpTableBuilder<T> {
  const entries: HttpEntry<T>[] = [];
  const orders: string[] = [];
  const methods = new Map([['*', ANY_METHOD]]);
  const conflicts: HttpConflict<T>[] = [];
  const byShape = new Map<string, HttpEntry<T>>();
  const trieBuilder = createTrieBuilder();
  const capturePlans = createCapturePlans();
  return {
    add(verb, template, target, describe) {
      const entry = { verb, template, target, describe };
      const shape = shapeOf(template);
      const key = `${verb} ${shapeKey(shape)}`;
      const first = byShape.get(key);
      if (first !== undefined) {
        conflicts.push({ first, second: entry });
        return;
      }
      byShape.set(key, entry);
      const method = methods.get(verb) ?? methods.size;
      if (method > MAX_METHOD) throw new RangeError('more than 255 HTTP methods');
      methods.set(verb, method);
      const rule = entries.push(entry) - 1;
      trieBuilder.add(shape, { method, rule, plan: capturePlans.numberOf(template) });
      orders.push(shape.order);
    },
    build() {
      // Copies: what is added later belongs to the next table.
      const flat = trieBuilder.build();
      const trie = createTrie(flat, comparing(flat.rules.map((rule) => orders[rule] ?? '')));
      const plans = [...capturePlans.plans];
      const table = tableOf({ entries: [...entries], methods: new Map(methods), plans, trie });
      return { table, conflicts: [...conflicts] };
    },
  };
}

/** Out here, since a function made inside of the builder would keep the builder's tree alive for as long as the table. */
function comparing(orders: readonly string[]): (a: number, b: number) => boolean {
  return (a, b) => (orders[a] ?? '') < (orders[b] ?? '');
}

interface Parts<T> {
  /** In the order of adding. */
  readonly entries: readonly HttpEntry<T>[];
  /** The number of each method that a rule has. */
  readonly methods: ReadonlyMap<string, number>;
  readonly plans: readonly CapturePlan[];
  readonly trie: Trie;
}

function tableOf<T>(parts: Parts<T>): HttpTable<T> {
  const { entries, methods, plans, trie } = parts;
  // Apart from the entries, so that a match touches no more memory than it hands out.
  const targets = trie.flat.rules.map((rule) => entries[rule]?.target);
  const get = methods.get('GET') ?? UNKNOWN_METHOD;

  function find(verb: string): number {
    const method = methods.get(verb) ?? UNKNOWN_METHOD;
    return findRule(trie, method, verb === 'HEAD' ? get : UNKNOWN_METHOD);
  }

  return {
    match(verb, rawPath) {
      if (rawPath.charCodeAt(0) !== SLASH) return undefined;
      const fault = openPath(trie, rawPath);
      const found = find(verb);
      if (fault !== null) throw faultError(fault, coveringVariable(parts, found, fault.offset));
      if (found === 0) return undefined;
      const plan = plans[planOf(trie, found)] as CapturePlan;
      const target = targets[numberOf(trie, found)] as T;
      return { target, captures: readCaptures(trie.split, plan) };
    },
    allowed(rawPath) {
      if (rawPath.charCodeAt(0) !== SLASH) return [];
      const fault = openPath(trie, rawPath);
      if (fault !== null) throw faultError(fault, undefined);
      const verbs = new Set<string>();
      visitRules(trie, (found) => addVerbs(verbs, entryAt(parts, found)?.verb ?? ''));
      return [...verbs].sort();
    },
    near(verb, rawPath) {
      if (rawPath.charCodeAt(0) !== SLASH) return [];
      const fault = openPath(trie, rawPath);
      if (fault !== null) throw faultError(fault, undefined);
      const { path } = trie.split;
      const found = find(verb);
      const taken = found === 0 ? undefined : entryAt(parts, found);
      return nearMisses(entries, taken, { verb, path });
    },
    entries: () => entries,
    worstSteps: trie.flat.worstSteps,
  };
}

/** The entry of the rule that stands at `found`. */
function entryAt<T>({ entries, trie }: Parts<T>, found: number): HttpEntry<T> | undefined {
  return entries[trie.flat.rules[numberOf(trie, found)] ?? -1];
}

/** Splits the path in the form in which it is matched; returns what is wrong with it. */
function openPath(trie: Trie, rawPath: string): PathFault | null {
  const kind = splitPath(trie.split, rawPath, false);
  if (kind === 'plain') return null;
  if (kind === 'has-dots') refuseDotSegments(rawPath);
  const { path, fault } = preparePath(rawPath);
  splitPath(trie.split, path, true);
  return fault;
}

/** The name of the variable that covers `offset` of the path, which `found` matches. */
function coveringVariable<T>(parts: Parts<T>, found: number, offset: number): string | undefined {
  if (found === 0) return undefined;
  const { plans, trie } = parts;
  const plan = plans[planOf(trie, found)];
  if (plan === undefined) return undefined;
  const { variables } = entryAt(parts, found)?.template ?? { variables: [] };
  return variables[variableAt(trie.split, plan, offset)]?.fieldPath.join('.');
}

function addVerbs(verbs: Set<string>, verb: string): void {
  if (verb === '*') for (const common of COMMON_METHODS) verbs.add(common);
  else verbs.add(verb);
  if (verb === 'GET') verbs.add('HEAD');
}
