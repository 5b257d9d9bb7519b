/** gRPC to the service over a transport of streams. Source: gRPC over HTTP/2 (PROTOCOL-HTTP2.md). */
import type { Attempt } from '../../call/attempt.ts';
import { GatewayError } from '../../call/error.ts';
import { formatGrpcTimeout } from '../../call/grpc-timeout.ts';
import type { Transport } from '../../call/transport.ts';
import type { Outbound, Reply } from '../../call/types.ts';
import { type Compression } from '../../compression/compression.ts';
import { toService } from '../../rpc/metadata.ts';
import { GrpcStream } from './stream.ts';
import type { GrpcWire } from './wire.ts';

export interface GrpcOutboundOptions {
  /** Belongs to this outbound from now on. */
  readonly transport: Transport;
  /** A larger response message is refused. */
  readonly maxMessageBytes: number;
  /** What requests are compressed with that do not come compressed; default: nothing. */
  readonly compression?: Compression | null;
}

/** How many encoded timeouts are kept. */
const MAX_TIMEOUTS = 1_024;

/** One attempt is one stream. */
export function createGrpcOutbound(options: GrpcOutboundOptions): Outbound {
  const { transport, maxMessageBytes, compression = null } = options;
  const heads = new Map<string, Uint8Array>();
  const timeouts = new Map<number, Uint8Array>();
  const wire: GrpcWire = {
    transport,
    maxMessageBytes,
    compression,
    headOf(rpc) {
      let head = heads.get(rpc);
      if (head === undefined) heads.set(rpc, (head = transport.encode(routeHeaders(rpc))));
      return head;
    },
    timeoutOf(leftMs) {
      const ms = Math.ceil(leftMs);
      let block = timeouts.get(ms);
      if (block === undefined) {
        // Most calls have the default deadline or a round one, and open their stream within its first milliseconds.
        if (timeouts.size === MAX_TIMEOUTS) timeouts.clear();
        block = transport.encode(['grpc-timeout', formatGrpcTimeout(ms)]);
        timeouts.set(ms, block);
      }
      return block;
    },
    metadataOf: (metadata) => transport.encode(toService(metadata)),
  };
  return {
    send: (attempt: Attempt): Promise<Reply> => new GrpcStream(attempt, wire).run(),
    close() {
      transport.close(new GatewayError('PG_DRAIN', 'the gateway has closed its connections'));
    },
  };
}

/** What implementations of gRPC have (compression.md); the rest of our table is for clients. */
const ACCEPTED_OF_SERVICES = 'identity,gzip,deflate';

/** What every call of a method says (gRPC over HTTP/2, "Request-Headers"). */
function routeHeaders(rpc: string): string[] {
  return [
    ':method',
    'POST',
    ':path',
    rpc,
    'te',
    'trailers',
    'content-type',
    'application/grpc',
    'grpc-accept-encoding',
    ACCEPTED_OF_SERVICES,
    'user-agent',
    'polygate',
  ];
}
