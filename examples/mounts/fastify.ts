import { fastify, type FastifyInstance } from 'fastify';
import { fastifyPlugin, type Gateway } from 'polygate';

export async function mountIntoFastify(gateway: Gateway): Promise<FastifyInstance> {
  const app = fastify();
  app.get('/own', () => 'own');
  await app.register(fastifyPlugin(gateway));
  return app;
}
