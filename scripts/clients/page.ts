/** An empty page of an origin of its own. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Page {
  readonly origin: string;
  close(): void;
}

export async function servePage(): Promise<Page> {
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html');
    answer.end('<!doctype html><title>clients</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
