/** Where the demo's `.proto` files are, and how they are read. */
import { fileURLToPath } from 'node:url';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';

/** The import path of every `.proto` file of this repository. */
export const PROTOS: string = fileURLToPath(new URL('../../protos', import.meta.url));

/** The definitions of one file under {@link PROTOS}, in the form that types.ts describes. */
export function loadProto(file: string): PackageDefinition {
  return loadSync(file, {
    includeDirs: [PROTOS],
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  });
}

/** One service of a file, by its full name. */
export function serviceOf(definitions: PackageDefinition, name: string): ServiceDefinition {
  const found = definitions[name];
  if (found === undefined || 'format' in found) throw new Error(`${name} is no service`);
  return found;
}

type ServiceDefinition = Exclude<PackageDefinition[string], { format: string }>;
