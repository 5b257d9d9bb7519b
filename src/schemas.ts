/** The schemas of a plan, and what else of its upstreams must be read before a generation can be built. */
import { readFile } from 'node:fs/promises';
import type { TlsPlan, UpstreamPlan } from './config/plan.ts';
import { loadSchema } from './schema/load.ts';
import type { Schema } from './schema/model.ts';
import type { SchemaEnvironment, SchemaSource } from './schema/source.ts';

/** PEM bytes of an upstream's TLS. */
export interface LoadedTls {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  serverName?: string;
}

export interface LoadedUpstream {
  readonly plan: UpstreamPlan;
  readonly schema: Schema;
  readonly tls: LoadedTls | undefined;
}

/** Reads what an upstream needs; rejects with a SchemaError, or where a PEM file cannot be read. */
export async function loadUpstream(
  plan: UpstreamPlan,
  environment: SchemaEnvironment,
): Promise<LoadedUpstream> {
  const tls = plan.tls === null ? undefined : await readTls(plan.tls);
  const schema = await loadSchema(sourceOf(plan, tls), environment);
  return { plan, schema, tls };
}

async function readTls({ ca, cert, key, serverName }: TlsPlan): Promise<LoadedTls> {
  const tls: LoadedTls = {};
  if (ca !== null) tls.ca = await readFile(ca);
  if (cert !== null) tls.cert = await readFile(cert);
  if (key !== null) tls.key = await readFile(key);
  if (serverName !== null) tls.serverName = serverName;
  return tls;
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
      const address = plan.endpoints[0]?.address ?? '';
      return { reflection: true, address, ...(tls !== undefined && { tls }), ...rules };
    }
  }
}
