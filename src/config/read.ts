/** From what the command line says to a plan, the whole way: load, override, validate, plan, look for the files. */
import { dirname } from 'node:path';
import { configFromAddress, type AddressOptions } from './from-address.ts';
import { requireFiles } from './files.ts';
import { findConfig, loadConfig } from './load.ts';
import { overrideConfig, type Overrides } from './override.ts';
import { makePlan, type Plan } from './plan.ts';
import { validate } from './validate.ts';

/** The plan of a configuration file, or a ConfigError with every mistake. Without `file`, the one in the folder `cwd`. */
export async function readPlan(
  file: string | undefined,
  cwd: string,
  overrides: Overrides = {},
): Promise<{ readonly plan: Plan; readonly file: string }> {
  const loaded = await loadConfig(file ?? findConfig(cwd), cwd);
  const plan = planned(overrideConfig(loaded.config, overrides), dirname(loaded.file), loaded.file);
  return { plan, file: loaded.file };
}

/** The plan of `polygate grpc://HOST:PORT`: no file, all services. Relative paths start at `cwd`. */
export function planFromAddress(
  address: string,
  cwd: string,
  options: AddressOptions = {},
  overrides: Overrides = {},
): Plan {
  const config = configFromAddress(address, options);
  return planned(overrideConfig(config, overrides), cwd, 'command line');
}

function planned(config: unknown, baseDir: string, origin: string): Plan {
  const plan = makePlan(validate(config, origin), baseDir);
  requireFiles(plan, origin);
  return plan;
}
