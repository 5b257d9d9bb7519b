/**
 * What server-sent events take from messages beside their data (HTML standard, "Server-sent events"): id, name and reconnection time from
 * fields of the answer, and the id that a page comes back with as a field of the request.
 */
import type { Mask } from '../codecs/proto-json/to-json/mask.ts';
import type { FieldModel, HttpRule, MessageModel, MethodModel } from '../schema/model.ts';
import { resolveTarget, type Target } from './target.ts';
import type { Binding } from './types.ts';

/** Paths of fields by what they are for; null where nothing was configured. */
export interface EventPaths {
  readonly id: string | null;
  readonly event: string | null;
  readonly retry: string | null;
  readonly lastEventId: string | null;
}

/** The fields of one rule; null where its messages have none of that name. */
export interface EventFields {
  readonly id: readonly FieldModel[] | null;
  readonly event: readonly FieldModel[] | null;
  readonly retry: readonly FieldModel[] | null;
  /** Under every name that a query may give it. */
  readonly lastEventId: ReadonlySet<string> | null;
}

const LINE_BREAK = /[\r\n]/;

/** Undefined where the messages of the rule have none of the fields. */
export function eventFields(
  { input, output }: MethodModel,
  rule: HttpRule,
  paths: EventPaths,
): EventFields | undefined {
  const answer =
    rule.responseBody === '' ? output : messageOf(output.byName.get(rule.responseBody));
  const fields = {
    id: fieldAt(answer, paths.id),
    event: fieldAt(answer, paths.event),
    retry: fieldAt(answer, paths.retry),
    // Only what is not in the body can be in the query.
    lastEventId: rule.body === '*' ? null : namesAt(input, paths.lastEventId),
  };
  return Object.values(fields).some((field) => field !== null) ? fields : undefined;
}

/** The mask that leaves only what {@link eventLines} reads. */
export function eventMask(binding: Binding, fields: EventFields): Mask | undefined {
  const paths = [fields.id, fields.event, fields.retry].flatMap((path) =>
    path === null ? [] : [path.map(({ name }) => name).join('.')],
  );
  return paths.length === 0 ? undefined : binding.mask({ query: '', header: paths.join(',') });
}

/**
 * The lines of an event ahead of its data, from a message that was written with {@link eventMask}. A field that is not set makes no line,
 * and neither does a value that a line cannot hold: one with a line break, an id with NUL, a time that is no number.
 */
export function eventLines(json: Uint8Array, { id, event, retry }: EventFields): string {
  const message: unknown = JSON.parse(Buffer.from(json).toString(), asWritten);
  const idText = textAt(message, id);
  const retryText = textAt(message, retry);
  let lines = line('event', textAt(message, event));
  if (idText?.includes('\0') === false) lines += line('id', idText);
  if (retryText !== undefined && /^\d+$/.test(retryText)) lines += line('retry', retryText);
  return lines;
}

/** The query of a page that comes back: `value` in place of what its address says of the field. */
export function withEventId(query: string, names: ReadonlySet<string>, value: string): string {
  const [name = ''] = names;
  const others = query.split('&').filter((piece) => piece !== '' && !names.has(nameOf(piece)));
  return [...others, `${name}=${encodeURIComponent(value)}`].join('&');
}

/** The name of a query parameter; one that cannot be decoded is the binding's to refuse. */
function nameOf(piece: string): string {
  const [raw = ''] = piece.split('=', 1);
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

function line(name: string, value: string | undefined): string {
  return value === undefined || LINE_BREAK.test(value) ? '' : `${name}: ${value}\n`;
}

/** A number with all its digits: 64 bits are more than a double holds. */
const asWritten = ((_key: string, value: unknown, { source }: { readonly source: string }) =>
  typeof value === 'number' ? source : value) as (key: string, value: unknown) => unknown;

/** JSON names or proto names, whichever the message was written with. */
function textAt(message: unknown, path: readonly FieldModel[] | null): string | undefined {
  if (path === null) return undefined;
  let value = message;
  for (const { jsonName, name } of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    const members = value as Record<string, unknown>;
    value = members[jsonName] ?? members[name];
  }
  return typeof value === 'string' ? value : undefined;
}

function fieldAt(message: MessageModel | undefined, path: string | null): FieldModel[] | null {
  const target = targetAt(message, path);
  if (target === undefined) return null;
  return [...target.parents, target.leaf].map(({ field }) => field);
}

function namesAt(message: MessageModel, path: string | null): ReadonlySet<string> | null {
  const target = targetAt(message, path);
  if (target === undefined) return null;
  let names = [''];
  for (const { field } of [...target.parents, target.leaf]) {
    names = names.flatMap((before) =>
      [field.name, field.jsonName].map((name) => (before === '' ? name : `${before}.${name}`)),
    );
  }
  return new Set(names);
}

/** A single text, number or enum; undefined for everything else. */
function targetAt(message: MessageModel | undefined, path: string | null): Target | undefined {
  if (message === undefined || path === null) return undefined;
  const target = resolveTarget(message, path.split('.'));
  if ('problem' in target) return undefined;
  const { cardinality, type } = target.leaf.field;
  if (cardinality === 'repeated' || cardinality === 'map' || type.kind === 'message')
    return undefined;
  return type.kind === 'scalar' && (type.scalar === 'bool' || type.scalar === 'bytes')
    ? undefined
    : target;
}

function messageOf(field: FieldModel | undefined): MessageModel | undefined {
  return field?.type.kind === 'message' ? field.type.message : undefined;
}
