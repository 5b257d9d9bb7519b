/** A gRPC service of the matrix. Its codec is proto, its compressions are none and gzip. */
import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { statusNumber } from '../../src/call/status.ts';
import { EnvelopeQueue, inEnvelope } from '../support/clients/envelopes.ts';
import {
  codingNamed,
  decodeItem,
  encodeItem,
  encodeStatus,
  pack,
  unpack,
} from '../support/clients/messages.ts';
import {
  respond,
  respondOnly,
  type ScriptedCall,
  startScriptedGrpc,
} from '../support/scripted-grpc.ts';
import { type Service, type ServiceCall, type ServiceKind, serviceOver } from './service.ts';

export const grpcService: ServiceKind = service('gRPC', 'identity');
export const gzipService: ServiceKind = service('gRPC, gzip', 'gzip');

function service(name: string, coding: 'identity' | 'gzip'): ServiceKind {
  return {
    name,
    capabilities: {
      kinds: ['unary', 'server_stream', 'client_stream', 'bidi'],
      fullDuplex: true,
      passes: ['proto'],
      coding,
      takes: coding === 'gzip' ? ['gzip'] : ['identity', 'gzip'],
      envelopes: true,
    },
    upstream: { protocol: 'grpc', compression: coding },
    endpoint: (port) => `127.0.0.1:${port}`,
    start: () => start(coding),
  };
}

async function start(coding: 'identity' | 'gzip'): Promise<Service> {
  const scripted = await startScriptedGrpc();
  const started = serviceOver(scripted);
  scripted.script = (call) => started.script(callOf(call, coding));
  return started;
}

function callOf({ path, headers, stream }: ScriptedCall, coding: 'identity' | 'gzip'): ServiceCall {
  const queue = new EnvelopeQueue();
  const state = { whole: false };
  stream.on('data', (chunk: Buffer) => queue.push(chunk));
  stream.on('end', () => {
    state.whole = stream.rstCode === 0;
    queue.end();
  });
  stream.on('close', () => queue.end());
  const trailers: Record<string, string> = { 'grpc-status': '0' };
  const send = (bytes: Uint8Array): void => void stream.write(bytes);
  return {
    method: path.slice(path.lastIndexOf('/') + 1),
    headers: textOf(headers),
    async next() {
      const envelope = await queue.next();
      if (envelope === undefined) return state.whole && queue.rest === 0 ? undefined : null;
      const named = codingNamed(headers['grpc-encoding']?.toString());
      const packedBy = envelope.flag === 1 ? named : 'identity';
      const bytes = unpack(packedBy, envelope.bytes);
      return { item: decodeItem('proto', bytes), bytes, packed: envelope.bytes, coding: packedBy };
    },
    arrived: (bytes) => queue.arrived(bytes),
    head: (metadata) => {
      // The client may have left.
      if (stream.destroyed) return;
      const encoding = coding === 'gzip' && { 'grpc-encoding': coding };
      respond(stream, trailers, { ...metadata, ...encoding });
    },
    send: (item) =>
      send(inEnvelope(coding === 'gzip' ? 1 : 0, pack(coding, encodeItem('proto', item)))),
    sendBytes: send,
    end: (own) => {
      Object.assign(trailers, own);
      stream.end();
    },
    fail: (code, message, details) => {
      const number = statusNumber(code);
      const status = {
        'grpc-status': String(number),
        'grpc-message': encodeURIComponent(message),
        'grpc-status-details-bin': encodeStatus(number, message, details).toString('base64'),
      };
      Object.assign(trailers, status);
      if (stream.headersSent) stream.end();
      else respondOnly(stream, status);
    },
    closed: closeOf(stream),
  };
}

async function closeOf(stream: ServerHttp2Stream): Promise<void> {
  if (!stream.closed) await once(stream, 'close');
}

export function textOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value?.toString() ?? '']),
  );
}
