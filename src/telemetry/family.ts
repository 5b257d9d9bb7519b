/** One family of metrics, computed when it is scraped from what the hot path has counted. */
import type { Metric } from 'prom-client';

export interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** `From` is whose numbers it shows. */
export interface Family<From> {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  samples(all: Iterable<From>): Sample[];
}

/** prom-client's own classes keep their values in objects under hashed labels; a registry only asks for what is here. */
export function asMetric<From>(family: Family<From>, all: () => Iterable<From>): Metric {
  const { name, help, type } = family;
  const metric = {
    name,
    help,
    type,
    aggregator: 'sum',
    get: () =>
      Promise.resolve({ name, help, type, aggregator: 'sum', values: family.samples(all()) }),
  };
  return metric as unknown as Metric;
}
