import { createServer, type Server } from 'node:http';
import type { Gateway } from 'polygate';

export function mountIntoHttp({ mount }: Gateway): Server {
  const server = createServer((request, response) => {
    if (request.url === '/own') response.end('own');
    else mount.request(request, response);
  });
  server.on('checkContinue', mount.checkContinue);
  server.on('clientError', mount.clientError);
  return server;
}
