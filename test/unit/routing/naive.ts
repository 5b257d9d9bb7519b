/**
 * A second, slow matcher, written from the rules of docs/transcoding.md alone and without a line of src/routing: it tries every rule in
 * every way and sorts what matches. Tests compare the table with it.
 */

export interface NaiveRule {
  readonly verb: string;
  readonly template: string;
}

export interface NaiveMatch {
  readonly rule: number;
  readonly captures: readonly string[];
}

/** A template as pieces: segments with the number of the variable that each belongs to, or -1. */
interface Pieces {
  readonly kinds: readonly string[];
  readonly owners: readonly number[];
  readonly variables: number;
  readonly suffix: string;
}

/** Templates of the test only: no colon but that of the verb, no escapes. */
function piecesOf(template: string): Pieces {
  const colon = template.indexOf(':');
  const suffix = colon < 0 ? '' : template.slice(colon);
  let rest = colon < 0 ? template : template.slice(0, colon);
  const kinds: string[] = [];
  const owners: number[] = [];
  let variables = 0;
  while (rest !== '' && rest !== '/') {
    rest = rest.slice(1);
    const variable = /^\{[^=}]+(?:=([^}]*))?\}/.exec(rest);
    const plain = /^[^/]+/.exec(rest)?.[0] ?? '';
    for (const kind of (variable === null ? plain : (variable[1] ?? '*')).split('/')) {
      kinds.push(kind);
      owners.push(variable === null ? -1 : variables);
    }
    if (variable !== null) variables++;
    rest = rest.slice(variable === null ? plain.length : variable[0].length);
  }
  return { kinds, owners, variables, suffix };
}

/** The segments of the path that each segment of the template covers, or undefined. Tries every length of `**`. */
function assign(kinds: readonly string[], segments: readonly string[]): string[][] | undefined {
  const [kind, ...restKinds] = kinds;
  if (kind === undefined) return segments.length === 0 ? [] : undefined;
  if (kind === '**') {
    for (let length = 0; length <= segments.length; length++) {
      const rest = assign(restKinds, segments.slice(length));
      if (rest !== undefined) return [segments.slice(0, length), ...rest];
    }
    return undefined;
  }
  const [segment, ...restSegments] = segments;
  if (segment === undefined) return undefined;
  if (kind === '*' ? segment === '' : segment !== kind) return undefined;
  const rest = assign(restKinds, restSegments);
  return rest === undefined ? undefined : [[segment], ...rest];
}

function capturesOf(pieces: Pieces, covered: readonly (readonly string[])[]): string[] {
  return Array.from({ length: pieces.variables }, (_, variable) => {
    const owned = covered.filter((_segments, i) => pieces.owners[i] === variable);
    const raw = owned.flat().join('/');
    const multi = owned.length > 1 || pieces.kinds[pieces.owners.indexOf(variable)] === '**';
    if (!multi) return decodeURIComponent(raw);
    return raw
      .split(/(%2F)/i)
      .map((part) => (/^%2F$/i.test(part) ? part : decodeURIComponent(part)))
      .join('');
  });
}

/** Smaller is more specific; a template that ends counts between `*` and `**`. */
function rank(kinds: readonly string[], at: number): number {
  const kind = kinds[at];
  if (kind === undefined) return 2;
  if (kind === '**') return 3;
  return kind === '*' ? 1 : 0;
}

function compare(a: Pieces, b: Pieces): number {
  for (let i = 0; i < Math.max(a.kinds.length, b.kinds.length); i++) {
    const difference = rank(a.kinds, i) - rank(b.kinds, i);
    if (difference !== 0) return difference;
  }
  return b.suffix.length - a.suffix.length;
}

function verbRank(rule: string, verb: string): number {
  if (rule === verb) return 0;
  if (verb === 'HEAD' && rule === 'GET') return 1;
  return rule === '*' ? 2 : 3;
}

function matchesPath(template: string, path: string): string[] | undefined {
  const pieces = piecesOf(template);
  if (!path.endsWith(pieces.suffix)) return undefined;
  const cut = path.slice(0, path.length - pieces.suffix.length);
  if (!cut.startsWith('/')) return undefined;
  const covered = assign(pieces.kinds, cut === '/' ? [] : cut.slice(1).split('/'));
  return covered === undefined ? undefined : capturesOf(pieces, covered);
}

/** The rule for the request: the most specific template first, then the method. */
export function naiveMatch(
  rules: readonly NaiveRule[],
  verb: string,
  path: string,
): NaiveMatch | undefined {
  const found = rules.flatMap((rule, index) => {
    const captures = verbRank(rule.verb, verb) < 3 ? matchesPath(rule.template, path) : undefined;
    return captures === undefined ? [] : [{ rule: index, captures }];
  });
  const text = (index: number): NaiveRule => rules[index] ?? { verb: '', template: '' };
  found.sort(
    (a, b) =>
      compare(piecesOf(text(a.rule).template), piecesOf(text(b.rule).template)) ||
      verbRank(text(a.rule).verb, verb) - verbRank(text(b.rule).verb, verb),
  );
  return found[0];
}

/** The verbs of all rules for the path. */
export function naiveAllowed(rules: readonly NaiveRule[], path: string): string[] {
  const verbs = rules.filter((r) => matchesPath(r.template, path) !== undefined).map((r) => r.verb);
  return [...new Set(verbs.flatMap((verb) => (verb === 'GET' ? ['GET', 'HEAD'] : [verb])))].sort();
}
