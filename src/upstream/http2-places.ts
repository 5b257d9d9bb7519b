/** The HTTP/2 connections to each endpoint of an upstream. */
import type { GatewayError } from '../call/error.ts';
import type { Endpoint } from '../call/types.ts';
import { encodeHeaders } from '../http2/hpack/encode.ts';
import type { EndpointNumbers } from '../telemetry/endpoint-numbers.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { EndpointPool, type PoolClocks } from './endpoint-pool.ts';
import { clientTls, type UpstreamTls } from './tls.ts';

/** Where an endpoint is and how it is spoken to. */
export interface Http2Address {
  /** `host:port`, an IPv6 address in brackets. */
  readonly address: string;
  /** What requests say; default: the address. The name of `tls` goes before it. */
  readonly authority?: string;
  /** Undefined is plaintext (h2c). */
  readonly tls: UpstreamTls | undefined;
}

export interface Http2Place {
  /** `:scheme` and `:authority`, encoded once. */
  readonly head: Uint8Array;
  readonly pool: EndpointPool;
}

/** What its owner does with connections that calls share. */
export interface KeptConnections {
  /** By the address of the endpoint. */
  readonly numbers: ReadonlyMap<string, EndpointNumbers>;
  /** Makes the connections that stand ready without calls. */
  warm(): void;
  /** Keeps nothing ready any more; calls still get through. */
  drain(): void;
  /** Fails what is open with `reason` and releases the connections. */
  close(reason: GatewayError): void;
}

export class Http2Places<Place extends Endpoint> implements KeptConnections {
  readonly numbers: ReadonlyMap<string, EndpointNumbers>;
  readonly #places: ReadonlyMap<Endpoint, Http2Place>;

  constructor(
    endpoints: readonly Place[],
    addressOf: (endpoint: Place) => Http2Address,
    options: PoolClocks & { readonly connections: ConnectionSettings },
  ) {
    const { clock, random, connections } = options;
    const made = endpoints.map((endpoint) => {
      const at = addressOf(endpoint);
      const pool = new EndpointPool(clientAddress(at, connections), connections, { clock, random });
      return { endpoint, place: { head: headOf(at), pool } };
    });
    this.#places = new Map(made.map(({ endpoint, place }) => [endpoint, place]));
    this.numbers = new Map(made.map(({ endpoint, place }) => [endpoint.address, place.pool]));
  }

  of(endpoint: Endpoint): Http2Place {
    const place = this.#places.get(endpoint);
    if (place === undefined) throw new Error(`no connections for ${endpoint.address}`);
    return place;
  }

  warm(): void {
    for (const { pool } of this.#places.values()) pool.warm();
  }

  drain(): void {
    for (const { pool } of this.#places.values()) pool.drain();
  }

  close(reason: GatewayError): void {
    for (const { pool } of this.#places.values()) pool.close(reason);
  }
}

function clientAddress(
  { address, tls }: Http2Address,
  { connectTimeoutMs }: ConnectionSettings,
): ConstructorParameters<typeof EndpointPool>[0] {
  const colon = address.lastIndexOf(':');
  return {
    // Brackets are for the text of an IPv6 address alone.
    host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(address.slice(colon + 1)),
    tls: tls === undefined ? null : clientTls(tls),
    connectTimeoutMs,
  };
}

function headOf({ address, authority = address, tls }: Http2Address): Uint8Array {
  return encodeHeaders([
    ':scheme',
    tls === undefined ? 'http' : 'https',
    ':authority',
    tls?.serverName ?? authority,
  ]);
}
