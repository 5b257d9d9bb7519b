/** Exchanges over node:http2, so that protocols are tested on a transport that nobody here wrote. */
import {
  constants,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { GatewayError } from '../../src/call/error.ts';
import type { Exchange, HeaderList, RequestHead, Sink, Source } from '../../src/call/types.ts';

export interface Http2Front {
  readonly port: number;
  close(): void;
}

/** Gives each request to `serve`. */
export async function startHttp2Front(serve: (exchange: Exchange) => void): Promise<Http2Front> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream, headers, _flags, raw) => {
    serve(new StreamExchange(stream, headers, raw));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const session of sessions) session.destroy();
    },
  };
}

class StreamExchange implements Exchange {
  readonly head: RequestHead;
  readonly body: Source;
  onGone: (() => void) | null = null;
  onDone: (() => void) | null = null;
  readonly #stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: readonly string[]) {
    this.#stream = stream;
    this.head = headOf(stream, headers, raw);
    this.body = new StreamSource(stream);
    stream.on('error', () => stream.close());
    stream.on('close', () => {
      if (!stream.writableFinished || stream.rstCode !== constants.NGHTTP2_NO_ERROR) {
        this.onGone?.();
      }
      this.onDone?.();
    });
  }

  answer(status: number, headers: HeaderList, body: Uint8Array, trailers?: HeaderList): void {
    if (this.#stream.closed) return;
    const ends = body.length === 0 && trailers === undefined;
    this.#respond(status, headers, ends, trailers);
    if (!ends) this.#stream.end(body);
    if (trailers === undefined) this.#refuseRest();
  }

  start(status: number, headers: HeaderList): Sink {
    const stream = this.#stream;
    const trailers: HeaderList = [];
    if (!stream.closed) this.#respond(status, headers, false, trailers);
    const sink: Sink = {
      onDrain: null,
      write: (chunk) => stream.closed || stream.write(chunk),
      end: (last) => {
        if (stream.closed) return;
        trailers.push(...(last ?? []));
        stream.end();
      },
      fail: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
    };
    stream.on('drain', () => sink.onDrain?.());
    return sink;
  }

  upgrade(): never {
    throw new Error('no test upgrades');
  }

  reset(): void {
    this.onGone = null;
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  #respond(status: number, headers: HeaderList, ends: boolean, trailers?: HeaderList): void {
    const head = { ':status': status, ...fields(headers) };
    this.#stream.respond(head, { endStream: ends, waitForTrailers: trailers !== undefined });
    if (trailers === undefined) return;
    this.#stream.on('wantTrailers', () => {
      this.#stream.sendTrailers(fields(trailers));
      this.#refuseRest();
    });
  }

  /** RFC 9113 section 8.1: the answer is complete, the rest of the request is not wanted. */
  #refuseRest(): void {
    const stream = this.#stream;
    if (!stream.readableEnded) setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
  }
}

class StreamSource implements Source {
  readonly #stream: ServerHttp2Stream;
  #sink: Sink | null = null;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
  }

  pump(sink: Sink): void {
    this.#sink = sink;
    this.#stream.on('data', (chunk: Buffer) => {
      if (this.#sink?.write(chunk) === false) this.#stream.pause();
    });
    this.#stream.on('end', () => this.#take()?.end(null));
    this.#stream.on('close', () =>
      this.#take()?.fail(new GatewayError('PG_BODY_INCOMPLETE', 'the request body was cut off')),
    );
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  cancel(): void {
    this.#sink = null;
    this.#stream.resume();
  }

  #take(): Sink | null {
    const sink = this.#sink;
    this.#sink = null;
    return sink;
  }
}

function headOf(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  raw: readonly string[],
): RequestHead {
  const [path = '', query = ''] = (headers[':path'] ?? '').split('?', 2);
  return {
    verb: headers[':method'] ?? '',
    path,
    query,
    httpVersion: '2.0',
    scheme: 'http',
    authority: headers[':authority'] ?? '',
    peer: stream.session?.socket.remoteAddress ?? '',
    hasBody: !stream.readableEnded,
    upgrade: undefined,
    memo: { metadata: null },
    header(name) {
      const value = headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    eachHeader(visit) {
      for (let i = 0; i < raw.length; i += 2) {
        if (raw[i]?.startsWith(':') === false) visit(raw[i] ?? '', raw[i + 1] ?? '');
      }
    },
  };
}

function fields(list: HeaderList): OutgoingHttpHeaders {
  const headers: Record<string, string[]> = {};
  for (let i = 0; i < list.length; i += 2) (headers[list[i] ?? ''] ??= []).push(list[i + 1] ?? '');
  return headers;
}
