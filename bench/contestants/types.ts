import type { Command } from '../lib/processes.ts';

export const CONTESTANTS = [
  'floor',
  'obvious',
  'grpc-js',
  'polygate',
  'grpc-gateway',
  'envoy',
] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export interface Place {
  /** Empty, for configuration and logs. */
  readonly folder: string;
  readonly port: number;
  readonly adminPort: number;
  readonly upstreamPort: number;
}

export interface Contestant {
  readonly name: ContestantName;
  /** Builds or installs what it needs and says its version. Throws Unavailable with the reason where it can't. */
  prepare(): string;
  /** Writes its configuration; REST and gRPC clients use the same port. */
  command(place: Place): Command;
  /** What a deployment does before its first start. */
  beforeStart?(command: Command): void;
}
