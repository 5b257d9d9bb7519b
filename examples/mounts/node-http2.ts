import { createServer, type Http2Server } from 'node:http2';
import type { Gateway } from 'polygate';

export function mountIntoHttp2({ mount }: Gateway): Http2Server {
  const server = createServer((request, response) => {
    if (request.url === '/own') response.end('own');
    else mount.request(request, response);
  });
  server.on('checkContinue', mount.checkContinue);
  return server;
}
