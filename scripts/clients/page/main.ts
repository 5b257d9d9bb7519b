/** The page's script: one client for each protocol, all of them at one gateway of another origin. */
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { connectClient } from './connect.ts';
import { grpcWebClient } from './grpc-web.ts';
import { restClient } from './rest.ts';
import { loadSchema } from './schema.ts';
import type { Events, PageApi, PageClient, SpeakerName } from './types.ts';

let clients: Readonly<Record<SpeakerName, PageClient>>;
let events: Events;

const api: PageApi = {
  async open(origin) {
    const schema = await loadSchema();
    const { registry } = schema;
    const connect = (useBinaryFormat: boolean, useHttpGet: boolean): PageClient => {
      const options = { baseUrl: origin, useBinaryFormat, useHttpGet, jsonOptions: { registry } };
      return connectClient(schema, createConnectTransport(options));
    };
    clients = {
      REST: restClient(origin),
      'Connect, JSON': connect(false, false),
      'Connect, protobuf': connect(true, false),
      'Connect, GET of JSON': connect(false, true),
      'Connect, GET of protobuf': connect(true, true),
      'gRPC-Web': connectClient(schema, createGrpcWebTransport({ baseUrl: origin })),
      'grpc-web, text': grpcWebClient(schema, origin, 'text'),
      'grpc-web, binary': grpcWebClient(schema, origin, 'binary'),
    };
  },
  ask: (speaker, method, request) => clients[speaker].ask(method, request),
  watch(speaker, request) {
    events = clients[speaker].watch(request);
  },
  next: () => events.next(),
  cancel: () => events.cancel(),
};

Object.assign(globalThis, { page: api });
