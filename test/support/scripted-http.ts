/** An HTTP service of node:http and nothing else, whose answers a test scripts; it counts what arrives and what is open. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions, TlsOptions } from 'node:tls';

export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The whole body, once it has arrived; empty where it broke off. */
  readonly body: Promise<string>;
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
export async function startScriptedHttp(
  tls?: SecureContextOptions & TlsOptions,
): Promise<ScriptedHttp> {
  const sockets = new Set<Socket>();
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
    });
  };
  const server = tls === undefined ? createServer(serve) : createSecureServer(tls, serve);
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
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
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
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('close', () => resolve(''));
  });
}
