/** Sends bytes as they are and writes down what comes back as text, with all that HTTP libraries hide: order, trailers, a cut. */
import { connect } from 'node:net';

export interface WireAnswer {
  readonly statusLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** Whether the body came to its proper end. */
  readonly complete: boolean;
}

/** The first final answer on a connection of its own. */
export function exchange(port: number, request: Buffer): Promise<WireAnswer> {
  const bodyless = request.subarray(0, 5).toString() === 'HEAD ';
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    let settled = false;
    const settle = (closed: boolean): void => {
      const answer = parse(received, bodyless);
      if (settled || (!closed && answer?.complete !== true)) return;
      settled = true;
      socket.destroy();
      if (answer === undefined) reject(new Error(`closed without an answer: ${received}`));
      else resolve(answer);
    };
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      settle(false);
    });
    socket.on('error', () => settle(true));
    socket.on('close', () => settle(true));
    socket.write(request);
  });
}

function parse(received: string, bodyless: boolean): WireAnswer | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = received.slice(0, end).split('\r\n');
  if (/^HTTP\/1.1 1\d\d /.test(statusLine)) return parse(received.slice(end + 4), bodyless);
  const headers = lines.map(pair);
  const valueOf = (name: string): string | undefined => headers.find(([key]) => key === name)?.[1];
  const rest = received.slice(end + 4);
  const chunked = valueOf('transfer-encoding') === 'chunked' && !bodyless;
  const length = bodyless ? 0 : Number(valueOf('content-length') ?? 0);
  const body = chunked ? readChunked(rest) : readCounted(rest, length);
  return { statusLine, headers, ...body };
}

type WireBody = Pick<WireAnswer, 'body' | 'trailers' | 'complete'>;

function readCounted(rest: string, length: number): WireBody {
  return { body: text(rest.slice(0, length)), trailers: [], complete: rest.length >= length };
}

function readChunked(rest: string): WireBody {
  let body = '';
  let at = 0;
  for (;;) {
    const line = rest.indexOf('\r\n', at);
    const size = line < 0 ? Number.NaN : Number.parseInt(rest.slice(at, line), 16);
    const next = line + 2 + size + 2;
    if (size === 0) return { body: text(body), ...readTrailers(rest.slice(line + 2)) };
    if (Number.isNaN(size) || rest.length < next) {
      return { body: text(body), trailers: [], complete: false };
    }
    body += rest.slice(line + 2, next - 2);
    at = next;
  }
}

/** What stands between the last chunk and the empty line. */
function readTrailers(rest: string): Omit<WireBody, 'body'> {
  const lines = rest.split('\r\n');
  const end = lines.indexOf('');
  const complete = end >= 0 && end < lines.length - 1;
  return { trailers: complete ? lines.slice(0, end).map(pair) : [], complete };
}

function pair(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function text(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
