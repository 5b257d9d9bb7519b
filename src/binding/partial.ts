/**
 * Partial answers: which part of an answer the client asks for, by the query parameter `$fields` or the header `X-Goog-FieldMask`.
 * Names: cloud.google.com/apis/docs/system-parameters; paths: google.aip.dev/161. What they mean here is in docs/json.md.
 */
import { invalidValue, quote, Violations } from '../codecs/problems.ts';
import { layoutOf } from '../codecs/proto-json/layout.ts';
import { type Mask, maskBuilder, type Root, type Step } from '../codecs/proto-json/to-json/mask.ts';
import { unknownName } from '../codecs/settle.ts';
import type { Plan } from './plan.ts';
import { parseQuery } from './query.ts';
import type { MaskInput } from './types.ts';

const PARAMETER = '$fields';
export const FIELDS_HEADER = 'x-goog-fieldmask';

/** Whether a query parameter asks for a part of the answer and is none of the request message. */
export function isFieldsParameter({ rawResponse }: Plan, name: string): boolean {
  return name === PARAMETER && !rawResponse;
}

/** Longer than this, and more paths than this, no person and no sensible program asks for. */
const MAX_LENGTH = 8192;
const MAX_PATHS = 256;

/**
 * The part that a request asks for; undefined is the whole answer. The parameter wins over the header. Throws PG_INVALID_VALUE, whatever
 * the strictness: an answer without what was asked for says nothing of the mistake.
 */
export function readMask(
  { method, response, rawResponse, rule, settings }: Plan,
  { query, header }: MaskInput,
): Mask | undefined {
  if (rawResponse) return undefined;
  const parameter = parameterOf(query);
  const text = parameter ?? (header === undefined ? '' : textOfHeader(header));
  if (text.trim() === '') return undefined;
  const name = parameter === undefined ? FIELDS_HEADER : PARAMETER;
  const layout = layoutOf(method.output);
  const root = response === undefined ? layout : layout.byNumber.get(response.number);
  if (root === undefined) throw new Error(`${rule.origin} names a field that is not there`);
  return maskOf(text, { name, root, maxDepth: settings.maxDepth });
}

interface Reading {
  /** The parameter or header that is read, for messages. */
  readonly name: string;
  readonly root: Root;
  readonly maxDepth: number;
}

function maskOf(text: string, { name, root, maxDepth }: Reading): Mask | undefined {
  const found = new Violations();
  const refuse = (path: string, reason: string): void => {
    found.add(name, () => (path === '' ? reason : `${quote(path)}: ${reason}`));
  };
  const paths = text.length > MAX_LENGTH ? [] : splitPaths(text);
  if (text.length > MAX_LENGTH) refuse('', `is longer than ${MAX_LENGTH} characters`);
  if (paths.length > MAX_PATHS) refuse('', `has more than ${MAX_PATHS} paths`);
  if (found.count > 0) throw found.error('PG_INVALID_VALUE');
  const builder = maskBuilder(root, unknownName);
  for (const path of paths) {
    const steps = splitSteps(path);
    if (steps === undefined) refuse('', `${quote(path)} is no path of names, as author.name`);
    else if (steps.length > maxDepth) refuse(path, `is deeper than ${maxDepth} levels`);
    else {
      const reason = builder.add(steps);
      if (reason !== undefined) refuse(path, reason);
    }
  }
  if (found.count > 0) throw found.error('PG_INVALID_VALUE');
  return builder.build() ?? undefined;
}

/** Parted by commas, but for those in a key in backticks. */
function splitPaths(text: string): string[] {
  const paths: string[] = [];
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '`') quoted = !quoted;
    else if (character === ',' && !quoted) {
      paths.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...paths, text.slice(start).trim()];
}

const STEP = /(?:^|(?<=.)\.)(?:`([^`]*)`|([^.`]+))/y;

/** `labels.`a.b`` as `labels` and the key `a.b`; undefined for what is no path. */
function splitSteps(path: string): Step[] | undefined {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  for (let match = STEP.exec(path); match !== null; match = STEP.exec(path)) {
    const [, quoted, plain = ''] = match;
    steps.push({ text: quoted ?? plain, quoted: quoted !== undefined });
    if (STEP.lastIndex === path.length) return steps;
  }
  return undefined;
}

/** The text of the parameter. A decoded `$` can come from nothing else than these two, so most queries are not parsed twice. */
function parameterOf(query: string): string | undefined {
  if (!query.includes('$') && !query.includes('%24')) return undefined;
  const [first, second] = parseQuery(query).filter(({ name }) => name === PARAMETER);
  if (second !== undefined) throw invalidValue(PARAMETER, 'the parameter is given more than once');
  return first?.value;
}

/** Header values come one character per byte. */
function textOfHeader(header: string): string {
  return Buffer.from(header, 'latin1').toString('utf8');
}
