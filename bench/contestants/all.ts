import { envoy } from './envoy.ts';
import { floor } from './floor.ts';
import { grpcGateway } from './grpc-gateway.ts';
import { grpcJs, obvious } from './node-stacks.ts';
import { polygate } from './polygate.ts';
import type { Contestant } from './types.ts';

/** In the order of their turns. */
export const CONTENDERS: readonly Contestant[] = [
  floor,
  obvious,
  grpcJs,
  polygate,
  grpcGateway,
  envoy,
];
