/**
 * One port over node:http, set up by fastify. Fastify routes nothing here: every request is hijacked at its first hook, so that no answer
 * in fastify's own shape can come between. A listener of our own replaces this file behind the same interface.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from '../lib/clock.ts';
import { createServer, STATUS_CODES } from '../lib/node-http.ts';
import { GatewayError, type PgCodeName } from '../call/error.ts';
import type { PlainAnswer } from '../call/server.ts';
import type { Exchange, RequestHead } from '../call/types.ts';
import { Connection } from './connection.ts';
import { destroyLater } from './linger.ts';
import { NodeExchange } from './node-exchange.ts';

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly maxHeaderBytes: number;
  readonly maxHeaders: number;
  /** Connections at a time; more wait in the backlog of the system. */
  readonly maxConnections: number;
  /** For the whole head. */
  readonly headTimeoutMs: number;
  /** Between two requests of a connection. */
  readonly keepAliveMs: number;
  /** Takes every request that could be parsed. */
  serve(exchange: Exchange): void;
  /** Answers one that could not. */
  refuse(error: GatewayError): PlainAnswer;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Stops accepting; idle connections close at once, busy ones after the answer they are at. Resolves when all are gone. */
  drain(): Promise<void>;
  /** Cuts what is left. */
  cut(): void;
}

/** Nothing here has a JSON schema, and fastify's compilers for them (ajv and 90 more modules) are 20 ms of a start. */
const noSchemas = (): never => {
  throw new Error('no route has a JSON schema');
};
const NO_SCHEMAS = { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } };

/** Starts listening; rejects with a plain Error that names the address when the port is taken. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const connections = new Map<Duplex, Connection>();
  const server = createNodeServer(options);
  let draining = false;
  server.on('connection', (socket) => {
    connections.set(socket, new Connection(socket, (exchange) => serve(exchange, options)));
    socket.on('close', () => connections.delete(socket));
  });
  const take = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    const exchange = new NodeExchange(request.raw, reply.raw, options.clock);
    reply.raw.on('close', () => {
      // node:http keeps a connection that becomes idle after close() was called.
      if (draining) setImmediate(() => server.closeIdleConnections());
    });
    connections.get(request.raw.socket)?.take(exchange);
  };
  const app = fastify({
    schemaController: NO_SCHEMAS,
    serverFactory: (handler) => server.on('request', handler),
    // A target that fastify's router cannot decode skips every hook and comes here; reading targets is our business.
    frameworkErrors: (_error, request, reply) => take(request, reply),
    clientErrorHandler: (error, socket) => {
      const exchange = connections.get(socket)?.latest;
      if (!isParserError(error)) socket.destroy();
      else if (exchange?.busy === true) exchange.broken(parserError(error));
      else refuse(socket, parserError(error), options);
    },
  });
  app.addHook('onRequest', (request, reply) => take(request, reply));
  await app.ready();
  await bind(server, options);
  const { address, port } = server.address() as AddressInfo;
  return {
    host: address,
    port,
    drain: () =>
      new Promise((resolve) => {
        draining = true;
        server.close(() => resolve());
        server.closeIdleConnections();
        for (const connection of connections.values()) connection.drain();
      }),
    cut: () => {
      for (const socket of connections.keys()) socket.destroy();
    },
  };
}

/** Refuses what node:http lets through although RFC 9112 says otherwise. */
function serve(exchange: NodeExchange, options: ListenerOptions): void {
  const problem = headProblem(exchange.head);
  if (problem === undefined) {
    options.serve(exchange);
    return;
  }
  const { status, headers, body } = options.refuse(new GatewayError('PG_BAD_REQUEST', problem));
  exchange.answer(status, [...headers, 'connection', 'close'], body);
}

function headProblem(head: RequestHead): string | undefined {
  let hosts = 0;
  head.eachHeader((name) => {
    if (name === 'host') hosts++;
  });
  if (hosts > 1) return 'more than one Host header (RFC 9112 section 3.2)';
  if (head.httpVersion === '1.1' && hosts === 0) {
    return 'the Host header is missing (RFC 9112 section 3.2)';
  }
  if (head.httpVersion === '1.0' && head.header('transfer-encoding') !== undefined) {
    return 'Transfer-Encoding in an HTTP/1.0 request (RFC 9112 section 6.1)';
  }
  return undefined;
}

function createNodeServer(options: ListenerOptions): Server {
  const server = createServer({
    maxHeaderSize: options.maxHeaderBytes,
    headersTimeout: options.headTimeoutMs,
    // The body has bounds of its own: the deadline of its call.
    requestTimeout: 0,
    keepAliveTimeout: options.keepAliveMs,
    connectionsCheckingInterval: Math.max(50, Math.min(1000, options.headTimeoutMs / 2)),
    noDelay: true,
    // Half of a contradiction (two content types) must not look like the whole.
    joinDuplicateHeaders: true,
    // Answered below in our own shape.
    requireHostHeader: false,
  });
  server.maxHeadersCount = options.maxHeaders;
  server.maxConnections = options.maxConnections;
  // Asked for when somebody reads the body: node:http itself would ask before anybody has looked at the head.
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  // An Expect that is not 100-continue is no reason to refuse (RFC 9110 section 10.1.1 allows both).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (_request, socket) => {
    refuse(socket, new GatewayError('PG_UNKNOWN_VERB', 'polygate is no tunnel'), options);
  });
  return server;
}

const PARSER_ERRORS: Readonly<Record<string, readonly [PgCodeName, string]>> = {
  HPE_HEADER_OVERFLOW: ['PG_HEADERS_TOO_LARGE', 'the header section is too large'],
  HPE_INVALID_EOF_STATE: ['PG_BODY_INCOMPLETE', 'the request ended before its declared end'],
  HPE_INVALID_METHOD: ['PG_UNKNOWN_VERB', 'the request method is unknown'],
  ERR_HTTP_REQUEST_TIMEOUT: ['PG_HEAD_TIMEOUT', 'the request head did not arrive in time'],
};

function parserError(error: NodeJS.ErrnoException): GatewayError {
  const [pg, message] = PARSER_ERRORS[error.code ?? ''] ?? [
    'PG_BAD_REQUEST',
    `malformed HTTP request: ${error.message}`,
  ];
  return new GatewayError(pg, message);
}

/** Others are of the socket: the client has gone, and nobody reads what could be said. */
function isParserError({ code }: NodeJS.ErrnoException): boolean {
  return code?.startsWith('HPE_') === true || (code !== undefined && code in PARSER_ERRORS);
}

/** What never becomes an exchange: answered in our shape, then closed, since nothing behind it can be trusted (RFC 9112 section 2.2). */
function refuse(socket: Duplex, error: GatewayError, options: ListenerOptions): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = options.refuse(error);
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`];
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  // RFC 9110 section 6.6.1: whoever has a clock says the date in every refusal.
  const date = new Date(options.clock.epochMs()).toUTCString();
  lines.push(`date: ${date}`, `content-length: ${body.length}`, 'connection: close', '', '');
  socket.write(lines.join('\r\n'));
  socket.end(body);
  destroyLater(socket, options.clock);
}

function bind(server: Server, { host, port }: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void =>
      reject(
        new Error(
          error.code === 'EADDRINUSE'
            ? `port ${port} on ${host} is taken by another process`
            : `cannot listen on ${host}:${port}: ${error.message}`,
          { cause: error },
        ),
      );
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}
