/** An HTTP service of node:http or node:http2 and nothing else, whose answers a test scripts; it counts what arrives and what is open. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createSecureServer as createSecureHttp2,
  createServer as createHttp2,
  type Http2ServerRequest,
  type Http2Session,
} from 'node:http2';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import { UNLIMITED_RESETS } from './scripted-grpc.ts';

export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The whole body, once it has arrived; empty where it broke off. */
  readonly body: Promise<string>;
  /** Breaks off its connection. */
  cut(): void;
}

/** What a service speaks. */
export type HttpVersion = '1.1' | '2';

export interface ScriptedHttpOptions {
  /** Default 1.1. */
  readonly http?: HttpVersion | undefined;
  readonly tls?: (SecureContextOptions & TlsOptions) | undefined;
}

export interface ScriptedHttp {
  readonly port: number;
  /** How many requests have arrived, whatever became of them. */
  readonly calls: number;
  /** How many have no complete answer and are not cut. */
  readonly open: number;
  readonly connections: number;
  script: (exchange: HttpExchange) => void | Promise<void>;
  /** Breaks off every connection. */
  cut(): void;
  close(): Promise<void>;
}

/** Answers every request with `{}` until it is scripted. */
export async function startScriptedHttp({
  http = '1.1',
  tls,
}: ScriptedHttpOptions = {}): Promise<ScriptedHttp> {
  const sockets = new Set<Socket>();
  const sessions = new Set<Http2Session>();
  const state = { calls: 0, open: 0 };
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    state.calls++;
    state.open++;
    response.on('close', () => state.open--);
    // What a test breaks off on purpose is no failure of the test.
    request.on('error', () => {});
    response.on('error', () => {});
    let body: Promise<string> | undefined;
    void peer.script({
      request,
      response,
      get body() {
        return (body ??= textOf(request));
      },
      cut: () => (sessionOf(request) ?? request.socket).destroy(),
    });
  };
  // node:http2 has the interface of node:http, not its classes.
  const serve2 = serve as unknown as Parameters<typeof createHttp2>[1];
  const server =
    http === '2'
      ? tls === undefined
        ? createHttp2(UNLIMITED_RESETS, serve2)
        : createSecureHttp2({ ...UNLIMITED_RESETS, ...tls }, serve2)
      : tls === undefined
        ? createServer(serve)
        : createSecureServer(tls, serve);
  const peer: ScriptedHttp = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    get calls() {
      return state.calls;
    },
    get open() {
      return state.open;
    },
    get connections() {
      return sockets.size;
    },
    script: ({ response }) => answerJson(response, {}),
    cut() {
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        peer.cut();
      }),
  };
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('session', (session: Http2Session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return peer;
}

/** A whole answer. */
export function answerJson(
  response: ServerResponse,
  json: unknown,
  status = 200,
  headers: Record<string, string | string[]> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(json));
}

function textOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A stream that its client has reset ends, too.
    const broken = (): boolean => (streamOf(request)?.rstCode ?? 0) !== 0;
    request.on('end', () => resolve(broken() ? '' : Buffer.concat(chunks).toString('utf8')));
    request.on('close', () => resolve(''));
  });
}

function streamOf(request: IncomingMessage): Http2ServerRequest['stream'] | undefined {
  return (request as unknown as Partial<Http2ServerRequest>).stream;
}

function sessionOf(request: IncomingMessage): Http2Session | undefined {
  return streamOf(request)?.session;
}
