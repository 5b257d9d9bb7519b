/** Which part of a path each variable of a template covers, as numbers that are worked out when the table is built. */
import { decodeCapture } from './path.ts';
import type { Template } from './template.ts';
import type { SplitPath } from './split.ts';

/**
 * Four numbers per variable: the segment it begins at, the segment behind it, 1 where it may cover several segments, and how many
 * characters of a custom verb to leave off. A negative segment number `b` counts from the end of the path: `count + b + 1`.
 */
export type CapturePlan = Int32Array;

const STRIDE = 4;
const NONE: readonly string[] = Object.freeze([]);

/** Plans by number; equal ones are one, so that those of a large table stay in the cache. */
export interface CapturePlans {
  readonly plans: CapturePlan[];
  /** The number of the plan for `template`. */
  numberOf(template: Template): number;
}

export function createCapturePlans(): CapturePlans {
  const plans: CapturePlan[] = [];
  const known = new Map<string, number>();
  return {
    plans,
    numberOf(template) {
      const numbers = planOf(template);
      const key = numbers.join(' ');
      const number = known.get(key) ?? plans.push(Int32Array.from(numbers)) - 1;
      known.set(key, number);
      return number;
    },
  };
}

/** The decoded values from a path that was matched. An array literal, since growing one costs 136 bytes. */
export function readCaptures(split: SplitPath, plan: CapturePlan): readonly string[] {
  switch (plan.length) {
    case 0:
      return NONE;
    case STRIDE:
      return [readCapture(split, plan, 0)];
    case 2 * STRIDE:
      return [readCapture(split, plan, 0), readCapture(split, plan, STRIDE)];
    default: {
      const values: string[] = [];
      for (let at = 0; at < plan.length; at += STRIDE) {
        values.push(readCapture(split, plan, at));
      }
      return values;
    }
  }
}

/** The index of the variable that covers `offset` of the path, or -1. */
export function variableAt(split: SplitPath, plan: CapturePlan, offset: number): number {
  for (let at = 0; at < plan.length; at += STRIDE) {
    if (offset >= startOf(split, plan, at) && offset < endOf(split, plan, at)) return at / STRIDE;
  }
  return -1;
}

function readCapture(split: SplitPath, plan: CapturePlan, at: number): string {
  const start = startOf(split, plan, at);
  const end = endOf(split, plan, at);
  // A `**` that covers no segment ends in front of the slash that it would begin behind.
  if (end <= start) return '';
  return decodeCapture(split.path.slice(start, end), plan[at + 2] === 1);
}

function startOf(split: SplitPath, plan: CapturePlan, at: number): number {
  const first = plan[at] as number;
  return split.starts[first < 0 ? split.count + first + 1 : first] as number;
}

function endOf(split: SplitPath, plan: CapturePlan, at: number): number {
  const behind = plan[at + 1] as number;
  const next = behind < 0 ? split.count + behind + 1 : behind;
  return (split.starts[next] as number) - 1 - (plan[at + 3] as number);
}

function planOf(template: Template): number[] {
  const { segments, variables, verb } = template;
  const deep = segments.findIndex((segment) => segment.kind === '**');
  const fromStart = (index: number): boolean => deep < 0 || index < deep;
  // The verb behind a literal is matched as part of it (specificity.ts).
  const cut = segments.at(-1)?.kind === 'literal' && verb !== '' ? verb.length + 1 : 0;
  return variables.flatMap(({ first, last, multi }) => [
    fromStart(first - 1) ? first : ~(segments.length - first),
    fromStart(last) ? last + 1 : ~(segments.length - 1 - last),
    multi ? 1 : 0,
    last === segments.length - 1 ? cut : 0,
  ]);
}
