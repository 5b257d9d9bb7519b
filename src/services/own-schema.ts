/** The schema of the services that the gateway answers itself. */
import { bundledSchema } from '../schema/builtin.ts';
import type { Schema } from '../schema/model.ts';

let cached: Schema | undefined;

/** Built at the first call, from files that come along. */
export function ownSchema(): Schema {
  cached ??= bundledSchema([
    'grpc/health/v1/health.proto',
    'grpc/reflection/v1/reflection.proto',
    'grpc/reflection/v1alpha/reflection.proto',
  ]);
  return cached;
}
