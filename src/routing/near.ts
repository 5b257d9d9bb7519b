/** Why rules do not answer a request: for `polygate explain`. Looks at every rule, so it is no part of answering requests. */
import type { HttpEntry } from './http-table.ts';
import type { Segment } from './template.ts';

export interface NearMiss<T> {
  readonly entry: HttpEntry<T>;
  /** As `segment 2 of the path is "books", the rule has "shelves"`. */
  readonly reason: string;
}

interface Request {
  readonly verb: string;
  /** As prepared by path.ts. */
  readonly path: string;
}

interface Judged<T> extends NearMiss<T> {
  /** How many segments agree, more for what differs in the verb alone. */
  readonly score: number;
}

type Judgement = Omit<Judged<never>, 'entry'>;

/** More would bury the one that the operator meant. */
const MOST_MISSES = 5;
/** Above any number of segments: the path agrees. */
const PATH_AGREES = 1e6;

/** The rules that come closest, best first; `taken` is the one that answers and is left out. */
export function nearMisses<T>(
  entries: readonly HttpEntry<T>[],
  taken: HttpEntry<T> | undefined,
  request: Request,
): NearMiss<T>[] {
  const judged: Judged<T>[] = [];
  for (const entry of entries) {
    if (entry === taken) continue;
    const judgement = judge(entry, request);
    if (judgement.score === 0) continue;
    // Where as much of the path agrees, a rule for the same method is the one that was meant.
    const score = judgement.score + (answers(entry.verb, request.verb) ? 0.5 : 0);
    judged.push({ entry, reason: judgement.reason, score });
  }
  judged.sort((a, b) => b.score - a.score);
  return judged.slice(0, MOST_MISSES).map(({ entry, reason }) => ({ entry, reason }));
}

function judge<T>(entry: HttpEntry<T>, request: Request): Judgement {
  const { template } = entry;
  const suffix = `:${template.verb}`;
  if (template.verb !== '' && !request.path.endsWith(suffix)) {
    const whole = compare(template.segments, segmentsOf(request.path));
    if (whole.score < PATH_AGREES) return whole;
    return { score: PATH_AGREES - 1, reason: `the rule ends with the custom verb "${suffix}"` };
  }
  const cut = template.verb === '' ? request.path : request.path.slice(0, -suffix.length);
  const compared = compare(template.segments, segmentsOf(cut));
  if (compared.score < PATH_AGREES) return compared;
  if (answers(entry.verb, request.verb)) {
    return { score: PATH_AGREES + 1, reason: 'it matches too, but a more specific rule is taken' };
  }
  return { score: PATH_AGREES, reason: `it answers ${entry.verb}, not ${request.verb}` };
}

function answers(ruleVerb: string, verb: string): boolean {
  return ruleVerb === verb || ruleVerb === '*' || (verb === 'HEAD' && ruleVerb === 'GET');
}

function segmentsOf(path: string): string[] {
  return path === '/' ? [] : path.slice(1).split('/');
}

/** Compares from the left up to `**`, then what is behind it from its own left. */
function compare(rule: readonly Segment[], path: readonly string[]): Judgement {
  const deep = rule.findIndex((segment) => segment.kind === '**');
  if (deep < 0) return compareRun(rule, path, 0);
  const tail = rule.slice(deep + 1);
  if (path.length < rule.length - 1)
    return compareRun(
      rule.filter((_, i) => i !== deep),
      path,
      0,
    );
  const head = compareRun(rule.slice(0, deep), path.slice(0, deep), 0);
  if (head.score < PATH_AGREES) return head;
  const from = path.length - tail.length;
  const end = compareRun(tail, path.slice(from), from);
  return end.score < PATH_AGREES ? { ...end, score: deep + end.score } : end;
}

/** `offset`: how many segments of the path stand in front, for the count in the message. */
function compareRun(rule: readonly Segment[], path: readonly string[], offset: number): Judgement {
  const length = Math.max(rule.length, path.length);
  for (let i = 0; i < length; i++) {
    const wanted = rule[i];
    const found = path[i];
    if (wanted === undefined)
      return { score: i, reason: `the path goes on with "${found}" where the rule ends` };
    const name = wanted.kind === 'literal' ? wanted.text : wanted.kind;
    if (found === undefined)
      return { score: i, reason: `the path ends where the rule goes on with "${name}"` };
    if (wanted.kind === 'literal' ? wanted.text === found : found !== '') continue;
    const has = found === '' ? 'empty' : `"${found}"`;
    return {
      score: i,
      reason: `segment ${offset + i + 1} of the path is ${has}, the rule has "${name}"`,
    };
  }
  return { score: PATH_AGREES, reason: '' };
}
