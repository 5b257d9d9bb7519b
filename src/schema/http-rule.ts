/**
 * A google.api.HttpRule, checked and flattened into bindings. Source: google/api/http.proto.
 * The path template is only carried: its grammar is routing's, its field paths are binding's.
 */
import type protobuf from 'protobufjs';
import { nearest } from '../lib/nearest.ts';
import { METHODS } from '../lib/node-http.ts';
import { fullNameOf } from './collected.ts';
import type { HttpRule } from './model.ts';

/** The method that a rule is for. */
export interface RuleTarget {
  readonly input: protobuf.Type;
  readonly output: protobuf.Type;
  /** For {@link HttpRule.origin}. */
  readonly origin: string;
}

/** Told what is wrong, one sentence each. */
export type Report = (message: string) => void;

const VERBS: readonly string[] = ['get', 'put', 'post', 'delete', 'patch'];
const FIELDS: readonly string[] = [
  ...VERBS,
  'custom',
  'body',
  'response_body',
  'additional_bindings',
  'selector',
];
/** The JSON names that differ, for YAML written in them. */
const JSON_NAMES: ReadonlyMap<string, string> = new Map([
  ['responseBody', 'response_body'],
  ['additionalBindings', 'additional_bindings'],
]);

/**
 * The bindings of a rule object: itself first, then its additional ones. What is wrong goes to `report`; the result is complete only if
 * nothing was reported.
 */
export function bindingsOf(rule: unknown, target: RuleTarget, report: Report): HttpRule[] {
  if (Array.isArray(rule)) {
    report('google.api.http is set twice; use additional_bindings');
    return [];
  }
  const fields = fieldsOf(rule, report);
  if (fields === undefined) return [];
  const bindings: HttpRule[] = [];
  addBinding(fields, target, report, bindings);
  for (const [index, additional] of listOf(fields.get('additional_bindings')).entries()) {
    const label = `additional_bindings[${index}]`;
    const reportThere: Report = (message) => report(`${label}: ${message}`);
    const inner = fieldsOf(additional, reportThere);
    if (inner === undefined) continue;
    if (inner.has('additional_bindings')) {
      reportThere('holds additional_bindings itself; http.proto allows one level only');
      continue;
    }
    addBinding(inner, { ...target, origin: `${target.origin} ${label}` }, reportThere, bindings);
  }
  return bindings;
}

type RuleFields = ReadonlyMap<string, unknown>;

/** The fields that are set, by their proto names. */
function fieldsOf(rule: unknown, report: Report): RuleFields | undefined {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) {
    report(`expected a google.api.HttpRule, found ${shown(rule)}`);
    return undefined;
  }
  const fields = new Map<string, unknown>();
  for (const [written, value] of Object.entries(rule)) {
    const name = JSON_NAMES.get(written) ?? written;
    if (!FIELDS.includes(name)) {
      report(`google.api.HttpRule has no field ${JSON.stringify(written)}${hint(written, FIELDS)}`);
    } else if (fields.has(name)) {
      report(`${name} is given twice`);
    } else if (value !== null && value !== undefined) {
      fields.set(name, value);
    }
  }
  return fields;
}

function addBinding(
  fields: RuleFields,
  target: RuleTarget,
  report: Report,
  bindings: HttpRule[],
): void {
  const pattern = patternOf(fields, report);
  const body = textOf(fields, 'body', report) ?? '';
  const responseBody = textOf(fields, 'response_body', report) ?? '';
  if (body !== '' && body !== '*') checkField('body', body, target.input, report);
  if (responseBody === '*') {
    report('response_body: "*" is not a field; leave response_body out for the whole message');
  } else if (responseBody !== '') {
    checkField('response_body', responseBody, target.output, report);
  }
  if (pattern === undefined) return;
  bindings.push(Object.freeze({ ...pattern, body, responseBody, origin: target.origin }));
}

function patternOf(
  fields: RuleFields,
  report: Report,
): { verb: string; template: string } | undefined {
  const given = [...VERBS, 'custom'].filter((name) => fields.has(name));
  const [name] = given;
  if (name === undefined) {
    report('no path: one of get, put, post, delete, patch and custom must be given');
    return undefined;
  }
  if (given.length > 1) {
    report(
      `${given.join(' and ')} are given; a binding has one of them, another goes into additional_bindings`,
    );
    return undefined;
  }
  if (name === 'custom') return customOf(fields.get('custom'), report);
  const template = textOf(fields, name, report);
  if (template === '') report(`${name}: the path is empty`);
  return template === undefined || template === ''
    ? undefined
    : { verb: name.toUpperCase(), template };
}

function customOf(custom: unknown, report: Report): { verb: string; template: string } | undefined {
  if (typeof custom !== 'object' || custom === null || Array.isArray(custom)) {
    report(`custom: expected a kind and a path, found ${shown(custom)}`);
    return undefined;
  }
  const fields = new Map<string, unknown>(Object.entries(custom));
  for (const name of fields.keys()) {
    if (name !== 'kind' && name !== 'path') report(`custom has no field ${JSON.stringify(name)}`);
  }
  const verb = textOf(fields, 'kind', report) ?? '';
  const template = textOf(fields, 'path', report) ?? '';
  if (template === '') report('custom: the path is empty');
  const usable = verb === '*' || (METHODS.includes(verb) && verb !== 'CONNECT');
  if (!usable) report(refusedKind(verb));
  return usable && template !== '' ? { verb, template } : undefined;
}

function refusedKind(verb: string): string {
  // RFC 9110 section 9.3.6: the target of CONNECT is an authority, never a path.
  if (verb === 'CONNECT') return 'custom: kind "CONNECT" never carries a path';
  const upper = verb.toUpperCase();
  const meant = METHODS.includes(upper) ? upper : nearest(upper, METHODS);
  const question = meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`;
  return `custom: kind ${JSON.stringify(verb)} is no verb that HTTP parsers let through; expected "*" for any, or a verb as "HEAD"${question}`;
}

/** Both `body` and `response_body` name a field at the top level of the message, never a path. */
function checkField(option: string, name: string, type: protobuf.Type, report: Report): void {
  if (Object.hasOwn(type.fields, name)) return;
  report(
    `${option}: ${fullNameOf(type)} has no field ${JSON.stringify(name)}${hint(name, Object.keys(type.fields))}`,
  );
}

function textOf(fields: RuleFields, name: string, report: Report): string | undefined {
  const value = fields.get(name);
  if (value === undefined || typeof value === 'string') return value;
  report(
    Array.isArray(value)
      ? `${name} is given twice`
      : `${name}: expected a string, found ${shown(value)}`,
  );
  return undefined;
}

/** The parser hands out one additional binding as an object and several as a list. */
function listOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function hint(name: string, candidates: readonly string[]): string {
  const meant = nearest(name, candidates);
  return meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
