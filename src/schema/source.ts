/** Where a schema comes from, and what a loader needs of the world. */
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';

interface RulesOption {
  /** The path of a google.api.Service YAML file; a rule in it replaces the annotation of the method that it selects. */
  readonly rules?: string;
}

export interface ProtoFilesSource extends RulesOption {
  /** `.proto` files: paths, or names as an import would give them. */
  readonly protos: readonly string[];
  /** Folders that imports are looked up in, before the files that come along with the gateway. */
  readonly importPaths?: readonly string[];
}

export interface DescriptorSetSource extends RulesOption {
  /** The path of a binary google.protobuf.FileDescriptorSet, as `buf build -o` or `protoc --include_imports -o` write it. */
  readonly descriptorSet: string;
}

export interface ReflectionSource extends RulesOption {
  readonly reflection: true;
  /** `host:port` of a server with grpc.reflection.v1 or v1alpha. */
  readonly address: string;
  /** Servers with the same services, asked where the first is not up. */
  readonly otherAddresses?: readonly string[];
  /** TLS to the server; without it the connection is plain text. An empty object trusts the system's authorities. */
  readonly tls?: ReflectionTls;
  /** Sent with the reflection call, as a token; names in lower case. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** PEM bytes. */
export interface ReflectionTls {
  readonly ca?: Uint8Array;
  readonly cert?: Uint8Array;
  readonly key?: Uint8Array;
  /** The name that the server's certificate must carry, where it is not the address. */
  readonly serverName?: string;
}

export type SchemaSource = ProtoFilesSource | DescriptorSetSource | ReflectionSource;

export interface SchemaEnvironment {
  /** Absolute; relative paths of the source start here. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the wait for a server that is not up yet. */
  readonly signal?: AbortSignal;
  /** How often a server that is not up is tried; default: until the signal fires. */
  readonly maxAttempts?: number;
  /** Told before each wait for a server that is not up. */
  readonly onRetry?: (retry: ReflectionRetry) => void;
}

export interface ReflectionRetry {
  /** How many tries have failed. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly reason: string;
}
