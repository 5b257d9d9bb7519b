/** A service of node:net that answers each request with bytes as they stand, as no library would. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface RawService {
  readonly port: number;
  /** The heads and bodies that came, as they came. */
  readonly received: string[];
  readonly connections: number;
  /** How many there have been. */
  readonly accepted: number;
  /** Called once for each complete request. */
  script: (socket: Socket, request: string) => void | Promise<void>;
}

/** Closed behind the test. Requests have no body or a Content-Length. */
export async function startRawService(t: TestContext): Promise<RawService> {
  const sockets = new Set<Socket>();
  const service: RawService = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    received: [],
    get connections() {
      return sockets.size;
    },
    get accepted() {
      return accepted;
    },
    script: () => {},
  };
  let accepted = 0;
  const server = createServer((socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
      if (end < 0 || text.length < end + 4 + length) return;
      service.received.push(text);
      void service.script(socket, text);
      text = '';
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return service;
}

export function answerOf(head: readonly string[], body = ''): string {
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** A good answer in JSON. */
export function goodAnswer(json: unknown): string {
  const body = JSON.stringify(json);
  const head = ['HTTP/1.1 200 OK', 'Content-Type: application/json'];
  return answerOf([...head, `Content-Length: ${Buffer.byteLength(body)}`], body);
}
