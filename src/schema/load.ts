/** The door of this folder: a source in, the frozen model out. What a source does not need is not imported. */
import type { Collected } from './collected.ts';
import type { Schema } from './model.ts';
import type { ServiceConfig } from './service-config.ts';
import type { SchemaEnvironment, SchemaSource } from './source.ts';

/**
 * Reads a schema. Rejects with a `SchemaError` that lists everything that is wrong with it; a reflection server that is not up yet is
 * waited for, as the environment says.
 */
export async function loadSchema(
  source: SchemaSource,
  environment: SchemaEnvironment,
): Promise<Schema> {
  // First, so that a mistake in the file is told before a server is waited for.
  const config = await readRules(source, environment);
  const collected = await collect(source, environment);
  const { buildSchema } = await import('./build.ts');
  return buildSchema(collected, config);
}

async function readRules(
  source: SchemaSource,
  environment: SchemaEnvironment,
): Promise<ServiceConfig | undefined> {
  if (source.rules === undefined) return undefined;
  const { readServiceConfig } = await import('./service-config.ts');
  return readServiceConfig(source.rules, environment.directory);
}

async function collect(source: SchemaSource, environment: SchemaEnvironment): Promise<Collected> {
  if ('protos' in source) {
    const { collectProtoFiles } = await import('./proto-files.ts');
    return collectProtoFiles(source, environment.directory);
  }
  if ('descriptorSet' in source) {
    const { collectDescriptorSet } = await import('./descriptor-set.ts');
    return collectDescriptorSet(source, environment.directory);
  }
  const { collectReflection } = await import('./reflection.ts');
  return collectReflection(source, environment);
}
