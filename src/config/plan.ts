/** The plan: a valid configuration as plain, frozen data with nothing left to decide. gateway.ts compiles a generation from it. */
import { resolve } from 'node:path';
import { type HttpAddress, parseAddress, parseHttpAddress } from './address.ts';
import { DEFAULTS, defaultMs } from './defaults.ts';
import type {
  EndpointConfig,
  GatewayConfig,
  LogConfig,
  RouteConfig,
  SchemaConfig,
  UpstreamConfig,
} from './define.ts';
import type {
  ConnectionSettings,
  HttpConnectionSettings,
} from '../upstream/connection-settings.ts';
import { planConnections, planHttpConnections } from './connections.ts';
import { type ListenPlan, planListen } from './listen-plan.ts';
import { resolveSettings, type Settings } from './settings.ts';
import { parseDuration } from './units.ts';

interface AdminPlan {
  readonly host: string;
  readonly port: number;
}

interface EndpointPlan {
  /** As written; the label of metrics and logs. */
  readonly address: string;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

/** Paths are absolute unless it is said. */
type SchemaPlan =
  | {
      readonly kind: 'protos';
      /** As written: a file is looked up below the plan's `baseDir` first, then under `importPaths`. */
      readonly protos: readonly string[];
      readonly importPaths: readonly string[];
    }
  | { readonly kind: 'descriptorSet'; readonly file: string }
  | { readonly kind: 'reflection' };

/** Absolute paths of PEM files; null where nothing was said. */
export interface TlsPlan {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly serverName: string | null;
}

export interface HttpEndpointPlan extends EndpointPlan, HttpAddress {}

interface UpstreamBase {
  readonly name: string;
  readonly schema: SchemaPlan;
  /** The absolute path of a google.api.Service YAML file. */
  readonly rules: string | null;
  /** null is plain HTTP/2, or what the scheme of an endpoint says. */
  readonly tls: TlsPlan | null;
  /** For what belongs to the upstream and to no route. */
  readonly settings: Settings;
}

export interface GrpcUpstreamPlan extends UpstreamBase {
  readonly protocol: 'grpc';
  readonly endpoints: readonly EndpointPlan[];
  /** Of messages to the service. */
  readonly compression: NonNullable<UpstreamConfig['compression']>;
  readonly connections: ConnectionSettings;
}

interface HttpUpstreamBase extends UpstreamBase {
  readonly protocol: 'http';
  readonly endpoints: readonly HttpEndpointPlan[];
}

export interface Http1UpstreamPlan extends HttpUpstreamBase {
  readonly http: '1.1';
  readonly connections: HttpConnectionSettings;
}

export interface Http2UpstreamPlan extends HttpUpstreamBase {
  readonly http: '2';
  readonly connections: ConnectionSettings;
}

export type UpstreamPlan = GrpcUpstreamPlan | Http1UpstreamPlan | Http2UpstreamPlan;

export interface RoutePlan {
  /** As `routes[0]`, for messages. */
  readonly path: string;
  readonly upstream: string;
  /** Full names; `*` is every service of the upstream that no other route names. Not yet compared with the schema. */
  readonly services: readonly string[];
  readonly settings: Settings;
}

export interface Plan {
  /** The absolute folder where relative paths start. */
  readonly baseDir: string;
  readonly listen: ListenPlan;
  readonly admin: AdminPlan | null;
  readonly log: Required<LogConfig>;
  /** `local` is: where the gateway itself listens, and on loopback. */
  readonly reflection: boolean | 'local';
  readonly drainMs: number;
  /** For requests that no route matches. */
  readonly settings: Settings;
  readonly upstreams: readonly UpstreamPlan[];
  readonly routes: readonly RoutePlan[];
}

/** `config` must be valid; `baseDir`, an absolute folder, is where its relative paths start. */
export function makePlan(config: GatewayConfig, baseDir: string): Plan {
  const upstreams = Object.entries(config.upstreams).map(([name, upstream]) =>
    planUpstream(name, upstream, config, baseDir),
  );
  const plan: Plan = {
    baseDir,
    listen: planListen(config, baseDir),
    admin: planAdmin(config.admin ?? {}),
    log: {
      level: config.log?.level ?? DEFAULTS['log.level'].value,
      access: config.log?.access ?? DEFAULTS['log.access'].value,
    },
    reflection: config.reflection ?? 'local',
    drainMs: parseDuration(config.drain) ?? defaultMs('drain'),
    settings: resolveSettings([config]),
    upstreams,
    routes: config.routes.map((route, index) => planRoute(config, route, index)),
  };
  return freeze(plan);
}

function planAdmin(admin: NonNullable<GatewayConfig['admin']>): AdminPlan | null {
  if (admin === false) return null;
  return {
    host: admin.host ?? DEFAULTS['admin.host'].value,
    port: admin.port ?? DEFAULTS['admin.port'].value,
  };
}

function planUpstream(
  name: string,
  config: UpstreamConfig,
  top: GatewayConfig,
  baseDir: string,
): UpstreamPlan {
  const { protocol, endpoints } = config;
  const base = {
    name,
    schema: planSchema(config.schema, baseDir),
    rules: absolute(config.rules, baseDir),
    tls: planTls(config.tls, baseDir),
    settings: resolveSettings([top, config]),
  };
  const { connections = {} } = config;
  if (protocol === 'http') {
    const planned = endpoints.map((one) => planEndpoint(one, parseHttpAddress));
    const { http = DEFAULTS['connections.http'].value } = connections;
    const at = { ...base, protocol, endpoints: planned };
    return http === '2'
      ? { ...at, http, connections: planConnections(connections) }
      : { ...at, http, connections: planHttpConnections(connections) };
  }
  const planned = endpoints.map((one) => planEndpoint(one, parseAddress));
  return {
    ...base,
    protocol,
    endpoints: planned,
    compression: config.compression ?? DEFAULTS['upstreams.*.compression'].value,
    connections: planConnections(connections),
  };
}

function planEndpoint<Parsed>(
  endpoint: string | EndpointConfig,
  parse: (text: string) => Parsed | undefined,
): Parsed & { address: string } {
  const address = typeof endpoint === 'string' ? endpoint : endpoint.address;
  const parsed = parse(address);
  if (parsed === undefined)
    throw new Error(`a plan was made of an invalid configuration: ${address}`);
  return { address, ...parsed };
}

function planSchema(schema: SchemaConfig, baseDir: string): SchemaPlan {
  if ('reflection' in schema && schema.reflection) return { kind: 'reflection' };
  if ('descriptorSet' in schema) {
    return { kind: 'descriptorSet', file: resolve(baseDir, schema.descriptorSet) };
  }
  const { protos, importPaths } = schema as Extract<SchemaConfig, { protos: unknown }>;
  return {
    kind: 'protos',
    protos,
    importPaths: (importPaths ?? []).map((folder) => resolve(baseDir, folder)),
  };
}

function planTls(tls: UpstreamConfig['tls'], baseDir: string): TlsPlan | null {
  if (tls === undefined) return null;
  const files = tls === true ? {} : tls;
  return {
    ca: absolute(files.ca, baseDir),
    cert: absolute(files.cert, baseDir),
    key: absolute(files.key, baseDir),
    serverName: files.serverName ?? null,
  };
}

function planRoute(config: GatewayConfig, route: RouteConfig, index: number): RoutePlan {
  const upstream = config.upstreams[route.upstream];
  return {
    path: `routes[${index}]`,
    upstream: route.upstream,
    services: route.services === '*' ? ['*'] : [...route.services],
    settings: resolveSettings([config, upstream ?? {}, route]),
  };
}

function absolute(path: string | undefined, baseDir: string): string | null {
  return path === undefined ? null : resolve(baseDir, path);
}

/** Plain data all the way down, so that no generation changes what another was built from. */
function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const held of Object.values(value)) freeze(held);
  return Object.freeze(value);
}
