/** The admin port: is the process alive, may it get traffic, what does it count. For operators and orchestrators, never for clients. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface Readiness {
  readonly ready: boolean;
  /** Why not, one sentence each; empty when ready. */
  readonly reasons: readonly string[];
}

export interface AdminOptions {
  readonly host: string;
  /** 0 asks the system for a free one. */
  readonly port: number;
  readonly metrics: Metrics;
  readonly readiness: () => Readiness;
  readonly log: Log;
}

export interface Admin {
  readonly port: number;
  /** Stops listening and cuts what is open. */
  close(): Promise<void>;
}

/** A probe has a head of a few lines and no body; whoever needs longer is not one. */
const TIMEOUT_MS = 5_000;
const MAX_HEAD_BYTES = 8 * 1024;

/** Nothing here has a JSON schema, and fastify's compilers for them (ajv and 90 more modules) are 20 ms of a start. */
const noSchemas = (): never => {
  throw new Error('no route has a JSON schema');
};
const NO_SCHEMAS = { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } };
const SERVER = {
  schemaController: NO_SCHEMAS,
  forceCloseConnections: true,
  connectionTimeout: TIMEOUT_MS,
  requestTimeout: TIMEOUT_MS,
  keepAliveTimeout: TIMEOUT_MS,
  bodyLimit: 1,
  http: { maxHeaderSize: MAX_HEAD_BYTES },
} as const;

/** Loads fastify (50 ms) and listens. Rejects with a sentence for the operator when the port cannot be had. */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const server = await createServer(options);
  try {
    await server.listen({ host: options.host, port: options.port });
  } catch (cause) {
    await server.close();
    throw listenError(options, cause);
  }
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return { port, close: () => server.close() };
}

async function createServer(options: AdminOptions): Promise<FastifyInstance> {
  const { fastify } = await import('fastify');
  try {
    const server = fastify(SERVER);
    addRoutes(server, options);
    return server;
  } catch (cause) {
    if (!(cause instanceof EvalError)) throw cause;
    // The router of fastify compiles each route.
    throw new Error(
      'the admin port makes code from strings, which this process may not (--disallow-code-generation-from-strings): set admin: false',
      { cause },
    );
  }
}

function addRoutes(server: FastifyInstance, options: AdminOptions): void {
  server.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    done();
  });
  server.get('/healthz', () => ({ alive: true }));
  server.get('/readyz', (_request, reply) => {
    const readiness = options.readiness();
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  server.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await options.metrics.expose();
    return reply.header('content-type', contentType).send(text);
  });
  server.setNotFoundHandler((_request, reply) =>
    refuse(reply, 404, 'this port answers GET and HEAD of /healthz, /readyz and /metrics'),
  );
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return refuse(reply, status, 'the request cannot be read');
    options.log.error({ reason: error.message, stack: error.stack }, 'the admin port failed');
    return refuse(reply, status, 'internal error of the admin port');
  });
}

function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send({ error: message });
}

function listenError({ host, port }: AdminOptions, cause: unknown): Error {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another process listens there',
    EACCES: 'this user may not listen there',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'this host name is not known',
  };
  return new Error(`the admin port cannot listen on ${host}:${port}: ${reasons[code] ?? code}`, {
    cause,
  });
}
