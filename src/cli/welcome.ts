/** What people read when the gateway is up: where it listens, and without a configuration what there is to call and one line that calls it. */
import type { Plan } from '../config/plan.ts';
import type { Gateway } from '../gateway.ts';
import type { ConfigSource } from './arguments.ts';
import { type Entry, exampleCall } from './example-call.ts';
import { columns, counted } from './terminal.ts';

/** A screen; `polygate routes` has the rest. */
const MOST_LINES = 40;

/** Whole lines. */
export function welcome(gateway: Gateway, plan: Plan, source: ConfigSource): string {
  const secure = plan.listen.tls !== null;
  const url = urlOf(gateway.host, gateway.port, secure ? 'https' : 'http');
  const { adminPort } = gateway;
  const admin = adminPort === null || plan.admin === null ? '' : urlOf(plan.admin.host, adminPort);
  const head = `polygate listens on ${url}${admin === '' ? '' : `, admin on ${admin}`}\n`;
  if (source.kind === 'file') return head;
  const entries = gateway.generation.table.entries();
  return `${head}${describeUpstream(entries, url, source.address)}`;
}

/** The methods of an upstream without a configuration, and a line to paste. */
export function describeUpstream(entries: readonly Entry[], url: string, address: string): string {
  const routes = shown(ownLast(entries));
  if (routes.length === 0) return `${address} lists no method\n`;
  const rows = routes.map(({ verb, template, target }) => [
    `  ${verb}`,
    template.text,
    target.route.kind === 'unary'
      ? target.route.name
      : `${target.route.name} (${target.route.kind})`,
  ]);
  const lines = ['', ...columns(rows.slice(0, MOST_LINES))];
  if (rows.length > MOST_LINES) {
    lines.push(
      `  and ${counted(rows.length - MOST_LINES, 'more route')}: polygate routes ${address}`,
    );
  }
  lines.push('', ...describeRules(entries, address));
  const example = exampleCall(ownLast(entries), url);
  if (example !== undefined) lines.push('', example);
  return `${lines.join('\n')}\n`;
}

function describeRules(entries: readonly Entry[], address: string): string[] {
  if (entries.some((entry) => !isImplicit(entry))) {
    return ['Every method also answers POST /pkg.Service/Method with the request as JSON.'];
  }
  return [
    `${address} has no http rules (google.api.http): only POST /pkg.Service/Method works, with the request as JSON.`,
    'REST paths come from --proto FILE with annotations, or from --rules FILE (a google.api.Service YAML file).',
  ];
}

/** Services of gRPC's own, as health, are nobody's reason to be here. */
function ownLast(entries: readonly Entry[]): Entry[] {
  const isOwn = ({ target }: Entry): boolean => target.route.name.startsWith('grpc.');
  return [...entries.filter((entry) => !isOwn(entry)), ...entries.filter(isOwn)];
}

/** What every method answers is said once, unless a method has nothing else. */
function shown(entries: readonly Entry[]): Entry[] {
  const annotated = new Set(
    entries.filter((entry) => !isImplicit(entry)).map(({ target }) => target.route.rpc),
  );
  return entries.filter((entry) => !isImplicit(entry) || !annotated.has(entry.target.route.rpc));
}

function isImplicit({ template, target }: Entry): boolean {
  return template.text === target.route.rpc;
}

/** An address that can be pasted: one that stands for all interfaces is none. */
function urlOf(host: string, port: number, scheme: 'http' | 'https' = 'http'): string {
  if (host === '0.0.0.0') return `${scheme}://127.0.0.1:${port}`;
  if (host === '::') return `${scheme}://[::1]:${port}`;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
