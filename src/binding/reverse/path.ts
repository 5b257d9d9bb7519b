/** The path of a request from the fields of its message. Source: google/api/http.proto, "Path template syntax". */
import { valueText } from '../../codecs/field-text.ts';
import { invalidValue, quote } from '../../codecs/problems.ts';
import { layoutOf, type FieldLayout } from '../../codecs/proto-json/layout.ts';
import { specialForm } from '../../codecs/special.ts';
import type { Segment, Template, Variable } from '../../routing/template.ts';
import type { HttpRule } from '../../schema/model.ts';
import type { Target } from '../target.ts';
import { BindingError } from '../types.ts';
import { escapeText } from './escape.ts';
import type { MessageView } from './view.ts';

/** Throws PG_INVALID_VALUE where a value does not fit the template. */
export type WritePath = (message: MessageView) => string;

type Part = string | ((message: MessageView) => string);

/** Throws a BindingError where a part of the template stands for no field: there is no value to put there. */
export function planPath(
  rule: HttpRule,
  { segments, variables, verb }: Template,
  targets: readonly Target[],
): WritePath {
  const parts: Part[] = [];
  let text = '';
  for (let at = 0; at < segments.length; at++) {
    text += '/';
    const index = variables.findIndex(({ first }) => first === at);
    const variable = variables[index];
    const target = targets[index];
    const segment = segments[at];
    if (variable !== undefined && target !== undefined) {
      parts.push(text, variableWriter(variable, target, segments));
      text = '';
      at = variable.last;
    } else if (segment?.kind === 'literal') {
      text += segment.text;
    } else {
      const reason = `a service can't be called by a path with "${segment?.kind}" outside of a variable, since no field says what stands there`;
      throw new BindingError(rule, reason);
    }
  }
  parts.push(verb === '' ? text : `${text}:${verb}`);
  return (message) => {
    let path = '';
    for (const part of parts) path += typeof part === 'string' ? part : part(message);
    return path === '' ? '/' : path;
  };
}

function variableWriter(
  variable: Variable,
  target: Target,
  segments: readonly Segment[],
): (message: MessageView) => string {
  const name = variable.fieldPath.join('.');
  const pattern = segments.slice(variable.first, variable.last + 1);
  const numbers = [...target.parents, target.leaf].map(({ field }) => field.number);
  return (message) => {
    const text = textAt(message, numbers);
    if (text === undefined || text === '')
      throw invalidValue(name, 'the path needs a value for it');
    refuseDots(name, text);
    if (!variable.multi) return escapeText(text);
    const parts = text.split('/');
    if (!fits(parts, pattern)) {
      const expected = pattern.map((one) => (one.kind === 'literal' ? one.text : one.kind));
      throw invalidValue(name, `expected ${quote(expected.join('/'))}, found ${quote(text)}`);
    }
    return parts.map(escapeText).join('/');
  };
}

/** The text of the field, that of its default where it has no presence; undefined where it is not set. */
function textAt(message: MessageView, numbers: readonly number[]): string | undefined {
  let view: MessageView | undefined = message;
  let layout = message.layout;
  for (const [index, number] of numbers.entries()) {
    const field: FieldLayout | undefined = layout.byNumber.get(number);
    if (field === undefined) return undefined;
    if (index === numbers.length - 1) return leafText(view, field);
    view = view?.child(field);
    if (field.value.message === null) return undefined;
    layout = layoutOf(field.value.message.model);
  }
  return undefined;
}

function leafText(view: MessageView | undefined, field: FieldLayout): string | undefined {
  const { message } = field.value;
  // What stands as one string or number is merged as a message before it is read.
  if (message !== null && specialForm(message.model) !== undefined) {
    const child = view?.child(field);
    if (child === undefined) return undefined;
    return valueText(field.value, child.bytes, { start: 0, end: child.bytes.length });
  }
  const place = view?.places(field)?.at(-1);
  if (place !== undefined && view !== undefined) return valueText(field.value, view.bytes, place);
  return field.presence ? undefined : valueText(field.value, new Uint8Array(), undefined);
}

/** No escape hides a dot segment (RFC 3986 section 6.2.2.2): it would climb out of the resource that the rule names. */
function refuseDots(name: string, text: string): void {
  for (const part of text.split('/')) {
    if (part === '.' || part === '..') {
      throw invalidValue(name, `a path can't have the segment "${part}", found ${quote(text)}`);
    }
  }
}

/** Whether the parts of a value are what the variable's own template takes; an empty one never is. */
function fits(parts: readonly string[], pattern: readonly Segment[]): boolean {
  if (parts.includes('')) return false;
  const deep = pattern.findIndex(({ kind }) => kind === '**');
  if (deep < 0) return parts.length === pattern.length && allFit(parts, pattern);
  const behind = pattern.length - deep - 1;
  if (parts.length < deep + behind) return false;
  return (
    allFit(parts.slice(0, deep), pattern.slice(0, deep)) &&
    allFit(parts.slice(parts.length - behind), pattern.slice(deep + 1))
  );
}

function allFit(parts: readonly string[], pattern: readonly Segment[]): boolean {
  return pattern.every(
    (one, index) => one.kind !== 'literal' || decodeURIComponent(one.text) === parts[index],
  );
}
