/** The map: listen -> inbound -> pipeline -> outbound, and the life of a gateway from plan to the last call. */
import { type Admin, startAdmin } from './admin/admin.ts';
import type { Call } from './call/call.ts';
import { GatewayError } from './call/error.ts';
import type { HttpTransport } from './call/http-transport.ts';
import { LiveCalls } from './call/live-calls.ts';
import type { PlainAnswer } from './call/server.ts';
import { statusOf } from './call/status.ts';
import type { Exchange, Outbound, Reply, Routed } from './call/types.ts';
import type { Plan } from './config/plan.ts';
import { buildGeneration, type Generation } from './generation.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { newId } from './lib/ids.ts';
import { type Random, systemRandom } from './lib/random.ts';
import { TimerWheel } from './lib/timer-wheel.ts';
import { listen, type Listener } from './listen/listener.ts';
import { createGrpcOutbound } from './protocols/grpc/outbound.ts';
import { errorAnswer } from './protocols/rest/errors.ts';
import { createRestInbound } from './protocols/rest/inbound.ts';
import { type LoadedUpstream, loadUpstreams, type UpstreamEnvironment } from './schemas.ts';
import { createLog, type Log } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { createObserver, type Observer } from './telemetry/observe.ts';
import { loadHttpTransport } from './upstream/http-transport.ts';
import { createHttp2Transport, type Http2Transport } from './upstream/http2-transport.ts';

export interface GatewayOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  /** Default: JSON lines on standard output, as `log` of the configuration says. */
  readonly log?: Log;
}

export interface Gateway {
  readonly host: string;
  readonly port: number;
  /** Null where the configuration has switched the admin port off. */
  readonly adminPort: number | null;
  readonly generation: Generation;
  /**
   * Stops accepting, lets calls in flight finish within the drain time of the plan, then ends them. Resolves with how many were cut.
   * A second call, and `now`, cut at once.
   */
  close(now?: boolean): Promise<number>;
}

/** How long the last words of cancelled calls may take. */
const LAST_WORDS_MS = 250;
/** For the head of a request; the body has the deadline of its call. */
const HEAD_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 60_000;
const MAX_CONNECTIONS = 20_000;
const MAX_HEADERS = 100;

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
  const running = new Running(plan, { clock, random, log });
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
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Log;
  readonly #metrics: Metrics = createMetrics();
  readonly #observer: Observer;
  /** So that a drain can end what is still running. */
  readonly #calls = new LiveCalls();
  readonly #outbounds = new Map<string, Outbound>();
  readonly #transports: Http2Transport[] = [];
  readonly #httpTransports = new Map<string, HttpTransport>();
  #generation: Generation | null = null;
  #listener: Listener | null = null;
  #admin: Admin | null = null;
  #closing: Promise<number> | null = null;
  /** How many calls the shutdown has ended before their time. */
  #cancelled = 0;

  constructor(plan: Plan, { clock, random, log }: Required<GatewayOptions>) {
    this.#plan = plan;
    this.#clock = clock;
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
    return this.#listener?.port ?? this.#plan.listen.port;
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
          ...(this.#listener === null ? ['the listener is not open yet'] : []),
          ...(this.#closing === null ? [] : ['the gateway is draining']),
        ];
        return { ready: reasons.length === 0, reasons };
      },
    });
  }

  async open(upstreams: readonly LoadedUpstream[]): Promise<void> {
    for (const upstream of upstreams) await this.#connect(upstream);
    this.#generation = buildGeneration({
      plan: this.#plan,
      upstreams,
      outbounds: this.#outbounds,
      transports: this.#httpTransports,
      metrics: this.#metrics,
    });
    for (const transport of this.#transports) transport.warm();
    for (const warning of this.#generation.warnings) this.#log.warn({}, warning);
    this.#listener = await listen({
      ...this.#plan.listen,
      clock: this.#clock,
      maxHeaderBytes: this.#plan.headerBytes,
      maxHeaders: MAX_HEADERS,
      maxConnections: MAX_CONNECTIONS,
      headTimeoutMs: HEAD_TIMEOUT_MS,
      keepAliveMs: KEEP_ALIVE_MS,
      serve: this.#pipeline(this.#generation),
      refuse: (error) => this.#refuse(error),
    });
    const { host, port, adminPort } = this;
    const routes = this.#generation.table.entries().length;
    const served = upstreams.map(({ plan }) => plan.name);
    this.#log.info({ host, port, adminPort, routes, upstreams: served }, 'polygate is listening');
  }

  /** What carries the calls of an upstream; nothing is connected before the first. */
  async #connect({ plan, tls }: LoadedUpstream): Promise<void> {
    if (plan.protocol === 'http') {
      const { endpoints, connections } = plan;
      const create = await loadHttpTransport();
      this.#httpTransports.set(plan.name, create({ endpoints, tls, connections }));
      return;
    }
    const { connections, endpoints, settings } = plan;
    const maxMessageBytes = settings.limits.messageBytes;
    const transport = createHttp2Transport({
      endpoints,
      tls,
      clock: this.#clock,
      random: this.#random,
      connections,
    });
    this.#transports.push(transport);
    this.#metrics.upstream(plan.name, transport.numbers);
    this.#outbounds.set(plan.name, createGrpcOutbound({ transport, maxMessageBytes }));
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
  #pipeline({ table }: Generation): (exchange: Exchange) => void {
    const observer = this.#observer;
    const handle = (call: Call): Promise<Reply> => {
      observer.begin(call);
      const route = call.router.route(call);
      call.route = route;
      observer.routed(call);
      this.#calls.add(call);
      return route.handle(call as Routed);
    };
    const rest = createRestInbound({ table, wheel: new TimerWheel(this.#clock), handle });
    return (exchange) => rest.serve(exchange);
  }

  close(now = false): Promise<number> {
    if (this.#closing !== null || now) this.#cut();
    this.#closing ??= this.#close(now);
    return this.#closing;
  }

  async #close(now: boolean): Promise<number> {
    if (this.#listener !== null) {
      const drained = this.#listener.drain();
      for (const transport of this.#transports) transport.drain();
      if (now) this.#cut();
      const timer = this.#clock.after(this.#plan.drainMs, () => {
        this.#cancelCalls();
        // The polite ends need a moment on the wire.
        this.#clock.after(LAST_WORDS_MS, () => this.#cut());
      });
      await drained;
      timer.cancel();
    }
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
      call.cancel(
        new GatewayError('PG_DRAIN', 'the gateway is shutting down', { retryAfterMs: 1_000 }),
      );
    }
  }

  #cut(): void {
    this.#cancelCalls();
    this.#listener?.cut();
  }
}
