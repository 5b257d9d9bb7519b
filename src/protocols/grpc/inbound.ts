/** gRPC from clients: `POST /pkg.Service/Method` over HTTP/2. Source: gRPC over HTTP/2 (PROTOCOL-HTTP2.md). */
import { GatewayError } from '../../call/error.ts';
import { parseGrpcTimeout } from '../../call/grpc-timeout.ts';
import type { Inbound } from '../../call/types.ts';
import type { RpcDialect, RpcWire } from '../../rpc/dialect.ts';
import { createRpcInbound, type RpcInboundOptions } from '../../rpc/inbound.ts';
import { statusHeaders } from '../../rpc/status-headers.ts';

const PROTO: RpcWire = {
  codec: 'proto',
  textRequest: false,
  textAnswer: false,
  contentType: 'application/grpc',
};
const JSON_WIRE: RpcWire = { ...PROTO, codec: 'json', contentType: 'application/grpc+json' };
const TYPE = /^application\/grpc(?:\+(proto|json))?\s*(?:;|$)/i;
const NOTHING = new Uint8Array();

const GRPC: RpcDialect = {
  protocol: 'grpc',
  contentType: 'application/grpc',
  contentTypes: 'application/grpc, application/grpc+proto or application/grpc+json',
  encodingHeader: 'grpc-encoding',
  acceptEncodingHeader: 'grpc-accept-encoding',
  codesBodies: false,
  // Also what is refused for its type, or for its version of HTTP.
  match: (head) =>
    head.header('content-type')?.toLowerCase().startsWith('application/grpc') === true,
  wireOf(head) {
    const type = head.header('content-type') ?? '';
    // As nearly everybody writes it.
    if (type === 'application/grpc') return PROTO;
    const match = TYPE.exec(type);
    if (match === null) return undefined;
    return match[1]?.toLowerCase() === 'json' ? JSON_WIRE : PROTO;
  },
  check(head) {
    if (head.httpVersion.startsWith('2')) return;
    throw new GatewayError(
      'PG_UNSUPPORTED_MEDIA_TYPE',
      'gRPC ends in trailers and needs HTTP/2; over HTTP/1.1 there are gRPC-Web, Connect and REST',
    );
  },
  timeoutMs(head) {
    const timeout = head.header('grpc-timeout');
    return timeout === undefined ? Infinity : parseGrpcTimeout(timeout);
  },
  statusOnly(headers, { status, call }) {
    headers.push(...statusHeaders(status, call));
    return NOTHING;
  },
  tail: null,
};

export function createGrpcInbound(options: RpcInboundOptions): Inbound {
  return createRpcInbound(GRPC, options);
}
