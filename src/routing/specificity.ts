/**
 * Which of two rules that match the same path is taken: the more specific one, never the one that was registered first.
 *
 * Literal before `*` before `**`, segment by segment from the left, then the longer custom verb (so a rule with a verb before one without).
 * A template that ends where the other goes on with `**` is the more specific one (`/a` before `/a/**` for `/a`); one that goes on
 * behind `**` is more specific than one that ends there (`/**` + `/b` before `/**`).
 */
import type { Segment, Template } from './template.ts';

/** How a template is matched: its verb is part of the last segment where that is a literal. */
export interface Shape {
  readonly segments: readonly Segment[];
  /** Looked for behind the last segment; empty for none. */
  readonly verb: string;
  /** Of two rules that match the same path, the one with the smaller key wins; equal keys mean equal shapes. */
  readonly order: string;
}

const KIND_KEY = { literal: '0', '*': '1', '**': '3' } as const;
const END_KEY = '2';

/** The shape of `template`. Two templates with the same {@link shapeKey} match the same paths and cannot be told apart. */
export function shapeOf(template: Template): Shape {
  const last = template.segments.at(-1);
  let { segments, verb } = template;
  if (last?.kind === 'literal' && verb !== '') {
    segments = [...segments.slice(0, -1), { kind: 'literal', text: `${last.text}:${verb}` }];
    verb = '';
  }
  const kinds = segments.map((segment) => KIND_KEY[segment.kind]).join('');
  // A longer verb must sort first, and equal lengths only match the same path when they are equal.
  const verbKey = String.fromCharCode(0xffff - Math.min(verb.length, 0xffff));
  return { segments, verb, order: kinds + END_KEY + verbKey };
}

/** The template without the names of its variables, in the form in which it is matched. */
export function shapeKey(shape: Shape): string {
  const texts = shape.segments.map((segment) =>
    segment.kind === 'literal' ? segment.text : segment.kind,
  );
  // A literal never holds "*" or "/", so the key is unambiguous; the verb of a literal is in the literal.
  return `/${texts.join('/')}${shape.verb === '' ? '' : `:${shape.verb}`}`;
}
