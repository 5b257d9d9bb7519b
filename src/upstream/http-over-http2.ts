/** HTTP/2 to the endpoints of one upstream: the {@link HttpTransport} of the protocols that send one request for each call. */
import { GatewayError } from '../call/error.ts';
import type {
  HttpListener,
  HttpRequest,
  HttpTransport,
  OutgoingRequest,
} from '../call/http-transport.ts';
import type { Endpoint } from '../call/types.ts';
import { requestBlock } from '../http2/request-block.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import type { PoolClocks } from './endpoint-pool.ts';
import { type HttpEndpoint, saidAuthority } from './http-endpoint.ts';
import { Http2Places, type KeptConnections } from './http2-places.ts';
import { Http2Request } from './http2-request.ts';
import type { UpstreamTls } from './tls.ts';

export interface HttpOverHttp2Options extends PoolClocks {
  /** Those of `http` speak it with prior knowledge, those of `https` by ALPN. */
  readonly endpoints: readonly HttpEndpoint[];
  /** For endpoints of https; undefined is the roots of the system. */
  readonly tls?: UpstreamTls | undefined;
  readonly connections: ConnectionSettings;
}

export interface HttpOverHttp2 extends HttpTransport, KeptConnections {
  close(reason: GatewayError): void;
}

const NOTHING = new Uint8Array();

/** Connects on first use, or when it is warmed. */
export function createHttpOverHttp2(options: HttpOverHttp2Options): HttpOverHttp2 {
  const { endpoints, tls } = options;
  const bases = new Map<Endpoint, string>(endpoints.map((one) => [one, one.basePath]));
  const places = new Http2Places(
    endpoints,
    (one) => ({
      address: one.authority,
      authority: saidAuthority(one),
      tls: one.scheme === 'https' ? (tls ?? {}) : undefined,
    }),
    options,
  );
  return {
    numbers: places.numbers,
    warm: () => places.warm(),
    drain: () => places.drain(),
    open(endpoint: Endpoint, request: HttpRequest, listener: HttpListener): OutgoingRequest {
      const { head, pool } = places.of(endpoint);
      const block = blockOf(request, bases.get(endpoint) ?? '');
      if (block instanceof GatewayError) return refused(block, listener);
      const outgoing = new Http2Request([head, block], listener);
      const { stream } = outgoing;
      stream.ofHead = request.verb === 'HEAD';
      const { body } = request;
      // What is written before it is opened goes out with the head.
      if (body === null || (body instanceof Uint8Array && body.length === 0)) {
        stream.write(NOTHING, NOTHING, true);
        pool.open(stream);
      } else {
        pool.open(stream);
        if (body instanceof Uint8Array) stream.write(NOTHING, body, true);
        else void outgoing.upload(body);
      }
      return outgoing;
    },
    close: (reason) => places.close(reason),
  };
}

function blockOf(request: HttpRequest, basePath: string): Uint8Array | GatewayError {
  const { verb, target, headers, body } = request;
  const sized = body instanceof Uint8Array ? ['content-length', String(body.length)] : [];
  try {
    return requestBlock({ verb, path: basePath + target, headers: [...headers, ...sized] });
  } catch (error) {
    // What can't be sent is a fault of ours.
    return GatewayError.from(error);
  }
}

function refused(reason: GatewayError, listener: HttpListener): OutgoingRequest {
  let waiting: HttpListener | null = listener;
  queueMicrotask(() => waiting?.onFailed(reason));
  return {
    pause() {},
    resume() {},
    cancel() {
      waiting = null;
    },
  };
}
