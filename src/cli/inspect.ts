/** From what the command line says to a plan, and for the commands that only look, to everything that a gateway would run on. */
import { planFromAddress, readPlan } from '../config/read.ts';
import type { Overrides } from '../config/override.ts';
import type { Plan } from '../config/plan.ts';
import { buildGeneration, type Generation } from '../generation.ts';
import { systemClock } from '../lib/clock.ts';
import { systemRandom } from '../lib/random.ts';
import type { MethodModel, Schema } from '../schema/model.ts';
import { type LoadedUpstream, loadUpstreams } from '../schemas.ts';
import { Readiness } from '../services/readiness.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import type { ConfigSource } from './arguments.ts';

export interface NamedPlan {
  readonly plan: Plan;
  /** The file or the address that it was made from. */
  readonly origin: string;
}

export interface Inspection extends NamedPlan {
  readonly upstreams: readonly LoadedUpstream[];
  readonly generation: Generation;
}

/** Throws a ConfigError with every mistake. */
export async function planOf(
  source: ConfigSource,
  cwd: string,
  overrides: Overrides = {},
): Promise<NamedPlan> {
  if (source.kind === 'address') {
    const { address, options } = source;
    return { plan: planFromAddress(address, cwd, options, overrides), origin: address };
  }
  const { plan, file } = await readPlan(source.file, cwd, overrides);
  return { plan, origin: file };
}

/** Builds what `serve` would run and opens nothing. A server that must be asked for its schema is tried once. */
export async function inspect(source: ConfigSource, cwd: string): Promise<Inspection> {
  const named = await planOf(source, cwd);
  const { plan } = named;
  const upstreams = await loadUpstreams(plan.upstreams, {
    directory: plan.baseDir,
    clock: systemClock,
    random: systemRandom,
    maxAttempts: 1,
  });
  const outbounds = new Map(plan.upstreams.map(({ name }) => [name, UNUSED]));
  const transports = new Map(plan.upstreams.map(({ name }) => [name, UNUSED]));
  const metrics = createMetrics();
  const generation = buildGeneration({
    plan,
    upstreams,
    outbounds,
    transports,
    metrics,
    reflection: false,
    readiness: new Readiness(),
  });
  return { ...named, upstreams, generation };
}

/** The method behind the path of an RPC. */
export function methodOf(schema: Schema, rpc: string): MethodModel | undefined {
  const [service = '', name] = rpc.slice(1).split('/');
  return schema.services.get(service)?.methods.find((method) => method.name === name);
}

/** A generation that only gets looked at sends nothing. */
const unused = (): never => {
  throw new Error('a generation that is only looked at was called');
};
const UNUSED = {
  send: unused,
  open: unused,
  close: (): void => {},
};
