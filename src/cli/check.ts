/** `polygate check`: everything that a start would find out, and the plan that it would run. */
import { relative } from 'node:path';
import type { RoutePlan, UpstreamPlan } from '../config/plan.ts';
import type { Settings } from '../config/settings.ts';
import type { LoadedUpstream } from '../schemas.ts';
import type { ConfigSource } from './arguments.ts';
import { EXIT_OK } from './exit-codes.ts';
import { type Inspection, inspect } from './inspect.ts';
import { columns, counted, type Terminal } from './terminal.ts';

export async function check(
  { source, json }: { readonly source: ConfigSource; readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const inspection = await inspect(source, terminal.cwd);
  terminal.out(json ? formatJson(inspection) : formatPlan(inspection, terminal.cwd));
  return EXIT_OK;
}

function formatJson({ plan, generation, upstreams }: Inspection): string {
  const services = Object.fromEntries(
    upstreams.map(({ plan: { name }, schema }) => [name, [...schema.services.keys()]]),
  );
  const report = { plan, services, warnings: generation.warnings };
  // JSON has no Infinity, which stands for "no bound" in a plan.
  const unbounded = (_: string, value: unknown): unknown => (value === Infinity ? 'none' : value);
  return `${JSON.stringify(report, unbounded, 2)}\n`;
}

function formatPlan(inspection: Inspection, cwd: string): string {
  const { plan, origin, upstreams, generation } = inspection;
  const at = plan.baseDir === cwd ? relative(cwd, origin) || origin : origin;
  const routeCount = counted(generation.table.entries().length, 'route');
  const { admin, listen, log } = plan;
  const lines = [
    `${origin.includes('://') ? origin : at}: valid, ${routeCount}`,
    '',
    ...columns([
      ['listen', `${listen.host}:${listen.port}`],
      ['admin', admin === null ? 'off' : `${admin.host}:${admin.port}`],
      ['log', `${log.level}${log.access ? ', with a line for every call' : ''}`],
      ['drain', duration(plan.drainMs)],
    ]),
    ...upstreams.flatMap((upstream) => ['', ...describeUpstream(upstream)]),
    ...plan.routes.flatMap((route) => ['', ...describeRoute(route)]),
  ];
  for (const warning of generation.warnings) lines.push('', `warning: ${warning}`);
  return `${lines.join('\n')}\n`;
}

function describeUpstream({ plan, schema }: LoadedUpstream): string[] {
  const services = [...schema.services.values()].map(({ fullName, methods }) => {
    const rules = methods.reduce((sum, method) => sum + method.rules.length, 0);
    return `${fullName} (${counted(methods.length, 'method')}, ${counted(rules, 'http rule')})`;
  });
  return [
    `upstream ${plan.name}`,
    ...columns([
      ['  endpoints', plan.endpoints.map(({ address }) => address).join(', ')],
      ['  protocol', `${describeProtocol(plan)}, ${describeTls(plan)}`],
      ['  schema', describeSource(plan)],
      ...(plan.rules === null ? [] : [['  rules', plan.rules]]),
      ...services.map((service, index) => [index === 0 ? '  services' : '', service]),
    ]),
  ];
}

function describeProtocol(plan: UpstreamPlan): string {
  return plan.protocol === 'http' ? `http by HTTP/${plan.http}` : plan.protocol;
}

function describeTls({ tls }: UpstreamPlan): string {
  if (tls === null) return 'plain text';
  const trust = tls.ca === null ? "Node's authorities" : tls.ca;
  return `TLS, trusts ${trust}${tls.cert === null ? '' : `, shows ${tls.cert}`}`;
}

function describeSource({ schema }: UpstreamPlan): string {
  switch (schema.kind) {
    case 'protos':
      return schema.protos.join(', ');
    case 'descriptorSet':
      return schema.file;
    case 'reflection':
      return 'server reflection';
  }
}

function describeRoute({ path, upstream, services, settings }: RoutePlan): string[] {
  return [
    `${path}: ${services.join(', ')} -> ${upstream}`,
    ...columns(describeSettings(settings).map(([name, value]) => [`  ${name}`, value])),
  ];
}

/** What a route runs with, resolved from its places. */
function describeSettings(settings: Settings): [name: string, value: string][] {
  const { limits, stream, cors } = settings;
  const wrapped = stream.wrap === false ? '' : `, wrapped in "${stream.wrap}"`;
  return [
    ['strictness', settings.strictness],
    ['timeout', `${duration(settings.timeoutMs)}, streams ${duration(settings.streamTimeoutMs)}`],
    ['idle', duration(settings.idleMs)],
    ['stream', `${stream.format}${wrapped}`],
    ['json', describeJson(settings.json)],
    [
      'limits',
      `body ${size(limits.bodyBytes)}, message ${size(limits.messageBytes)}, depth ${limits.depth}`,
    ],
    ['cors', describeCors(cors)],
  ];
}

/** What differs from plain ProtoJSON. */
function describeJson({ int64, ...flags }: Settings['json']): string {
  const set = Object.entries(flags).filter(([, on]) => on);
  const names = set.map(([name]) => name);
  if (int64 === 'number') names.push('int64 as numbers');
  return names.join(', ') || 'ProtoJSON';
}

function describeCors(cors: Settings['cors']): string {
  if (cors === null) return 'off';
  return cors.origins === '*' ? 'any origin' : cors.origins.join(', ');
}

function duration(ms: number): string {
  if (ms === Infinity) return 'none';
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

function size(bytes: number): string {
  if (bytes % 1024 ** 2 === 0) return `${bytes / 1024 ** 2}mb`;
  return bytes % 1024 === 0 ? `${bytes / 1024}kb` : `${bytes}b`;
}
