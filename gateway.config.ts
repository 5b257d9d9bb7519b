import { defineConfig } from 'polygate';

export default defineConfig({
  listen: { port: 8080 },
  admin: { host: '127.0.0.1', port: 9901 },
  upstreams: {
    bookstore: {
      protocol: 'grpc',
      endpoints: ['127.0.0.1:50051'],
      schema: {
        protos: ['protos/demo/bookstore/v1/bookstore.proto'],
        importPaths: ['protos/demo'],
      },
    },
  },
  routes: [{ services: ['bookstore.v1.Bookstore'], upstream: 'bookstore' }],
});
