/** The public API. Everything else may change between two versions. */
import { resolve } from 'node:path';
import type { Gateway, GatewayOptions } from './gateway.ts';
import type { GatewayConfig } from './config/define.ts';

export { defineConfig } from './config/define.ts';
export type * from './config/define.ts';
export type { Gateway, GatewayOptions } from './gateway.ts';
export { fastifyPlugin } from './listen/fastify-plugin.ts';
export type { Mount, NodeHandler } from './listen/mount.ts';

/**
 * Validates `config`, reads the schemas and listens. Relative paths of the configuration start at `baseDir`, by default the working folder.
 * Rejects with a ConfigError, SchemaError or GenerationError that lists every mistake. What a configuration file does not need is loaded here.
 */
export async function createGateway(
  config: GatewayConfig,
  options: GatewayOptions & { readonly baseDir?: string; readonly signal?: AbortSignal } = {},
): Promise<Gateway> {
  const [{ validate }, { makePlan }, { startGateway }] = await Promise.all([
    import('./config/validate.ts'),
    import('./config/plan.ts'),
    import('./gateway.ts'),
  ]);
  return startGateway(makePlan(validate(config), resolve(options.baseDir ?? '.')), options);
}
