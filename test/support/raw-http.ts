/** HTTP/1.1 by hand over a socket, so that no client normalises what a test sends or hides what it gets. */
import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Lower-case names; repeats joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without chunked coding. */
  readonly body: string;
  /** Whether the body had its proper end: the last chunk, or its declared length. */
  readonly complete: boolean;
}

export interface RawOptions {
  /** Closes our side behind the request; default: waits for the answer. */
  readonly halfClose?: boolean;
}

/** Sends `bytes` on a connection of its own and gives the first final answer. Rejects where the connection closes without one. */
export function rawRequest(
  port: number,
  bytes: string | Uint8Array,
  { halfClose = false }: RawOptions = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    const finish = (closed: boolean): void => {
      const answer = parseAnswer(received);
      if (answer === undefined) {
        if (closed) reject(new Error(`closed without an answer: ${JSON.stringify(received)}`));
        return;
      }
      if (!closed && !answer.complete) return;
      resolve(answer);
      socket.destroy();
    };
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      finish(false);
    });
    socket.on('error', () => finish(true));
    socket.on('close', () => finish(true));
    socket.write(bytes);
    if (halfClose) socket.end();
  });
}

/** The head lines and the body of a request with one Host header and a correct length. */
export function request(verb: string, target: string, options: RequestOptions = {}): Buffer {
  const body = Buffer.from(options.body ?? '');
  const headers = { host: 'gateway.test', ...options.headers };
  const lines = [`${verb} ${target} HTTP/1.1`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (options.body !== undefined && !('content-length' in headers)) {
    lines.push(`content-length: ${body.length}`);
  }
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

function parseAnswer(received: string): RawAnswer | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = received.slice(0, end).split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  if (status >= 100 && status < 200) return parseAnswer(received.slice(end + 4));
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const rest = received.slice(end + 4);
  if (headers['transfer-encoding'] === 'chunked') return { status, headers, ...unchunk(rest) };
  const length = Number(headers['content-length'] ?? 0);
  const body = Buffer.from(rest.slice(0, length), 'latin1').toString('utf8');
  return { status, headers, body, complete: rest.length >= length };
}

function unchunk(rest: string): { body: string; complete: boolean } {
  let body = '';
  for (let at = 0; ; ) {
    const line = rest.indexOf('\r\n', at);
    const size = line < 0 ? Number.NaN : Number.parseInt(rest.slice(at, line), 16);
    const text = (complete: boolean): { body: string; complete: boolean } => ({
      body: Buffer.from(body, 'latin1').toString('utf8'),
      complete,
    });
    if (Number.isNaN(size)) return text(false);
    if (size === 0) return text(true);
    body += rest.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}
