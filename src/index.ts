/** The public API. Everything else may change between two versions. */
import { resolve } from 'node:path';
import type { Gateway, GatewayOptions } from './gateway.ts';
import type { GatewayConfig } from './config/define.ts';

export { defineConfig } from './config/define.ts';
export type * from './config/define.ts';
export type { Gateway, GatewayOptions } from './gateway.ts';
// What an adapter of another protocol is written against; see docs/writing-an-adapter.md.
export type { Attempt } from './call/attempt.ts';
export type { Call, CallObserver, Outcome, Router } from './call/call.ts';
export type { GatewayError, PgCodeName, Reached, Side } from './call/error.ts';
export type { CodecName, Message } from './call/message.ts';
export type { Metadata, MetadataValue } from './call/metadata.ts';
export type { Status, StatusCode, StatusDetail } from './call/status.ts';
export type {
  Body,
  CallKind,
  Endpoint,
  Exchange,
  Handler,
  HeaderList,
  Inbound,
  Outbound,
  Reply,
  RequestHead,
  Route,
  Routed,
  Sink,
  Source,
} from './call/types.ts';
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
