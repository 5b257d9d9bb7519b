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
import { capturePlanner, readCaptures, variableAt } from './captures.ts';
import type { CapturePlan } from './captures.ts';
import { faultError, preparePath, refuseDotSegments } from './path.ts';
import type { PathFault, PreparedPath } from './path.ts';
import { shapeKey, shapeOf } from './specificity.ts';
import type { Template } from './template.ts';
import { splitPath } from './split.ts';
import { ANY_METHOD, UNKNOWN_METHOD, createTrie, findRule, visitRules } from './trie.ts';
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
  const rules: Rules<T> = {
    entries: [],
    plans: [],
    orders: [],
    methods: new Map([['*', ANY_METHOD]]),
  };
  const conflicts: HttpConflict<T>[] = [];
  const byShape = new Map<string, HttpEntry<T>>();
  const trieBuilder = createTrieBuilder();
  const planCaptures = capturePlanner();
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
      const { methods } = rules;
      const method = methods.get(verb) ?? methods.size;
      methods.set(verb, method);
      trieBuilder.add(shape, method);
      rules.entries.push(entry);
      rules.plans.push(planCaptures(template));
      rules.orders.push(shape.order);
    },
    build() {
      // Copies: what is added later belongs to the next table.
      const { entries, plans, orders, methods } = rules;
      const own = {
        entries: [...entries],
        plans: [...plans],
        orders: [...orders],
        methods: new Map(methods),
      };
      const flat = trieBuilder.build();
      const trie = createTrie(flat, (a, b) => (own.orders[a] ?? '') < (own.orders[b] ?? ''));
      return { table: tableOf(own, trie, flat.worstSteps), conflicts: [...conflicts] };
    },
  };
}

/** Parallel arrays by number of the rule, so that a match touches no more than it hands out. */
interface Rules<T> {
  readonly entries: HttpEntry<T>[];
  readonly plans: CapturePlan[];
  readonly orders: string[];
  readonly methods: Map<string, number>;
}

function tableOf<T>(rules: Rules<T>, trie: Trie, worstSteps: number): HttpTable<T> {
  const { entries, plans, methods } = rules;
  const targets = entries.map((entry) => entry.target);
  const get = methods.get('GET') ?? UNKNOWN_METHOD;

  function find(verb: string): number {
    return findRule(
      trie,
      methods.get(verb) ?? UNKNOWN_METHOD,
      verb === 'HEAD' ? get : UNKNOWN_METHOD,
    );
  }

  return {
    match(verb, rawPath) {
      if (rawPath.charCodeAt(0) !== SLASH) return undefined;
      const { fault } = openPath(trie, rawPath);
      const rule = find(verb);
      if (fault !== null) throw faultError(fault, variableName(rules, trie, { rule, fault }));
      if (rule < 0) return undefined;
      const captures = readCaptures(trie.split, plans[rule] as CapturePlan);
      return { target: targets[rule] as T, captures };
    },
    allowed(rawPath) {
      if (rawPath.charCodeAt(0) !== SLASH) return [];
      const { fault } = openPath(trie, rawPath);
      if (fault !== null) throw faultError(fault, undefined);
      const found = new Set<string>();
      visitRules(trie, (rule) => addMethods(found, entries[rule]?.verb ?? ''));
      return [...found].sort();
    },
    near(verb, rawPath) {
      if (rawPath.charCodeAt(0) !== SLASH) return [];
      const { path } = openPath(trie, rawPath);
      const taken = entries[find(verb)];
      return nearMisses(entries, taken, { verb, path });
    },
    entries: () => entries,
    worstSteps,
  };
}

/** Splits the path in the form in which it is matched. Inlined into `match`, so the object of a plain path is never made. */
function openPath(trie: Trie, rawPath: string): PreparedPath {
  const kind = splitPath(trie.split, rawPath, false);
  if (kind === 'plain') return { path: rawPath, fault: null };
  if (kind === 'has-dots') refuseDotSegments(rawPath);
  const prepared = preparePath(rawPath);
  splitPath(trie.split, prepared.path, true);
  return prepared;
}

/** The name of the variable that covers the fault in a path that `rule` matches. */
function variableName<T>(
  rules: Rules<T>,
  trie: Trie,
  at: { rule: number; fault: PathFault },
): string | undefined {
  const plan = rules.plans[at.rule];
  if (plan === undefined) return undefined;
  const variable =
    rules.entries[at.rule]?.template.variables[variableAt(trie.split, plan, at.fault.offset)];
  return variable?.fieldPath.join('.');
}

function addMethods(found: Set<string>, verb: string): void {
  if (verb === '*') for (const common of COMMON_METHODS) found.add(common);
  else found.add(verb);
  if (verb === 'GET') found.add('HEAD');
}
