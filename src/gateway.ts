/** The map: listen -> inbound -> pipeline -> outbound, and the life of a gateway from plan to the last call. */
import { type Admin, startAdmin } from './admin/admin.ts';
import type { Call } from './call/call.ts';
import { GatewayError } from './call/error.ts';
import type { HttpTransport } from './call/http-transport.ts';
import { LiveCalls } from './call/live-calls.ts';
import type { PlainAnswer } from './call/server.ts';
import { statusOf } from './call/status.ts';
import type { Exchange, Inbound, Outbound, Reply, RequestHead, Routed } from './call/types.ts';
import { isLoopback } from './config/address.ts';
import type { Http1UpstreamPlan, Http2UpstreamPlan, Plan } from './config/plan.ts';
import { compressionOf } from './compression/content-coding.ts';
import { buildGeneration, type Generation } from './generation.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { newId } from './lib/ids.ts';
import { type Random, systemRandom } from './lib/random.ts';
import { TimerWheel } from './lib/timer-wheel.ts';
import { listen, type Listener } from './listen/listener.ts';
import { createMount, type Mount } from './listen/mount.ts';
import { createConnectStreamInbound } from './protocols/connect/stream-inbound.ts';
import { createConnectUnaryInbound } from './protocols/connect/unary-inbound.ts';
import { createGrpcInbound } from './protocols/grpc/inbound.ts';
import { createGrpcOutbound } from './protocols/grpc/outbound.ts';
import { createGrpcWebInbound } from './protocols/grpc-web/inbound.ts';
import { errorAnswer } from './protocols/rest/errors.ts';
import { createRestInbound, type RestInboundOptions } from './protocols/rest/inbound.ts';
import type { RpcTable } from './routing/rpc-table.ts';
import type { RpcTarget } from './rpc/target.ts';
import { type LoadedUpstream, loadUpstreams, type UpstreamEnvironment } from './schemas.ts';
import { readListenerTls } from './tls-files.ts';
import { Readiness } from './services/readiness.ts';
import { createLog, type Log } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { createObserver, type Observer } from './telemetry/observe.ts';
import { type CountedHttpTransport, loadHttpTransport } from './upstream/http-transport.ts';
import type { PoolClocks } from './upstream/endpoint-pool.ts';
import { createHttpOverHttp2 } from './upstream/http-over-http2.ts';
import type { KeptConnections } from './upstream/http2-places.ts';
import { createHttp2Transport } from './upstream/http2-transport.ts';

export interface GatewayOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  /** Whether it opens the port of `listen`. Default true; false is for a gateway that is only mounted. */
  readonly listen?: boolean;
  /** Default: JSON lines on standard output, as `log` of the configuration says. */
  readonly log?: Log;
}

export interface Gateway {
  readonly host: string;
  /** 0 where it does not listen. */
  readonly port: number;
  /** Null where the configuration has switched the admin port off. */
  readonly adminPort: number | null;
  readonly generation: Generation;
  /** For servers that somebody else listens with; see {@link Mount}. Its requests are calls like those of the port. */
  readonly mount: Mount;
  /**
   * Stops accepting, lets calls in flight finish within the drain time of the plan, then ends them. Resolves with how many were cut.
   * A second call, and `now`, cut at once.
   */
  close(now?: boolean): Promise<number>;
}

/** How long the last words of cancelled calls may take. */
const LAST_WORDS_MS = 250;
/** When a client that was refused for lack of room may ask again. */
const OVERLOAD_RETRY_MS = 1_000;

interface StartOptions extends GatewayOptions {
  /** Ends the wait for an upstream that is asked by reflection and not up. */
  readonly signal?: AbortSignal;
  /** Told of each such wait, beside the line in the log. */
  readonly onRetry?: NonNullable<UpstreamEnvironment['onRetry']>;
}

/** Reads the schemas, builds the generation and listens. Rejects before anything listens where one of them fails. */
export async function startGateway(plan: Plan, options: StartOptions = {}): Promise<Gateway> {
  const { clock = systemClock, random = systemRandom, signal } = options;
  const log = options.log ?? (await createLog({ level: plan.log.level }));
  const { listen: listens = true } = options;
  const running = new Running(plan, { clock, random, log, listen: listens });
  try {
    await running.openAdmin();
    const upstreams = await loadUpstreams(plan.upstreams, {
      directory: plan.baseDir,
      clock,
      random,
      ...(signal !== undefined && { signal }),
      onRetry: (upstream, retry) => {
        log.warn({ upstream: upstream.name, ...retry }, 'waiting for server reflection');
        options.onRetry?.(upstream, retry);
      },
    });
    await running.open(upstreams);
  } catch (error) {
    await running.close(true);
    throw error;
  }
  return running;
}

class Running implements Gateway {
  readonly #plan: Plan;
  readonly #listens: boolean;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Log;
  readonly #wheel: TimerWheel;
  readonly #metrics: Metrics = createMetrics();
  readonly #observer: Observer;
  /** So that a drain can end what is still running. */
  readonly #calls = new LiveCalls();
  readonly #outbounds = new Map<string, Outbound>();
  /** Connections that stand ready without calls. */
  readonly #kept: KeptConnections[] = [];
  readonly #httpTransports = new Map<string, HttpTransport>();
  readonly #readiness = new Readiness();
  #generation: Generation | null = null;
  #listener: Listener | null = null;
  #mount: Mount | null = null;
  #admin: Admin | null = null;
  #closing: Promise<number> | null = null;
  readonly #wasCut = Promise.withResolvers<void>();
  /** How many calls the shutdown has ended before their time. */
  #cancelled = 0;

  constructor(plan: Plan, { clock, random, log, listen: listens }: Required<GatewayOptions>) {
    this.#plan = plan;
    this.#listens = listens;
    this.#clock = clock;
    this.#wheel = new TimerWheel(clock);
    this.#random = random;
    this.#log = log;
    const { access } = plan.log;
    this.#observer = createObserver({ metrics: this.#metrics, log, access });
  }

  get generation(): Generation {
    if (this.#generation === null) throw new Error('the gateway has not started');
    return this.#generation;
  }

  get host(): string {
    return this.#listener?.host ?? this.#plan.listen.host;
  }

  get port(): number {
    return this.#listener?.port ?? (this.#listens ? this.#plan.listen.port : 0);
  }

  get mount(): Mount {
    if (this.#mount === null) throw new Error('the gateway has not started');
    return this.#mount;
  }

  get adminPort(): number | null {
    return this.#admin?.port ?? null;
  }

  async openAdmin(): Promise<void> {
    if (this.#plan.admin === null) return;
    this.#admin = await startAdmin({
      ...this.#plan.admin,
      metrics: this.#metrics,
      log: this.#log,
      readiness: () => {
        const reasons = [
          ...(this.#generation === null ? ['the schemas are not loaded yet'] : []),
          ...(this.#listens && this.#listener === null ? ['the listener is not open yet'] : []),
          ...(this.#closing === null ? [] : ['the gateway is draining']),
        ];
        return { ready: reasons.length === 0, reasons };
      },
    });
  }

  async open(upstreams: readonly LoadedUpstream[]): Promise<void> {
    for (const upstream of upstreams) await this.#connect(upstream);
    const plan = this.#plan;
    this.#generation = buildGeneration({
      plan,
      upstreams,
      outbounds: this.#outbounds,
      transports: this.#httpTransports,
      metrics: this.#metrics,
      readiness: this.#readiness,
      // A server that this gateway is mounted into may listen anywhere.
      reflection:
        plan.reflection === 'local'
          ? this.#listens && isLoopback(plan.listen.host)
          : plan.reflection,
    });
    for (const transport of this.#kept) transport.warm();
    for (const warning of this.#generation.warnings) this.#log.warn({}, warning);
    const serve = this.#pipeline(this.#generation);
    this.#mount = createMount({
      clock: this.#clock,
      // The server of somebody else goes on when this gateway does not.
      serve: (exchange) => (this.#closing === null ? serve(exchange) : this.#turnAway(exchange)),
    });
    if (this.#listens) await this.#listen(serve);
    this.#readiness.open();
    this.#log.info(
      {
        host: this.host,
        port: this.port,
        adminPort: this.adminPort,
        routes: this.#generation.table.entries().length,
        upstreams: upstreams.map(({ plan }) => plan.name),
      },
      'polygate is listening',
    );
  }

  async #listen(serve: (exchange: Exchange) => void): Promise<void> {
    const { host, port, limits, tls } = this.#plan.listen;
    this.#listener = await listen({
      host,
      port,
      limits,
      tls: tls === null ? null : await readListenerTls(tls),
      wheel: this.#wheel,
      serve,
      refuse: (error) => this.#refuse(error),
      onLimit: (name) => this.#metrics.limited(name),
    });
  }

  #turnAway(exchange: Exchange): void {
    const { status, headers, body } = this.#refuse(drainError());
    exchange.answer(status, headers, body);
  }

  /** What carries the calls of an upstream; nothing is connected before the first. */
  async #connect({ plan, tls }: LoadedUpstream): Promise<void> {
    if (plan.protocol === 'http') {
      const transport = await this.#httpTransport(plan, tls);
      this.#httpTransports.set(plan.name, transport);
      this.#metrics.upstream(plan.name, transport.numbers);
      return;
    }
    const { connections, endpoints, settings } = plan;
    const compression = compressionOf(plan.compression) ?? null;
    const maxMessageBytes = settings.limits.messageBytes;
    const transport = createHttp2Transport({ endpoints, tls, connections, ...this.#clocks });
    this.#kept.push(transport);
    this.#metrics.upstream(plan.name, transport.numbers);
    this.#outbounds.set(plan.name, createGrpcOutbound({ transport, maxMessageBytes, compression }));
  }

  async #httpTransport(
    plan: Http1UpstreamPlan | Http2UpstreamPlan,
    tls: LoadedUpstream['tls'],
  ): Promise<CountedHttpTransport> {
    const { endpoints } = plan;
    if (plan.http === '1.1') {
      const create = await loadHttpTransport();
      return create({ endpoints, tls, connections: plan.connections });
    }
    const { connections } = plan;
    const transport = createHttpOverHttp2({ endpoints, tls, connections, ...this.#clocks });
    this.#kept.push(transport);
    return transport;
  }

  get #clocks(): PoolClocks {
    return { clock: this.#clock, random: this.#random };
  }

  /** What never became an exchange has an id, a line in the log and a place in the metrics all the same. */
  #refuse(error: GatewayError): PlainAnswer {
    const id = newId();
    const answer = errorAnswer(statusOf(error), {
      id,
      schema: null,
      problem: false,
      pretty: false,
    });
    this.#observer.refused({ id, httpStatus: answer.status, error });
    return answer;
  }

  /** What every exchange goes through, in the order of the call's life. */
  #pipeline({ table, rpcs, letIn }: Generation): (exchange: Exchange) => void {
    const observer = this.#observer;
    const { maxCalls } = this.#plan.listen;
    const handle = (call: Call): Promise<Reply> => {
      observer.begin(call);
      call.letIn = letIn;
      try {
        call.route = call.router.route(call);
        if (this.#calls.size >= maxCalls) throw this.#overloaded();
      } catch (error) {
        // CORS is a policy of the route, and none of those will run.
        call.letIn?.(call);
        throw error;
      }
      observer.routed(call);
      this.#calls.add(call);
      return call.route.handle(call as Routed);
    };
    const wheel = this.#wheel;
    const rpc = { table: rpcs, wheel, handle };
    // The first that matches serves; application/grpc-web begins like gRPC, and REST takes what is left.
    const inbounds = [
      createGrpcWebInbound(rpc),
      createGrpcInbound(rpc),
      createConnectStreamInbound(rpc),
      createConnectUnaryInbound(rpc),
    ];
    const rest = createRestInbound({ table, wheel, handle, methods: verbsOf(rpcs) });
    return (exchange) => inboundOf(exchange.head, inbounds, rest).serve(exchange);
  }

  #overloaded(): GatewayError {
    this.#metrics.limited('calls');
    return new GatewayError('PG_OVERLOADED', 'the gateway has as many calls as it takes', {
      reached: 'no',
      retryAfterMs: OVERLOAD_RETRY_MS,
    });
  }

  close(now = false): Promise<number> {
    if (this.#closing !== null || now) this.#cut();
    this.#closing ??= this.#close(now);
    return this.#closing;
  }

  async #close(now: boolean): Promise<number> {
    // Ends those who watch health, too.
    this.#readiness.drain();
    // Connections of mounted calls are not ours to cut: behind a cut, calls alone are not waited for.
    const quiet = Promise.race([this.#calls.empty(), this.#wasCut.promise]);
    const drained = Promise.all([this.#listener?.drain(), quiet]);
    for (const transport of this.#kept) transport.drain();
    if (now) this.#cut();
    const timer = this.#clock.after(this.#plan.drainMs, () => {
      this.#cancelCalls();
      // The polite ends need a moment on the wire.
      this.#clock.after(LAST_WORDS_MS, () => this.#cut());
    });
    await drained;
    timer.cancel();
    for (const outbound of this.#outbounds.values()) outbound.close();
    const closed = new GatewayError('PG_DRAIN', 'the gateway has closed its connections');
    for (const transport of this.#httpTransports.values()) transport.close(closed);
    await this.#admin?.close();
    await this.#log.flush();
    return this.#cancelled;
  }

  /** Each client gets the end that its protocol has for it. */
  #cancelCalls(): void {
    for (const call of this.#calls.all()) {
      if (call.cancelled === null) this.#cancelled++;
      call.cancel(drainError());
    }
  }

  #cut(): void {
    this.#cancelCalls();
    this.#listener?.cut();
    this.#wasCut.resolve();
  }
}

function inboundOf(head: RequestHead, inbounds: readonly Inbound[], otherwise: Inbound): Inbound {
  for (const inbound of inbounds) if (inbound.match(head)) return inbound;
  return otherwise;
}

/** The verbs by which a method is called at its own path, for preflights. */
function verbsOf(rpcs: RpcTable<RpcTarget>): RestInboundOptions['methods'] {
  return (path) => {
    const target = rpcs.match(path);
    if (target === undefined) return undefined;
    const { route, sideEffectFree } = target;
    const getToo = sideEffectFree && route.kind === 'unary';
    return { route, verbs: getToo ? ['GET', 'POST'] : ['POST'] };
  };
}

function drainError(): GatewayError {
  return new GatewayError('PG_DRAIN', 'the gateway is shutting down', { retryAfterMs: 1_000 });
}
