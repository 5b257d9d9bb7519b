/** The files of the services that the gateway answers itself. */
import { descriptorFiles } from '../schema/files.ts';
import type { SchemaFiles } from '../schema/model.ts';

export const OWN_FILES: SchemaFiles = descriptorFiles(
  new Map(),
  new Set([
    'grpc/health/v1/health.proto',
    'grpc/reflection/v1/reflection.proto',
    'grpc/reflection/v1alpha/reflection.proto',
  ]),
);
