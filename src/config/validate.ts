/** From anything that a file exports to a configuration that can be planned. */
import type { GatewayConfig } from './define.ts';
import { ConfigError, type Problem } from './problem.ts';
import { checkReferences } from './references.ts';
import { gatewayShape } from './shape.ts';

/** `config` as it is, or a {@link ConfigError} with every mistake in it. `origin` is what the error says they are in, as a file's name. */
export function validate(config: unknown, origin?: string): GatewayConfig {
  const problems = findProblems(config);
  if (problems.length > 0) throw new ConfigError(problems, origin);
  return config as GatewayConfig;
}

/** Every mistake, in the order of the public types; empty where there is none. */
export function findProblems(config: unknown): readonly Problem[] {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => {
    problems.push(problem);
  };
  gatewayShape(config, '', report);
  checkReferences(config, report);
  return problems;
}
