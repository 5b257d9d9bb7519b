/** `polygate explain VERB URL`: what would happen to a request, without sending it. */
import type { BindInput } from '../binding/types.ts';
import { parseQuery } from '../binding/query.ts';
import { GatewayError } from '../call/error.ts';
import { jsonValue } from '../codecs/json.ts';
import type { RestTarget } from '../protocols/rest/target.ts';
import type { HttpEntry, HttpMatch, HttpTable } from '../routing/http-table.ts';
import type { ConfigSource } from './arguments.ts';
import { EXIT_FAILED, EXIT_OK } from './exit-codes.ts';
import { inspect, methodOf } from './inspect.ts';
import { columns, type Terminal } from './terminal.ts';

interface Request {
  readonly verb: string;
  readonly path: string;
  readonly query: string;
  readonly data: string | undefined;
}

/** What is told of a request; `--json` prints it as it is. */
interface Explanation {
  readonly verb: string;
  readonly path: string;
  readonly query: string;
  readonly match?: MatchReport;
  /** Why nothing matches. */
  readonly refusal?: string;
  readonly near: readonly NearReport[];
}

interface MatchReport {
  readonly verb: string;
  readonly template: string;
  readonly origin: string;
  readonly method: string;
  readonly upstream: string;
  readonly kind: string;
  readonly body: string;
  readonly bound: readonly BoundReport[];
  /** The message that the service would get, in ProtoJSON. */
  readonly request?: unknown;
  /** Why it would get none. */
  readonly refused?: string;
}

interface BoundReport {
  readonly field: string;
  readonly value: string;
  readonly from: 'path' | 'query';
}

interface NearReport {
  readonly verb: string;
  readonly template: string;
  readonly method: string;
  readonly reason: string;
}

interface ExplainCommand {
  readonly source: ConfigSource;
  readonly json: boolean;
  readonly verb: string;
  readonly url: string;
  /** The body, in JSON. */
  readonly data: string | undefined;
}

/** Exit code 0 where a route takes the request, whatever it then says to it; 1 where none does. */
export async function explain(command: ExplainCommand, terminal: Terminal): Promise<number> {
  const { generation, upstreams } = await inspect(command.source, terminal.cwd);
  const { verb, url, data } = command;
  const request = { verb, ...splitUrl(url), data };
  const names = new Map(upstreams.map(({ plan, schema }) => [schema, plan.name]));
  const explanation = explainRequest(
    generation.table,
    request,
    (target) => names.get(target.schema) ?? '',
  );
  const text = command.json ? JSON.stringify(explanation, null, 2) : format(explanation);
  terminal.out(`${text}\n`);
  return explanation.match === undefined ? EXIT_FAILED : EXIT_OK;
}

/** Raw path and query of a URL or of a path alone. Clients escape what is outside of visible ASCII before they send it; so does this. */
export function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const target = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/, '');
  const sent = target.replace(/[^\x21-\x7e]+/g, (text) => encodeURIComponent(text.toWellFormed()));
  const at = sent.indexOf('?');
  const path = at === -1 ? sent : sent.slice(0, at);
  return {
    path: path.startsWith('/') ? path : `/${path}`,
    query: at === -1 ? '' : sent.slice(at + 1),
  };
}

function explainRequest(
  table: HttpTable<RestTarget>,
  request: Request,
  upstreamOf: (target: RestTarget) => string,
): Explanation {
  const { verb, path, query } = request;
  const asked = { verb, path, query };
  try {
    const match = table.match(verb, path);
    const near = table.near(verb, path).map(({ entry, reason }) => ({ ...ruleOf(entry), reason }));
    if (match !== undefined) {
      return { ...asked, match: describeMatch(table, match, request, upstreamOf), near };
    }
    return { ...asked, refusal: describeMiss(verb, table.allowed(path)), near };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { ...asked, refusal: describeError(error), near: [] };
  }
}

function ruleOf({ verb, template, target }: HttpEntry<RestTarget>): Omit<NearReport, 'reason'> {
  return { verb, template: template.text, method: target.route.name };
}

function describeMiss(verb: string, allowed: readonly string[]): string {
  if (allowed.length === 0) return '404: no rule has this path';
  if (verb === 'OPTIONS')
    return `a preflight, answered by CORS; the path answers ${allowed.join(', ')}`;
  return `405: the path answers ${allowed.join(', ')}`;
}

function describeMatch(
  table: HttpTable<RestTarget>,
  match: HttpMatch<RestTarget>,
  request: Request,
  upstreamOf: (target: RestTarget) => string,
): MatchReport {
  const { target, captures } = match;
  const { rule } = target.binding;
  const entry = table.entries().find((candidate) => candidate.target === target);
  const variables = entry?.template.variables ?? [];
  const fromPath = variables.map(({ fieldPath }, index): BoundReport => {
    return { field: fieldPath.join('.'), value: captures[index] ?? '', from: 'path' };
  });
  return {
    verb: rule.verb,
    template: rule.template,
    origin: rule.origin,
    method: target.route.name,
    upstream: upstreamOf(target),
    kind: target.route.kind,
    body: rule.body,
    ...bindRequest(match, request, fromPath),
  };
}

/** What the binding makes of the request, or why it makes nothing. */
function bindRequest(
  { target, captures }: HttpMatch<RestTarget>,
  { verb, query, data }: Request,
  fromPath: readonly BoundReport[],
): Pick<MatchReport, 'bound' | 'request' | 'refused'> {
  const input: BindInput = {
    captures,
    query,
    body: data === undefined ? undefined : new TextEncoder().encode(data),
    contentType: data === undefined ? undefined : 'application/json',
    patch: verb === 'PATCH',
  };
  let bound = fromPath;
  try {
    const fromQuery = parseQuery(query).map(({ name, value }): BoundReport => {
      return { field: name, value, from: 'query' };
    });
    bound = [...fromPath, ...fromQuery];
    target.binding.mask({ query, header: undefined });
    const { bytes } = target.binding.bind(input);
    const method = methodOf(target.schema, target.route.rpc);
    if (method === undefined) return { bound };
    return { bound, request: jsonValue(method.input, bytes, target.schema) };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { bound, refused: describeError(error) };
  }
}

function describeError({ pg, message }: GatewayError): string {
  return `${pg}: ${message}`;
}

function format({ verb, path, query, match, refusal, near }: Explanation): string {
  const lines = [`${verb} ${path}${query === '' ? '' : `?${query}`}`];
  if (refusal !== undefined) lines.push('', `no route: ${refusal}`);
  if (match !== undefined) lines.push('', ...formatMatch(match));
  if (near.length > 0) {
    const rows = near.map((miss) => [`  ${miss.verb}`, miss.template, miss.method, miss.reason]);
    lines.push('', 'not taken', ...columns(rows));
  }
  return lines.join('\n');
}

function formatMatch(match: MatchReport): string[] {
  const lines = columns([
    ['route', `${match.verb} ${match.template}`],
    ['method', `${match.method} (${match.kind})`],
    ['upstream', match.upstream],
    ['rule of', match.origin],
    ['body', describeBody(match.body)],
  ]);
  const bound = match.bound.map(({ field, value, from }) => {
    return [`  ${field}`, JSON.stringify(value), `from the ${from}`];
  });
  if (bound.length > 0) lines.push('', 'bound', ...columns(bound));
  if (match.refused !== undefined) lines.push('', 'refused', `  ${match.refused}`);
  if (match.request !== undefined) {
    lines.push('', 'request', `  ${JSON.stringify(match.request)}`);
  }
  return lines;
}

function describeBody(body: string): string {
  if (body === '') return 'none';
  return body === '*' ? 'the whole request message' : `the field ${body}`;
}
