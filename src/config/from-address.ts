/** The configuration of `polygate grpc://HOST:PORT`, which has no file: one upstream, all of its services. */
import { parseAddress } from './address.ts';
import type { GatewayConfig, SchemaConfig } from './define.ts';
import { ConfigError, describe } from './problem.ts';

/** What the command line may say of the upstream beside its address. Paths are as given; a plan resolves them against the working folder. */
export interface AddressOptions {
  readonly protos?: readonly string[];
  readonly importPaths?: readonly string[];
  /** A FileDescriptorSet. Without it and without `protos`, the upstream is asked by reflection. */
  readonly descriptorSet?: string;
  /** A google.api.Service YAML file. */
  readonly rules?: string;
}

/** `address` is `grpc://HOST:PORT`, or `grpcs://HOST:PORT` for TLS. The result still has to be validated. */
export function configFromAddress(address: string, options: AddressOptions = {}): GatewayConfig {
  const [, scheme, endpoint = ''] = /^(grpcs?):\/\/([^/?#]*)\/?$/i.exec(address) ?? [];
  if (scheme === undefined || parseAddress(endpoint) === undefined) {
    const expected = 'grpc://HOST:PORT or grpcs://HOST:PORT';
    throw new ConfigError([{ path: '', expected, found: describe(address) }], 'address');
  }
  const { rules } = options;
  return {
    upstreams: {
      upstream: {
        protocol: 'grpc',
        endpoints: [endpoint],
        schema: schemaFrom(options),
        ...(rules !== undefined && { rules }),
        ...(scheme.toLowerCase() === 'grpcs' && { tls: true }),
      },
    },
    routes: [{ services: '*', upstream: 'upstream' }],
  };
}

/** What contradicts itself (protos and a descriptor set) is put together as it is, so that validation says so. */
function schemaFrom({ protos, importPaths, descriptorSet }: AddressOptions): SchemaConfig {
  const schema = {
    ...(protos !== undefined && { protos }),
    ...(importPaths !== undefined && { importPaths }),
    ...(descriptorSet !== undefined && { descriptorSet }),
  };
  const asked = protos === undefined && descriptorSet === undefined;
  return (asked ? { ...schema, reflection: true } : schema) as SchemaConfig;
}
