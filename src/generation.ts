/** A plan with its schemas, compiled: the table of rules, and behind each rule its binding and the pipeline of its route. */
import { compileBinding, implicitRule } from './binding/compile.ts';
import { eventFields } from './binding/event-fields.ts';
import { compileReverse } from './binding/reverse/compile.ts';
import type { ReverseBinding } from './binding/reverse/types.ts';
import { BindingError } from './binding/types.ts';
import type { HttpTransport } from './call/http-transport.ts';
import type { Handler, LetIn, Outbound, Policy, Route, Routed } from './call/types.ts';
import { negotiatorOf } from './compression/negotiate.ts';
import type { Plan, RoutePlan } from './config/plan.ts';
import type { Settings } from './config/settings.ts';
import { cors, letIn } from './policies/cors/cors.ts';
import { deadline } from './policies/deadline/deadline.ts';
import { hasRules, metadata } from './policies/metadata/metadata.ts';
import type { AnswerCompression } from './protocols/rest/compressed-answer.ts';
import { createRestOutbound } from './protocols/rest/outbound.ts';
import type { RestSettings, RestTarget } from './protocols/rest/target.ts';
import { PAGE_HEADERS } from './rpc/expose.ts';
import type { RpcTarget } from './rpc/target.ts';
import { createHttpTable, type HttpConflict, type HttpTable } from './routing/http-table.ts';
import { createRpcTable, type RpcTable, type RpcTableBuilder } from './routing/rpc-table.ts';
import { parseTemplate, TemplateError } from './routing/template.ts';
import type { HttpRule, MethodModel, Schema, ServiceModel } from './schema/model.ts';
import type { LoadedUpstream } from './schemas.ts';
import { createHealth, HEALTH_SERVICE } from './services/health.ts';
import type { Readiness } from './services/readiness.ts';
import { createReflection, REFLECTION_SERVICES } from './services/reflection.ts';
import { ownSchema } from './services/own-schema.ts';
import type { LocalMethod } from './services/types.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { sendTo } from './upstream/endpoints.ts';

export interface Generation {
  readonly table: HttpTable<RestTarget>;
  /** The same methods by their path, for RPC protocols. */
  readonly rpcs: RpcTable<RpcTarget>;
  /** For requests that no route has. */
  readonly letIn: LetIn | null;
  /** What does not stop the gateway but should be known. */
  readonly warnings: readonly string[];
}

export interface GenerationInput {
  readonly plan: Plan;
  readonly upstreams: readonly LoadedUpstream[];
  /** The outbound of a gRPC upstream by its name; lives longer than a generation. */
  readonly outbounds: ReadonlyMap<string, Outbound>;
  /** What carries the calls of an HTTP upstream, by its name; their http rules are this generation's. */
  readonly transports: ReadonlyMap<string, HttpTransport>;
  readonly metrics: Metrics;
  /** Whether clients may ask for schemas. */
  readonly reflection: boolean;
  /** What health tells. */
  readonly readiness: Readiness;
}

/** What the schemas and the plan say together and cannot both be right about. */
class GenerationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'GenerationError';
    this.problems = problems;
  }
}

/** Throws a {@link GenerationError} that lists every mistake. */
export function buildGeneration(input: GenerationInput): Generation {
  const problems: string[] = [];
  const builder = createHttpTable<RestTarget>();
  const rpcs = createRpcTable<RpcTarget>();
  const routed = new Map<string, Schema>();
  const foundEvents = new Set<string | null>();
  const upstreams = new Map(
    input.upstreams.map((upstream) => [upstream.plan.name, runnable(upstream, input)]),
  );
  for (const route of input.plan.routes) {
    const upstream = upstreams.get(route.upstream);
    if (upstream === undefined) throw new Error(`${route.path} has no upstream`);
    for (const service of servicesOf(route, upstream, input.plan, problems)) {
      if (!routed.has(service.fullName)) routed.set(service.fullName, upstream.schema);
      for (const method of service.methods) {
        const { limits } = route.settings;
        const compiled = compileRoute(method, route.settings, upstream.send);
        const { bodyBytes: maxBodyBytes, messageBytes: maxMessageBytes } = limits;
        const compile = methodCompiler(method, compiled, route.settings, {
          schema: upstream.schema,
          metrics: input.metrics,
        });
        const whole = implicitRule(method);
        collect(problems, whole, () => {
          const { binding: json } = compile(whole);
          const sideEffectFree = method.idempotency === 'no_side_effects';
          const { unaryJson } = route.settings;
          const limits = { maxBodyBytes, maxMessageBytes };
          rpcs.add(method.path, { route: compiled, json, sideEffectFree, unaryJson, ...limits });
        });
        addReverse(method, route.settings, upstream, problems);
        for (const rule of rulesOf(method)) {
          collect(problems, rule, () => {
            const target = compile(rule);
            for (const key of EVENT_KEYS)
              if (target.events?.[key]) foundEvents.add(route.settings.stream.sse[key]);
            builder.add(rule.verb, parseTemplate(rule.template), target, rule.origin);
          });
        }
      }
    }
  }
  addLocal(rpcs, localMethods(routed, input), routed, input);
  problems.push(...missingEvents(input.plan, foundEvents));
  const { table, conflicts } = builder.build();
  const warnings = input.upstreams.flatMap(({ schema }) => schema.warnings);
  const reflected = new Set(
    input.upstreams.filter(({ plan }) => plan.schema.kind === 'reflection').map((u) => u.schema),
  );
  for (const conflict of conflicts) {
    const text = describeConflict(conflict, input.upstreams);
    if (reflected.has(conflict.second.target.schema)) warnings.push(`${text}; the first one stays`);
    else problems.push(text);
  }
  if (problems.length > 0) throw new GenerationError(problems);
  return { table, rpcs: rpcs.build(), letIn: letInOf(input.plan.settings), warnings };
}

/** What the gateway answers itself, whether a route has it or not. */
function localMethods(routed: ReadonlyMap<string, Schema>, input: GenerationInput): LocalMethod[] {
  const { readiness, reflection } = input;
  const own = [HEALTH_SERVICE, ...(reflection ? REFLECTION_SERVICES : [])];
  const services = [...new Set([...routed.keys(), ...own])];
  const health = createHealth({ services, readiness });
  if (!reflection) return health;
  const schemas = new Set(routed.values());
  const files = Array.from(schemas, (schema) => schema.files);
  return [...health, ...createReflection({ services, schemas: files })];
}

/** A service that a route names is that of its upstream, with all of its methods. */
function addLocal(
  rpcs: RpcTableBuilder<RpcTarget>,
  methods: readonly LocalMethod[],
  routed: ReadonlyMap<string, Schema>,
  { plan, metrics }: GenerationInput,
): void {
  const { bodyBytes: maxBodyBytes, messageBytes: maxMessageBytes } = plan.settings.limits;
  const schema = ownSchema();
  for (const local of methods) {
    if (routed.has(local.service)) continue;
    const service = schema.services.get(local.service);
    const method = service?.methods.find(({ path }) => path === local.path);
    if (method === undefined) throw new Error(`${local.path} is in no file that comes along`);
    const idleMs = local.mayBeSilent ? Infinity : plan.settings.idleMs;
    const settings = { ...plan.settings, idleMs };
    const route = compileRoute(method, settings, local.handle);
    const { binding: json } = methodCompiler(method, route, settings, { schema, metrics })(
      implicitRule(method),
    );
    const sideEffectFree = method.idempotency === 'no_side_effects';
    const { unaryJson } = settings;
    const limits = { maxBodyBytes, maxMessageBytes };
    rpcs.add(method.path, { route, json, sideEffectFree, unaryJson, ...limits });
  }
}

const EVENT_KEYS = ['id', 'event', 'retry', 'lastEventId'] as const;

/** Fields of server-sent events that no streaming method has: a name that is misspelt. */
function missingEvents({ routes }: Plan, found: ReadonlySet<string | null>): string[] {
  const missing = routes.flatMap(({ settings }) =>
    EVENT_KEYS.flatMap((key) => {
      const path = settings.stream.sse[key];
      if (path === null || found.has(path)) return [];
      const where = key === 'lastEventId' ? 'query parameters' : 'messages';
      return `stream.sse.${key}: the ${where} of no server-streaming method have a text, number or enum "${path}"`;
    }),
  );
  return [...new Set(missing)];
}

function servicesOf(
  route: RoutePlan,
  { plan: upstream, schema }: LoadedUpstream,
  plan: Plan,
  problems: string[],
): ServiceModel[] {
  const named = new Set(
    plan.routes.filter((other) => other.upstream === upstream.name).flatMap((r) => r.services),
  );
  return route.services.flatMap((name) => {
    if (name === '*') {
      // Reflection and health tell about the service's own port; who wants them exposed names them.
      return [...schema.services.values()].filter(
        ({ fullName }) => !named.has(fullName) && !isOfThePort(fullName),
      );
    }
    const service = schema.services.get(name);
    if (service !== undefined) return [service];
    const known = [...schema.services.keys()].join(', ') || 'none';
    problems.push(
      `${route.path}.services: upstream "${upstream.name}" has no service "${name}", only ${known}`,
    );
    return [];
  });
}

function isOfThePort(service: string): boolean {
  return service.startsWith('grpc.reflection.') || service === HEALTH_SERVICE;
}

/** The annotated rules, then the path that every method answers, unless a rule of its own says just that. */
function rulesOf(method: MethodModel): HttpRule[] {
  const own = method.rules.some(
    ({ verb, template }) => verb === 'POST' && template === method.path,
  );
  return own ? [...method.rules] : [...method.rules, implicitRule(method)];
}

/** An upstream with the innermost handler of its routes: they take turns over its endpoints together. */
interface Runnable extends LoadedUpstream {
  readonly send: Handler<Routed>;
  /** How the methods of an HTTP upstream are called; null where the service speaks gRPC. */
  readonly reverse: Map<string, ReverseBinding> | null;
}

function runnable(upstream: LoadedUpstream, input: GenerationInput): Runnable {
  const { name, endpoints, protocol, settings } = upstream.plan;
  const reverse = protocol === 'http' ? new Map<string, ReverseBinding>() : null;
  let outbound = input.outbounds.get(name);
  const transport = input.transports.get(name);
  if (reverse !== null && transport !== undefined) {
    const maxMessageBytes = settings.limits.messageBytes;
    const { schema } = upstream;
    outbound = createRestOutbound({ transport, bindings: reverse, maxMessageBytes, schema });
  }
  if (outbound === undefined) throw new Error(`no outbound for ${name}`);
  return { ...upstream, reverse, send: sendTo(outbound, endpoints) };
}

/** The first rule of a method is the one that its service is called by. */
function addReverse(
  method: MethodModel,
  { strictness, limits, json }: Settings,
  { reverse, schema }: Runnable,
  problems: string[],
): void {
  if (reverse === null) return;
  const rule = method.rules[0] ?? implicitRule(method);
  collect(problems, rule, () => {
    const settings = { strictness, maxDepth: limits.depth, json };
    const template = parseTemplate(rule.template);
    reverse.set(method.path, compileReverse(method, { rule, template, settings, schema }));
  });
}

function methodCompiler(
  method: MethodModel,
  route: Route,
  settings: Settings,
  { schema, metrics }: { readonly schema: Schema; readonly metrics: Metrics },
): (rule: HttpRule) => RestTarget {
  const target = {
    route,
    settings: restSettings(settings, metrics, method),
    schema,
  };
  const { strictness, limits, json, stream } = settings;
  return (rule: HttpRule): RestTarget => ({
    ...target,
    binding: compileBinding(method, rule, { strictness, maxDepth: limits.depth, json }, schema),
    events: method.kind === 'server_stream' ? eventFields(method, rule, stream.sse) : undefined,
  });
}

/** The policies of a route, from the outside in; what is not configured is not in the chain. */
function compileRoute(method: MethodModel, settings: Settings, send: Handler<Routed>): Route {
  const bounded = method.kind === 'unary' || method.kind === 'client_stream';
  const chain: Policy<Routed, Routed>[] = [
    deadline({
      timeoutMs: bounded ? settings.timeoutMs : settings.streamTimeoutMs,
      idleMs: bounded ? Infinity : settings.idleMs,
    }),
  ];
  const { cors: pages } = settings;
  if (pages !== null) {
    const headers = pages.headers === null ? null : [...pages.headers, ...PAGE_HEADERS];
    chain.push(cors({ ...pages, headers }));
  }
  if (hasRules(settings.metadata)) chain.push(metadata(settings.metadata));
  return {
    name: method.path.slice(1),
    rpc: method.path,
    kind: method.kind,
    handle: chain.reduceRight((next, policy) => policy(next), send),
    letIn: letInOf(settings),
  };
}

function letInOf({ cors: pages }: Settings): LetIn | null {
  return pages === null ? null : letIn(pages);
}

function restSettings(settings: Settings, metrics: Metrics, method: MethodModel): RestSettings {
  const counters = metrics.route(method.path.slice(1));
  return {
    streamFormat: settings.stream.format,
    wrapResult: settings.stream.wrap === 'result',
    heartbeatMs: settings.stream.sse.heartbeatMs,
    prettyErrors: settings.json.pretty,
    maxBodyBytes: settings.limits.bodyBytes,
    maxMessageBytes: settings.limits.messageBytes,
    answerCompression: answerCompression(settings),
    onUnknown: (count) => {
      counters.unknownFields += count;
    },
  };
}

function answerCompression({ answerCompression: chosen }: Settings): AnswerCompression | null {
  if (chosen === null) return null;
  return { minBytes: chosen.minBytes, negotiate: negotiatorOf(chosen.codings) };
}

/** Names both rules, and their upstreams where one service stands behind two. */
function describeConflict(
  { first, second }: HttpConflict<RestTarget>,
  upstreams: readonly LoadedUpstream[],
): string {
  const one = first.target.schema === second.target.schema;
  const [taken, rule] = [first, second].map(({ describe, verb, template, target }) => {
    const upstream = upstreams.find(({ schema }) => schema === target.schema)?.plan.name;
    return `${describe}${one ? '' : ` (upstream "${upstream}")`}: ${verb} ${template.text}`;
  });
  return `${rule} is taken by ${taken}`;
}

/** A rule that is wrong in both directions is told once. */
function collect(problems: string[], rule: HttpRule, step: () => void): void {
  try {
    step();
  } catch (error) {
    const wrong = error instanceof BindingError || error instanceof TemplateError;
    if (!wrong) throw error;
    const origin = error instanceof TemplateError ? `${rule.origin}: ` : '';
    const problem = `${origin}${error.message}`;
    if (!problems.includes(problem)) problems.push(problem);
  }
}
