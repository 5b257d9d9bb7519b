/** A gateway below a fastify application: a plugin whose requests never reach fastify's own body parsers, handlers and replies. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Mount } from './mount.ts';

/**
 * Takes whatever has no route of its own, with its whole path: `app.register(fastifyPlugin(gateway))`. Hooks of the application run as far
 * as `onRequest`; `app.server.on('checkContinue', gateway.mount.checkContinue)` where uploads should wait until they are asked for.
 */
export function fastifyPlugin({
  mount,
}: {
  readonly mount: Mount;
}): (app: FastifyInstance) => Promise<void> {
  const take = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    mount.request(request.raw, reply.raw);
  };
  return (app) => {
    app.all(
      '/*',
      { onRequest: (request, reply) => Promise.resolve(take(request, reply)) },
      unreached,
    );
    return Promise.resolve();
  };
}

function unreached(): never {
  throw new Error('a request of the gateway went on to a handler of fastify');
}
