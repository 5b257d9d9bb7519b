/** The schemas of a plan, and what else of its upstreams must be read before a generation can be built. */
import type { UpstreamPlan } from './config/plan.ts';
import { loadSchema } from './schema/load.ts';
import { SchemaError } from './schema/error.ts';
import type { Schema } from './schema/model.ts';
import type { ReflectionRetry, SchemaEnvironment, SchemaSource } from './schema/source.ts';
import { type LoadedTls, readTls } from './tls-files.ts';

export interface LoadedUpstream {
  readonly plan: UpstreamPlan;
  readonly schema: Schema;
  readonly tls: LoadedTls | undefined;
}

export interface UpstreamEnvironment extends Omit<SchemaEnvironment, 'onRetry'> {
  /** Told before each wait for an upstream that is asked by reflection and not up. */
  readonly onRetry?: (upstream: UpstreamPlan, retry: ReflectionRetry) => void;
}

/**
 * Reads what every upstream needs, side by side. Rejects with a SchemaError that lists what is wrong with all of them.
 * The first mistake ends the waits for servers that are not up: they would only hold it back.
 */
export async function loadUpstreams(
  plans: readonly UpstreamPlan[],
  { onRetry, ...environment }: UpstreamEnvironment,
): Promise<LoadedUpstream[]> {
  const failed = new AbortController();
  const { signal: outer } = environment;
  const signal = outer === undefined ? failed.signal : AbortSignal.any([outer, failed.signal]);
  const results = await Promise.allSettled(
    plans.map(async (plan) => {
      try {
        return await loadUpstream(plan, {
          ...environment,
          signal,
          ...(onRetry !== undefined && { onRetry: (retry) => onRetry(plan, retry) }),
        });
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    }),
  );
  return results.some(({ status }) => status === 'rejected')
    ? throwAll(results, failed.signal)
    : results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

/** One error for all that went wrong on its own; a wait that ended because of another's mistake has none. */
function throwAll(results: readonly PromiseSettledResult<unknown>[], ended: AbortSignal): never {
  const errors = results
    .flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []))
    .filter((error) => !(error instanceof Error && error.cause === ended.reason));
  const [first] = errors;
  const schemaErrors = errors.filter((error) => error instanceof SchemaError);
  if (schemaErrors.length < errors.length || schemaErrors.length < 2) throw first;
  throw new SchemaError(schemaErrors.flatMap(({ problems }) => problems));
}

async function loadUpstream(
  plan: UpstreamPlan,
  environment: SchemaEnvironment,
): Promise<LoadedUpstream> {
  const tls = plan.tls === null ? undefined : await readTls(plan.name, plan.tls);
  const schema = await loadSchema(sourceOf(plan, tls), environment);
  return { plan, schema, tls };
}

function sourceOf(plan: UpstreamPlan, tls: LoadedTls | undefined): SchemaSource {
  const rules = plan.rules === null ? {} : { rules: plan.rules };
  const { schema } = plan;
  switch (schema.kind) {
    case 'protos':
      return { protos: schema.protos, importPaths: schema.importPaths, ...rules };
    case 'descriptorSet':
      return { descriptorSet: schema.file, ...rules };
    case 'reflection': {
      const [address = '', ...otherAddresses] = plan.endpoints.map((endpoint) => endpoint.address);
      const security = tls === undefined ? {} : { tls };
      return { reflection: true, address, otherAddresses, ...security, ...rules };
    }
  }
}
