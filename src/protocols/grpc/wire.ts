/** What the calls of one outbound share. */
import type { Transport } from '../../call/transport.ts';
import type { Compression } from '../../compression/compression.ts';

export interface GrpcWire {
  readonly transport: Transport;
  /** A larger response message is refused. */
  readonly maxMessageBytes: number;
  /** What requests are compressed with that do not come compressed; null is nothing. */
  readonly compression: Compression | null;
  /** The encoded headers of a method. */
  headOf(rpc: string): Uint8Array;
}
