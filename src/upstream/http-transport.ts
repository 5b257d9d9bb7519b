/** HTTP/1.1 to the endpoints of one upstream: the {@link HttpTransport} of the protocols that send one request for each call. */
import type { buildConnector, Pool } from 'undici';
import { GatewayError } from '../call/error.ts';
import type {
  HttpListener,
  HttpRequest,
  HttpTransport,
  OutgoingRequest,
} from '../call/http-transport.ts';
import type { Endpoint } from '../call/types.ts';
import type { EndpointNumbers } from '../telemetry/endpoint-numbers.ts';
import type { HttpConnectionSettings } from './connection-settings.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { HttpNumbers } from './http-numbers.ts';
import { UndiciRequest } from './undici-request.ts';
import type { UpstreamTls } from './tls.ts';

export interface HttpTransportOptions {
  readonly endpoints: readonly HttpEndpoint[];
  /** For endpoints of https; undefined is the roots of the system. */
  readonly tls?: UpstreamTls | undefined;
  /** At each endpoint. */
  readonly connections: HttpConnectionSettings;
}

export interface CountedHttpTransport extends HttpTransport {
  /** By the address of the endpoint. */
  readonly numbers: ReadonlyMap<string, EndpointNumbers>;
}

/** What is used of the client library. */
interface Library {
  readonly Pool: typeof Pool;
  readonly buildConnector: typeof buildConnector;
}

/** Of an answer; four times what servers send at most by default. */
const MAX_HEAD_BYTES = 64 * 1024;
/** A day stands for no limit: a timer of Node holds 24 days at most. */
const MAX_IDLE_MS = 24 * 3_600_000;

/** The client library is loaded with the first transport: a gateway without HTTP upstreams does without. */
export async function loadHttpTransport(): Promise<
  (options: HttpTransportOptions) => CountedHttpTransport
> {
  const library = await import('undici');
  return (options) => createHttpTransport(options, library);
}

/** Connects on first use. */
function createHttpTransport(
  options: HttpTransportOptions,
  library: Library,
): CountedHttpTransport {
  const places = new Map<Endpoint, Place>(
    options.endpoints.map((endpoint) => [endpoint, new Place(endpoint, options, library)]),
  );
  return {
    numbers: new Map(Array.from(places, ([{ address }, { numbers }]) => [address, numbers])),
    open(endpoint: Endpoint, request: HttpRequest, listener: HttpListener): OutgoingRequest {
      const place = places.get(endpoint);
      if (place === undefined) throw new Error(`no connections for ${endpoint.address}`);
      return place.open(request, listener);
    },
    close(reason: GatewayError): void {
      for (const place of places.values()) place.close(reason);
    },
  };
}

/** The connections to one endpoint. */
class Place {
  readonly numbers: HttpNumbers = new HttpNumbers();
  readonly #pool: Pool;
  readonly #basePath: string;
  /** The name that its certificate has; else the pool says its authority. */
  readonly #host: string | undefined;
  readonly #maxOpen: number;
  #closed: GatewayError | null = null;

  constructor(
    { scheme, authority, basePath }: HttpEndpoint,
    { tls, connections }: HttpTransportOptions,
    library: Library,
  ) {
    const idleMs = Math.min(connections.idleTimeoutMs, MAX_IDLE_MS);
    this.#maxOpen = connections.max + connections.maxPending;
    this.#basePath = basePath;
    this.#host = scheme === 'https' ? tls?.serverName : undefined;
    this.#pool = new library.Pool(`${scheme}://${authority}`, {
      connections: connections.max,
      // A slow answer would hold back those behind it.
      pipelining: 1,
      allowH2: false,
      // Every call has a deadline and every stream an idle bound on the wheel of the gateway.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: MAX_HEAD_BYTES,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      connect: this.numbers.counted(
        library.buildConnector({
          allowH2: false,
          timeout: connections.connectTimeoutMs,
          ...(scheme === 'https' && connectOptions(tls)),
        }),
      ),
    });
  }

  open(request: HttpRequest, listener: HttpListener): OutgoingRequest {
    const outgoing = new UndiciRequest(listener, this.numbers);
    if (this.#closed !== null) outgoing.refuse(this.#closed);
    else if (this.numbers.requests.size > this.#maxOpen) outgoing.refuse(tooMany());
    else this.#dispatch(request, outgoing);
    return outgoing;
  }

  close(reason: GatewayError): void {
    this.#closed = reason;
    for (const outgoing of this.numbers.requests) outgoing.fail(reason);
    if (!this.#pool.destroyed) void this.#pool.destroy();
  }

  #dispatch({ verb, target, headers, body }: HttpRequest, outgoing: UndiciRequest): void {
    this.#pool.dispatch(
      {
        method: verb,
        path: this.#basePath + target,
        headers: this.#host === undefined ? [...headers] : [...headers, 'host', this.#host],
        // The types of the library lack iterables, which its request takes.
        body: body as Uint8Array | null,
      },
      outgoing,
    );
  }
}

function connectOptions(tls: UpstreamTls | undefined): object {
  const { ca, cert, key, serverName } = tls ?? {};
  return {
    minVersion: 'TLSv1.2',
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}

function tooMany(): GatewayError {
  return new GatewayError('PG_UPSTREAM_UNAVAILABLE', 'too many calls wait for the service', {
    reached: 'no',
    retryAfterMs: 1_000,
  });
}
