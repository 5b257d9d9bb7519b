/** fault.v1.Fault as proto-loader reads it, for clients and servers of grpc-js and its like. */
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export function faultDefinition(): ServiceDefinition {
  const definition = loadSync('fault/v1/fault.proto', {
    includeDirs: [
      new URL('protos', import.meta.url).pathname,
      new URL('../../protos', import.meta.url).pathname,
    ],
  });
  return definition['fault.v1.Fault'] as ServiceDefinition;
}
