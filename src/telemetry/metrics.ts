/**
 * Metrics of calls. The hot path increments typed arrays (17 ns where prom-client's histogram takes 700); prom-client is loaded by the
 * first scrape and reads them. Labels are bounded by the configuration: routes, protocols and codes, never anything that a client sent.
 */
import type { Registry } from 'prom-client';
import type { LimitName } from '../call/server.ts';
import { STATUS_CODES } from '../call/status.ts';
import type { EndpointNumbers } from './endpoint-numbers.ts';
import { asMetric, type Family, type Sample } from './family.ts';
import { DURATION_BUCKETS_S, RouteCounters, type Series } from './route-counters.ts';
import { UPSTREAM_FAMILIES, type UpstreamEndpoint } from './upstream-families.ts';

export interface Metrics {
  /** The counters of a route; made when the route first appears. Empty is the name of calls that found no route. */
  route(name: string): RouteCounters;
  /** A bound has stopped a client. */
  limited(name: LimitName): void;
  /** From now on a scrape reads the numbers of these endpoints, by address; in place of earlier ones of that upstream. */
  upstream(name: string, endpoints: ReadonlyMap<string, EndpointNumbers>): void;
  /** Everything in the text format of Prometheus. */
  expose(): Promise<Exposition>;
}

export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** Starts empty; each gateway of a process has its own. */
export function createMetrics(): Metrics {
  const routes = new Map<string, RouteCounters>();
  const limits = new Map<LimitName, number>();
  const upstreams = new Map<string, ReadonlyMap<string, EndpointNumbers>>();
  let registry: Promise<Registry> | null = null;
  return {
    route(name) {
      let counters = routes.get(name);
      if (counters === undefined) {
        counters = new RouteCounters(name);
        routes.set(name, counters);
      }
      return counters;
    },
    upstream(name, endpoints) {
      upstreams.set(name, endpoints);
    },
    limited(name) {
      limits.set(name, (limits.get(name) ?? 0) + 1);
    },
    async expose() {
      registry ??= openRegistry({
        routes: () => routes.values(),
        endpoints: () => endpointsOf(upstreams),
        limits: () => limits,
      });
      const { contentType, text } = await registry.then(async (open) => ({
        contentType: open.contentType,
        text: await open.metrics(),
      }));
      return { contentType, text };
    },
  };
}

/** What a scrape reads. */
interface Counted {
  readonly routes: () => Iterable<RouteCounters>;
  readonly endpoints: () => Iterable<UpstreamEndpoint>;
  readonly limits: () => Iterable<readonly [LimitName, number]>;
}

async function openRegistry({ routes, endpoints, limits }: Counted): Promise<Registry> {
  const { default: prometheus } = await import('prom-client');
  const registry = new prometheus.Registry();
  for (const family of FAMILIES) registry.registerMetric(asMetric(family, routes));
  registry.registerMetric(asMetric(LIMITS, limits));
  for (const family of UPSTREAM_FAMILIES) registry.registerMetric(asMetric(family, endpoints));
  prometheus.collectDefaultMetrics({ register: registry });
  return registry;
}

function* endpointsOf(
  upstreams: ReadonlyMap<string, ReadonlyMap<string, EndpointNumbers>>,
): Iterable<UpstreamEndpoint> {
  for (const [upstream, endpoints] of upstreams) {
    for (const [endpoint, numbers] of endpoints) yield { upstream, endpoint, numbers };
  }
}

const LIMITS: Family<readonly [LimitName, number]> = {
  name: 'polygate_limits_total',
  help: 'How often a bound of the listener has stopped a client, by bound.',
  type: 'counter',
  samples: (limits) => Array.from(limits, ([limit, value]) => ({ labels: { limit }, value })),
};

const FAMILIES: readonly Family<RouteCounters>[] = [
  {
    name: 'polygate_calls_total',
    help: 'Finished calls by route, client protocol and gRPC code.',
    type: 'counter',
    samples: (routes) => eachSeries(routes, codeSamples),
  },
  {
    name: 'polygate_call_duration_seconds',
    help: 'Time from the head of the request to the end of the answer.',
    type: 'histogram',
    samples: (routes) => eachSeries(routes, durationSamples),
  },
  {
    name: 'polygate_calls_in_flight',
    help: 'Calls that have begun and have not finished.',
    type: 'gauge',
    samples: (routes) =>
      Array.from(routes)
        .filter(({ used }) => used)
        .map(({ name, inFlight }) => ({ labels: { route: name }, value: inFlight })),
  },
  {
    name: 'polygate_unknown_fields_total',
    help: 'Fields and query parameters that no message knows, let through under strictness "warn".',
    type: 'counter',
    samples: (routes) =>
      Array.from(routes, ({ name, unknownFields }) => ({
        labels: { route: name },
        value: unknownFields,
      })).filter(({ value }) => value > 0),
  },
];

function eachSeries(
  routes: Iterable<RouteCounters>,
  samples: (route: string, series: Series) => Sample[],
): Sample[] {
  return Array.from(routes).flatMap((counters) =>
    Array.from(counters.series).flatMap((series) => samples(counters.name, series)),
  );
}

/** Codes that never occurred are left out: 17 zeros for each route would drown the rest. */
function codeSamples(route: string, { protocol, codes }: Series): Sample[] {
  return STATUS_CODES.map((code, number) => ({
    labels: { route, protocol, code },
    value: codes[number] ?? 0,
  })).filter(({ value }) => value > 0);
}

function durationSamples(route: string, { protocol, buckets, sumMs }: Series): Sample[] {
  const name = 'polygate_call_duration_seconds';
  const samples: Sample[] = [];
  // Refused requests have a code and no duration.
  if (buckets.every((calls) => calls === 0)) return samples;
  let count = 0;
  for (const [index, le] of [...DURATION_BUCKETS_S, '+Inf'].entries()) {
    count += buckets[index] ?? 0;
    samples.push({
      metricName: `${name}_bucket`,
      labels: { le, route, protocol },
      value: count,
    });
  }
  samples.push(
    { metricName: `${name}_sum`, labels: { route, protocol }, value: (sumMs[0] ?? 0) / 1000 },
    { metricName: `${name}_count`, labels: { route, protocol }, value: count },
  );
  return samples;
}
