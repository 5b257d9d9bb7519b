/** What the gateway answers itself: methods of services that no upstream has. */
import type { Handler, Routed } from '../call/types.ts';

export interface LocalMethod {
  /** As `grpc.reflection.v1.ServerReflection`. */
  readonly service: string;
  /** The path on the wire, as `/grpc.reflection.v1.ServerReflection/ServerReflectionInfo`. */
  readonly path: string;
  readonly handle: Handler<Routed>;
  /** A stream that is silent on purpose: no idle bound ends it. */
  readonly mayBeSilent: boolean;
}
