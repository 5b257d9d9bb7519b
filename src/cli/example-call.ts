/** The one curl line of a start without a configuration: it must work when pasted, and do no harm. */
import { resolveTarget } from '../binding/target.ts';
import type { RestTarget } from '../protocols/rest/target.ts';
import type { HttpEntry } from '../routing/http-table.ts';
import type { FieldModel } from '../schema/model.ts';
import { methodOf } from './inspect.ts';
import { shellQuoted } from './terminal.ts';

export type Entry = HttpEntry<RestTarget>;

/** Names of methods that read, at the start of a name in any style. */
const READS =
  /^(?:list|get|search|find|describe|read|query|lookup|count|check|echo|ping|say|hello)/i;
const CHANGES = /^(?:delete|remove|drop|purge|destroy|cancel|reset|stop|shutdown|kill|clear)/i;

/** The line for the route that is most likely to answer something good; undefined where there is none that can be called with curl. */
export function exampleCall(entries: readonly Entry[], url: string): string | undefined {
  const [best] = entries
    .map((entry) => ({ entry, rank: rankOf(entry) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank);
  if (best === undefined) return undefined;
  const { entry } = best;
  const target = shellQuoted(`${url}${samplePath(entry)}`);
  return entry.verb === 'GET' ? `curl ${target}` : `curl --json '{}' ${target}`;
}

/** A GET without variables before one with them, before a POST of an empty message; streams that never end, and what changes things, last. */
function rankOf({ verb, template, target }: Entry): number {
  const { kind, rpc, name } = target.route;
  if (kind === 'client_stream' || kind === 'bidi') return 0;
  const method = methodOf(target.schema, rpc);
  const simpleName = name.slice(name.lastIndexOf('/') + 1);
  const reads = method?.idempotency === 'no_side_effects' || READS.test(simpleName);
  const own = name.startsWith('grpc.') ? 1 : 0;
  const unary = kind === 'unary' ? 2 : 0;
  if (verb === 'GET') return 40 + (template.variables.length === 0 ? 8 : 0) + unary - own;
  if (template.text !== rpc) return 0;
  const harmless = reads ? 8 : CHANGES.test(simpleName) ? -8 : 0;
  return 10 + harmless + unary - own;
}

/** The template with a value that its type takes in place of each variable; a literal stays as it is. */
function samplePath({ template, target }: Entry): string {
  const method = methodOf(target.schema, target.route.rpc);
  const samples = new Map<number, string>();
  for (const { fieldPath, first, last } of template.variables) {
    const found = method === undefined ? undefined : resolveTarget(method.input, fieldPath);
    const sample = found === undefined || 'problem' in found ? '1' : sampleOf(found.leaf.field);
    for (let at = first; at <= last; at++) samples.set(at, sample);
  }
  const segments = template.segments.map((segment, at) => {
    return segment.kind === 'literal' ? segment.text : (samples.get(at) ?? '1');
  });
  return `/${segments.join('/')}${template.verb === '' ? '' : `:${template.verb}`}`;
}

/** A value that reads as any number, and as a name. */
function sampleOf({ type }: FieldModel): string {
  if (type.kind === 'enum') return [...type.enum.values.keys()][0] ?? '0';
  return type.kind === 'scalar' && type.scalar === 'bool' ? 'true' : '1';
}
