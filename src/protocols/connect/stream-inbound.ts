/** Streams of Connect: messages in the envelopes of gRPC, with their end as a last one in JSON. Source: the Connect protocol reference, "Streaming RPCs". */
import type { Metadata } from '../../call/metadata.ts';
import type { Inbound } from '../../call/types.ts';
import type { CallEnd, RpcDialect, RpcWire } from '../../rpc/dialect.ts';
import { ENVELOPE_BYTES, writeEnvelope } from '../../rpc/envelope.ts';
import { unsupportedType } from '../../rpc/find-target.ts';
import { createRpcInbound, type RpcInboundOptions } from '../../rpc/inbound.ts';
import { headersOf, toClient } from '../../rpc/metadata.ts';
import { checkVersion, connectTimeoutMs } from './head.ts';
import { connectError } from './error-json.ts';

const PROTO: RpcWire = {
  codec: 'proto',
  textRequest: false,
  textAnswer: false,
  contentType: 'application/connect+proto',
};
const JSON_WIRE: RpcWire = { ...PROTO, codec: 'json', contentType: 'application/connect+json' };
const TYPE = /^application\/connect\+(proto|json)\s*(?:;|$)/i;
const END_STREAM_FLAG = 2;

const CONNECT_STREAM: RpcDialect = {
  protocol: 'connect',
  contentType: 'application/connect+json',
  contentTypes: 'application/connect+proto or application/connect+json',
  encodingHeader: 'connect-content-encoding',
  acceptEncodingHeader: 'connect-accept-encoding',
  codesBodies: false,
  // Also what is refused for its type.
  match: (head) =>
    head.header('content-type')?.toLowerCase().startsWith('application/connect+') === true,
  wireOf(head) {
    const match = TYPE.exec(head.header('content-type') ?? '');
    if (match === null) return undefined;
    return match[1]?.toLowerCase() === 'json' ? JSON_WIRE : PROTO;
  },
  check(head, kind) {
    if (kind === 'unary') {
      throw unsupportedType(head, 'application/proto or application/json to a unary method');
    }
    checkVersion(head);
  },
  timeoutMs: connectTimeoutMs,
  statusOnly: (_headers, end) => endOfStream(end),
  tail: endOfStream,
};

export function createConnectStreamInbound(options: RpcInboundOptions): Inbound {
  return createRpcInbound(CONNECT_STREAM, options);
}

function endOfStream(end: CallEnd): Uint8Array {
  const { status } = end;
  const json = Buffer.from(
    JSON.stringify({
      ...(status.code !== 'OK' && { error: connectError(end) }),
      ...(status.trailers !== null && { metadata: lists(status.trailers) }),
    }),
  );
  const frame = Buffer.allocUnsafe(ENVELOPE_BYTES + json.length);
  writeEnvelope(frame, json.length);
  frame[0] = END_STREAM_FLAG;
  frame.set(json, ENVELOPE_BYTES);
  return frame;
}

/** Each name with all its values. */
function lists(metadata: Metadata): Record<string, string[]> {
  const headers = headersOf(metadata, toClient);
  const found = new Map<string, string[]>();
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    const values = found.get(name) ?? [];
    values.push(value);
    found.set(name, values);
  }
  return Object.fromEntries(found);
}
