/** The test service by hand on node:http2: it sets and checks the flag of every message, which libraries hide. */
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  Empty,
  InputRequest,
  InputResponse,
  OutputRequest,
  OutputResponse,
  SimpleRequest,
  SimpleResponse,
  zeros,
} from '../messages.ts';
import type { Peer, PeerOptions } from './peer.ts';

const INVALID_ARGUMENT = 3;
const UNIMPLEMENTED = 12;

interface Received {
  readonly compressed: boolean;
  readonly bytes: Buffer;
}

export async function startNodeHttp2({ pair }: PeerOptions): Promise<Peer> {
  const servers = [createServer(), createSecureServer({ ...pair, ALPNProtocols: ['h2'] })];
  const ports = await Promise.all(servers.map(listen));
  const [plain = 0, tls = 0] = ports;
  return {
    name: 'node:http2',
    plain,
    tls,
    features: [
      'expect_compressed unary',
      'expect_compressed streaming',
      'response_compressed unary',
      'response_compressed streaming',
    ],
    close: () => servers.forEach((server) => server.close()),
  };
}

function listen(server: Http2Server): Promise<number> {
  server.on('stream', (stream, headers) => {
    stream.on('error', () => stream.close());
    // Reading ends with an error where the client has left, and so has the call.
    new TestCall(stream, headers).run().catch(() => stream.close());
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
}

class TestCall {
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  #code = 0;
  #message = '';

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.#stream = stream;
    this.#headers = headers;
  }

  async run(): Promise<void> {
    const method = this.#headers[':path']?.replace('/grpc.testing.TestService/', '');
    const known = ['EmptyCall', 'UnaryCall', 'StreamingOutputCall', 'StreamingInputCall'];
    if (method !== 'FullDuplexCall' && !known.includes(method ?? '')) {
      this.#stream.respond(
        { ...this.#head(), 'grpc-status': String(UNIMPLEMENTED) },
        { endStream: true },
      );
      return;
    }
    this.#stream.respond(this.#head(), { waitForTrailers: true });
    this.#stream.on('wantTrailers', () => this.#stream.sendTrailers(this.#trailers()));
    let sum = 0;
    for await (const message of messages(this.#stream)) {
      // Leaving the loop would destroy the stream: what follows a failure is read and not looked at.
      if (this.#code !== 0) continue;
      if (method === 'StreamingInputCall') sum += this.#input(message);
      else if (method === 'UnaryCall') this.#unary(message);
      else if (method !== 'EmptyCall') this.#output(message);
      if (this.#code !== 0) this.#stream.end();
    }
    if (this.#code === 0 && method === 'EmptyCall') this.#send(Empty.encode({}), false);
    if (this.#code === 0 && method === 'StreamingInputCall') {
      this.#send(InputResponse.encode({ aggregatedPayloadSize: sum }), false);
    }
    this.#stream.end();
  }

  #unary({ bytes, compressed }: Received): void {
    const request = SimpleRequest.decode(bytes);
    const { expectCompressed } = request;
    if (expectCompressed !== undefined) this.#check(expectCompressed.value ?? false, compressed);
    this.#fail(request.responseStatus?.code, request.responseStatus?.message);
    if (this.#code !== 0) return;
    const response = SimpleResponse.encode({ payload: zeros(request.responseSize ?? 0) });
    this.#send(response, request.responseCompressed?.value === true);
  }

  #input({ bytes, compressed }: Received): number {
    const { payload, expectCompressed } = InputRequest.decode(bytes);
    if (expectCompressed !== undefined) this.#check(expectCompressed.value ?? false, compressed);
    return payload?.body?.length ?? 0;
  }

  #output({ bytes }: Received): void {
    const { responseStatus, responseParameters = [] } = OutputRequest.decode(bytes);
    this.#fail(responseStatus?.code, responseStatus?.message);
    if (this.#code !== 0) return;
    for (const { size = 0, compressed } of responseParameters) {
      this.#send(OutputResponse.encode({ payload: zeros(size) }), compressed?.value === true);
    }
  }

  #check(expected: boolean, compressed: boolean): void {
    if (expected !== compressed) {
      this.#fail(INVALID_ARGUMENT, `expect_compressed is ${expected}`);
    }
  }

  #fail(code = 0, message = ''): void {
    if (this.#code !== 0) return;
    this.#code = code;
    this.#message = message;
  }

  #send(bytes: Uint8Array, compressed: boolean): void {
    const body = compressed ? gzipSync(bytes) : bytes;
    const head = Buffer.alloc(5);
    head[0] = compressed ? 1 : 0;
    head.writeUInt32BE(body.length, 1);
    this.#stream.write(Buffer.concat([head, body]));
  }

  #head(): OutgoingHttpHeaders {
    const initial = this.#headers['x-grpc-test-echo-initial'];
    return {
      'content-type': 'application/grpc',
      'grpc-encoding': 'gzip',
      ...(initial !== undefined && { 'x-grpc-test-echo-initial': initial }),
    };
  }

  #trailers(): OutgoingHttpHeaders {
    const trailing = this.#headers['x-grpc-test-echo-trailing-bin'];
    return {
      'grpc-status': String(this.#code),
      ...(this.#message !== '' && { 'grpc-message': encodeURIComponent(this.#message) }),
      ...(trailing !== undefined && { 'x-grpc-test-echo-trailing-bin': trailing }),
    };
  }
}

async function* messages(stream: ServerHttp2Stream): AsyncGenerator<Received> {
  let waiting = Buffer.alloc(0);
  for await (const chunk of stream) {
    waiting = Buffer.concat([waiting, chunk as Buffer]);
    while (waiting.length >= 5) {
      const end = 5 + waiting.readUInt32BE(1);
      if (waiting.length < end) break;
      const compressed = waiting[0] === 1;
      const bytes = waiting.subarray(5, end);
      yield { compressed, bytes: compressed ? gunzipSync(bytes) : bytes };
      waiting = waiting.subarray(end);
    }
  }
}
