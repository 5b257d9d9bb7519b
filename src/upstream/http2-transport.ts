/** HTTP/2 to the endpoints of one upstream: the {@link Transport} of the protocols that need streams. */
import type { GatewayError } from '../call/error.ts';
import type { OutgoingStream, StreamListener, Transport } from '../call/transport.ts';
import type { Endpoint } from '../call/types.ts';
import { encodeHeaders } from '../http2/hpack/encode.ts';
import { Stream } from '../http2/stream.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import type { PoolClocks } from './endpoint-pool.ts';
import { Http2Places, type KeptConnections } from './http2-places.ts';
import type { UpstreamTls } from './tls.ts';

export interface Http2TransportOptions extends PoolClocks {
  readonly endpoints: readonly Endpoint[];
  /** Undefined is plaintext (h2c). */
  readonly tls?: UpstreamTls | undefined;
  readonly connections: ConnectionSettings;
}

export interface Http2Transport extends Transport, KeptConnections {
  close(reason: GatewayError): void;
}

/** Connects on first use, or when it is warmed. */
export function createHttp2Transport(options: Http2TransportOptions): Http2Transport {
  const { endpoints, tls } = options;
  const places = new Http2Places(endpoints, ({ address }) => ({ address, tls }), options);
  return {
    encode: encodeHeaders,
    numbers: places.numbers,
    warm: () => places.warm(),
    drain: () => places.drain(),
    open(
      endpoint: Endpoint,
      blocks: readonly Uint8Array[],
      listener: StreamListener,
    ): OutgoingStream {
      const { head, pool } = places.of(endpoint);
      const stream = new Stream([head, ...blocks], listener);
      pool.open(stream);
      return stream;
    },
    close: (reason) => places.close(reason),
  };
}
