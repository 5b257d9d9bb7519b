/** In front of a service that runs as plain REST: `npm run demo`, then `npm run polygate -- --config examples/http-service.config.ts`. */
import { defineConfig } from 'polygate';

export default defineConfig({
  listen: { port: 8081 },
  admin: { port: 9902 },
  upstreams: {
    bookstore: {
      protocol: 'http',
      // The gateway of the demo stands for the service; gRPC and REST clients call this one.
      endpoints: ['http://127.0.0.1:8080'],
      schema: {
        protos: ['../protos/demo/bookstore/v1/bookstore.proto'],
        importPaths: ['../protos/demo'],
      },
    },
  },
  routes: [{ services: ['bookstore.v1.Bookstore'], upstream: 'bookstore' }],
});
