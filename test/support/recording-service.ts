/**
 * A service that other readers than ours look at: the bytes of each connection are kept as they came, and handed to a server of node:http
 * (llhttp, strict) or node:http2 (nghttp2), which answers. What that server complains about is kept, too.
 */
import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2, type Http2Session } from 'node:http2';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { HttpVersion } from './scripted-http.ts';

export interface SeenRequest {
  readonly verb: string;
  readonly target: string;
  /** In order, names in lower case; without pseudo-headers. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Latin-1. */
  readonly body: string;
}

export interface RecordingService {
  readonly port: number;
  /** Requests with their whole body. */
  readonly seen: SeenRequest[];
  /** How many heads have come. */
  readonly heads: number;
  readonly complaints: string[];
  /** What has come, of each connection. */
  readonly raw: () => Buffer[];
  close(): Promise<void>;
}

/** Answers with an Item whose title is the target of its request. */
export async function startRecordingService(http: HttpVersion): Promise<RecordingService> {
  const seen: SeenRequest[] = [];
  const complaints: string[] = [];
  const recorded: Buffer[][] = [];
  const sockets = new Set<Socket>();
  let heads = 0;
  const complain = (error: Error): void => void complaints.push(error.message);
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    heads++;
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1');
      const target = request.url ?? '';
      seen.push({ verb: request.method ?? '', target, headers: fieldsOf(request), body });
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ title: target }));
    });
  };
  const strict =
    http === '1.1'
      ? createHttp1({ insecureHTTPParser: false }, serve)
      : createHttp2(serve as unknown as Parameters<typeof createHttp2>[1]);
  strict.on('clientError', (error: Error, socket: Socket) => {
    complain(error);
    socket.destroy();
  });
  strict.on('session', (session: Http2Session) => {
    session.on('error', complain);
    session.on('frameError', (type, code) => complaints.push(`frame ${type}: ${code}`));
  });
  await listen(strict);
  const tee = createServer((socket) => {
    const chunks: Buffer[] = [];
    recorded.push(chunks);
    const behind = connect((strict.address() as AddressInfo).port, '127.0.0.1');
    for (const one of [socket, behind]) {
      one.setNoDelay(true);
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        socket.destroy();
        behind.destroy();
      });
    }
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      behind.write(chunk);
    });
    behind.pipe(socket);
  });
  await listen(tee);
  return {
    port: (tee.address() as AddressInfo).port,
    seen,
    complaints,
    get heads() {
      return heads;
    },
    raw: () => recorded.map((chunks) => Buffer.concat(chunks)),
    async close() {
      for (const socket of sockets) socket.destroy();
      for (const server of [tee, strict]) {
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
        });
      }
    },
  };
}

async function listen(
  server: ReturnType<typeof createServer> | ReturnType<typeof createHttp2>,
): Promise<void> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
}

function fieldsOf({ rawHeaders }: IncomingMessage): [string, string][] {
  const fields: [string, string][] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? '';
    if (!name.startsWith(':')) fields.push([name, rawHeaders[i + 1] ?? '']);
  }
  return fields;
}
