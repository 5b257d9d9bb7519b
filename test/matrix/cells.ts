/** The cells of the matrix. One is impossible by what its client's protocol and its service declare, never by itself. */
import type { CallKind } from '../../src/call/types.ts';
import { connectClient, connectGetClient } from '../support/clients/connect.ts';
import { grpcClient, grpcWebClient, grpcWebTextClient } from '../support/clients/grpc.ts';
import { HTTP_TRANSPORTS, type HttpTransport } from '../support/clients/http.ts';
import { CODECS, CODINGS, type Codec, type Coding } from '../support/clients/messages.ts';
import { restClient, restEventsClient } from '../support/clients/rest.ts';
import type { ClientProtocol } from '../support/clients/types.ts';
import { grpcService, gzipService } from './grpc-service.ts';
import { http1Service, http2Service } from './http-service.ts';
import type { ServiceKind } from './service.ts';

export const CLIENTS: readonly ClientProtocol[] = [
  restClient,
  restEventsClient,
  grpcClient,
  grpcWebClient,
  grpcWebTextClient,
  connectClient,
  connectGetClient,
];
export const SERVICES: readonly ServiceKind[] = [
  grpcService,
  gzipService,
  http1Service,
  http2Service,
];

export interface MatrixKind {
  readonly name: string;
  readonly kind: CallKind;
  /** Each side answers the other's messages one by one; else the answer begins behind the request. */
  readonly dialogue: boolean;
}

export const KINDS: readonly MatrixKind[] = [
  { name: 'unary', kind: 'unary', dialogue: false },
  { name: 'server stream', kind: 'server_stream', dialogue: false },
  { name: 'client stream', kind: 'client_stream', dialogue: false },
  { name: 'bidi, half duplex', kind: 'bidi', dialogue: false },
  { name: 'bidi, full duplex', kind: 'bidi', dialogue: true },
];

export interface Cell {
  readonly client: ClientProtocol;
  readonly transport: HttpTransport;
  readonly service: ServiceKind;
  readonly kind: MatrixKind;
  readonly codec: Codec;
  readonly coding: Coding;
}

export function* cellsOf(
  client: ClientProtocol,
  transport: HttpTransport,
  service: ServiceKind,
): Generator<Cell> {
  for (const kind of KINDS)
    for (const codec of CODECS)
      for (const coding of CODINGS) yield { client, transport, service, kind, codec, coding };
}

export function* allCells(services: readonly ServiceKind[] = SERVICES): Generator<Cell> {
  for (const service of services)
    for (const client of CLIENTS)
      for (const transport of HTTP_TRANSPORTS) yield* cellsOf(client, transport, service);
}

/** Why a cell cannot be, null where it can. */
export function impossible({ client, transport, service, kind, codec }: Cell): string | null {
  const able = client.capabilities;
  const version = transport.startsWith('h2') ? '2' : '1.1';
  if (!able.http.includes(version)) return `${client.name} is not spoken over HTTP/${version}`;
  if (!able.codecs.includes(codec)) return `${client.name} has no ${codec}`;
  if (!able.kinds.includes(kind.kind)) return `${client.name} has no ${kind.name} calls`;
  if (!service.capabilities.kinds.includes(kind.kind)) {
    return `services of ${service.name} have no ${kind.name} calls`;
  }
  if (!kind.dialogue) return null;
  if (!able.fullDuplex.includes(version)) {
    return `${client.name} over HTTP/${version} is half duplex`;
  }
  return service.capabilities.fullDuplex ? null : `services of ${service.name} are half duplex`;
}

export function nameOf({ client, transport, service, kind, codec, coding }: Cell): string {
  return `${client.name} by ${transport}, ${codec}, ${coding} to ${service.name}: ${kind.name}`;
}
