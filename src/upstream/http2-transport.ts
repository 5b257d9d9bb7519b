/** HTTP/2 to the endpoints of one upstream: the {@link Transport} of the protocols that need streams. */
import { createSecureContext } from 'node:tls';
import type { GatewayError } from '../call/error.ts';
import type { OutgoingStream, StreamListener, Transport } from '../call/transport.ts';
import type { Endpoint } from '../call/types.ts';
import type { ClientTls } from '../http2/client.ts';
import { encodeHeaders } from '../http2/hpack/encode.ts';
import { Stream } from '../http2/stream.ts';
import type { EndpointNumbers } from '../telemetry/endpoint-numbers.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { EndpointPool, type PoolClocks } from './endpoint-pool.ts';

/** PEM bytes; an empty object is TLS with the roots of the system. */
export interface UpstreamTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** The name that the certificate must carry and SNI says; default: the host of the endpoint. It is the authority of calls as well. */
  readonly serverName?: string;
}

export interface Http2TransportOptions extends PoolClocks {
  readonly endpoints: readonly Endpoint[];
  /** Undefined is plaintext (h2c). */
  readonly tls?: UpstreamTls | undefined;
  readonly connections: ConnectionSettings;
}

export interface Http2Transport extends Transport {
  /** By the address of the endpoint. */
  readonly numbers: ReadonlyMap<string, EndpointNumbers>;
  /** Makes the connections that stand ready without calls. */
  warm(): void;
  /** Keeps nothing ready any more; calls still get through. */
  drain(): void;
}

interface Place {
  /** `:scheme` and `:authority`, encoded once. */
  readonly head: Uint8Array;
  readonly pool: EndpointPool;
}

/** Connects on first use, or when it is warmed. */
export function createHttp2Transport(options: Http2TransportOptions): Http2Transport {
  const places = new Map<Endpoint, Place>(
    options.endpoints.map((endpoint) => [endpoint, placeOf(endpoint, options)]),
  );
  return {
    encode: encodeHeaders,
    numbers: new Map(Array.from(places, ([{ address }, { pool }]) => [address, pool])),
    warm(): void {
      for (const { pool } of places.values()) pool.warm();
    },
    drain(): void {
      for (const { pool } of places.values()) pool.drain();
    },
    open(
      endpoint: Endpoint,
      blocks: readonly Uint8Array[],
      listener: StreamListener,
    ): OutgoingStream {
      const place = places.get(endpoint);
      if (place === undefined) throw new Error(`no connections for ${endpoint.address}`);
      const stream = new Stream([place.head, ...blocks], listener);
      place.pool.open(stream);
      return stream;
    },
    close(reason: GatewayError): void {
      for (const { pool } of places.values()) pool.close(reason);
    },
  };
}

function placeOf(endpoint: Endpoint, options: Http2TransportOptions): Place {
  const { tls, clock, random, connections } = options;
  const { address } = endpoint;
  const colon = address.lastIndexOf(':');
  // Brackets are for the text of an IPv6 address alone.
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.slice(colon + 1));
  const pool = new EndpointPool(
    {
      host,
      port,
      tls: tls === undefined ? null : clientTls(tls),
      connectTimeoutMs: connections.connectTimeoutMs,
    },
    connections,
    { clock, random },
  );
  const head = encodeHeaders([
    ':scheme',
    tls === undefined ? 'http' : 'https',
    ':authority',
    tls?.serverName ?? address,
  ]);
  return { head, pool };
}

function clientTls({ ca, cert, key, serverName }: UpstreamTls): ClientTls {
  const context = createSecureContext({
    minVersion: 'TLSv1.2',
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  });
  return { context, serverName, session: undefined };
}
