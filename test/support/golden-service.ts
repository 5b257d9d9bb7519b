/** A gRPC service of node:http2 streams that writes down all that arrives and answers what a case says, as no library would let it. */
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

/** Text pairs in the order in which they travel; values of `-bin` names in base64. */
export type Pairs = readonly (readonly [name: string, value: string])[];

export interface Seen {
  /** The name of the method, as `Get`. */
  readonly method: string;
  /** In JSON, by their proto names, without defaults. */
  readonly messages: readonly string[];
  readonly headers: Pairs;
}

export interface Script {
  readonly headers: Pairs;
  /** In JSON; null echoes what came. */
  readonly messages: readonly string[] | null;
  readonly code: number;
  readonly message: string;
  readonly trailers: Pairs;
  /** Breaks the stream off behind the messages, without a status. */
  readonly resets: boolean;
}

export interface GoldenService {
  readonly port: number;
  /** Filled as calls arrive; a case empties it. */
  readonly seen: Seen[];
  script: Script;
  close(): void;
}

export const ECHO: Script = {
  headers: [],
  messages: null,
  code: 0,
  message: '',
  trailers: [],
  resets: false,
};

const PROTOS = [new URL('protos/', import.meta.url), new URL('../../protos/', import.meta.url)];
const RST_INTERNAL_ERROR = 2;

/** Serves golden.v1.Golden on a free port of the loopback. */
export async function startGoldenService(): Promise<GoldenService> {
  const { methods } = await loadService();
  const server = createServer();
  const sockets = new Set<Socket>();
  const service: GoldenService = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    seen: [],
    script: ECHO,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('stream', (stream, headers) => {
    const method = methods[headers[':path']?.split('/').at(-1) ?? ''];
    const types = { request: method?.resolvedRequestType, response: method?.resolvedResponseType };
    if (!(types.request instanceof protobuf.Type && types.response instanceof protobuf.Type)) {
      throw new Error(`no method for ${headers[':path']}`);
    }
    stream.on('error', () => stream.close());
    const { request, response } = types;
    void serve(stream, headers, {
      service,
      types: { request, response },
      method: method?.name ?? '',
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return service;
}

async function loadService(): Promise<protobuf.Service> {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => {
    const [own, shared] = PROTOS.map((folder) => fileURLToPath(new URL(target, folder)));
    return (target.startsWith('golden/') ? own : shared) ?? target;
  };
  await root.load('golden/v1/golden.proto', { keepCase: true });
  return root.resolveAll().lookupService('golden.v1.Golden');
}

interface Context {
  readonly service: GoldenService;
  readonly types: { readonly request: protobuf.Type; readonly response: protobuf.Type };
  readonly method: string;
}

async function serve(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { service, types, method }: Context,
): Promise<void> {
  const messages = await readMessages(stream, types.request);
  service.seen.push({ method, messages, headers: pairsOf(headers) });
  const { script } = service;
  const trailers = {
    ...record(script.trailers),
    'grpc-status': String(script.code),
    ...(script.message !== '' && { 'grpc-message': encodeURI(script.message) }),
  };
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', ...record(script.headers) },
    { waitForTrailers: true },
  );
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  const answers = script.messages ?? (script.code === 0 ? messages : []);
  for (const json of answers) stream.write(envelope(types.response, json));
  if (script.resets) setImmediate(() => stream.close(RST_INTERNAL_ERROR));
  else stream.end();
}

async function readMessages(stream: ServerHttp2Stream, type: protobuf.Type): Promise<string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const messages: string[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    const message = type.decode(bytes.subarray(at + 5, end));
    messages.push(JSON.stringify(type.toObject(message, { longs: String, bytes: String })));
    at = end;
  }
  return messages;
}

function envelope(type: protobuf.Type, json: string): Buffer {
  const bytes = type.encode(type.fromObject(JSON.parse(json))).finish();
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function pairsOf(headers: IncomingHttpHeaders): Pairs {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((text) => [name, text] as const),
  );
}

/** Repeated names become lists, as node:http2 wants them. */
function record(pairs: Pairs): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (const [name, value] of pairs) (headers[name] ??= []).push(value);
  return headers;
}
