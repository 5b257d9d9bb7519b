/** What a server makes of the bytes of one connection: ours, and node:http in strict mode. */
import { createServer } from 'node:http';
import { createHttp1Connection } from '../../../src/http1/server.ts';
import { TimerWheel } from '../../../src/lib/timer-wheel.ts';
import type { Exchange } from '../../../src/call/types.ts';
import { LIMITS } from '../../support/listener-options.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemorySocket } from '../../support/memory-socket.ts';
import { takeAnswer } from '../../support/raw-connection.ts';

export interface ReadRequest {
  readonly verb: string;
  /** Without scheme and authority where it was in absolute form. */
  readonly target: string;
  readonly host: string | undefined;
  /** Latin-1; empty where it is broken, since how much of it came before depends on the cuts. */
  readonly body: string;
  /** The body broke off, or could not be read to its end. */
  readonly broken: boolean;
}

export interface Reading {
  /** What has reached a handler, in order. */
  readonly requests: readonly ReadRequest[];
  /** The status of each answer, in order. */
  readonly statuses: readonly number[];
  /** Whether the last answer says that the connection ends. */
  readonly closes: boolean;
}

/** How our connection reads `parts`, each fed in a turn of its own. */
export async function readByUs(parts: readonly Uint8Array[]): Promise<Reading> {
  const socket = new MemorySocket();
  const requests: ReadRequest[] = [];
  const host = {
    scheme: 'http' as const,
    wheel: new TimerWheel(new ManualClock()),
    limits: LIMITS,
    serve: (exchange: Exchange) => serve(exchange, requests),
    refuse: ({ pg }: { readonly pg: string }) => ({
      status: 400,
      headers: [],
      body: Buffer.from(pg),
    }),
    onLimit: () => {},
  };
  createHttp1Connection(socket.asSocket, host, null);
  await feedAll(socket, parts);
  return { requests, ...answersOf(socket.sent) };
}

/** How node:http reads `bytes`. */
export async function readByNode(bytes: Uint8Array): Promise<Reading> {
  const socket = new MemorySocket();
  const requests: (ReadRequest | undefined)[] = [];
  const server = createServer({ insecureHTTPParser: false, keepAliveTimeout: 0 });
  // What has been parsed before is still on its way to its reader; the end of the client's side follows.
  server.on('clientError', () => {});
  server.on('request', (request, response) => {
    const at = requests.push(undefined) - 1;
    let body = '';
    const settle = (broken: boolean): void => {
      requests[at] ??= {
        verb: request.method ?? '',
        target: (request.url ?? '').replace(/^https?:\/\/[^/?]*/i, '').replace(/^(?!\/|\*)/, '/'),
        host: request.headers.host,
        body: broken ? '' : body,
        broken,
      };
    };
    request.setEncoding('latin1');
    request.on('data', (text: string) => (body += text));
    request.on('end', () => {
      settle(false);
      response.end('x');
    });
    request.on('error', () => settle(true));
    request.on('close', () => settle(true));
  });
  server.emit('connection', socket);
  await feedAll(socket, [bytes], true);
  // Never listened: this ends its timer.
  server.close();
  return { requests: requests.filter((one) => one !== undefined), ...answersOf(socket.sent) };
}

function serve(exchange: Exchange, requests: ReadRequest[]): void {
  const { head } = exchange;
  let body = '';
  const settle = (broken: boolean): void => {
    const target = head.query === '' ? head.path : `${head.path}?${head.query}`;
    requests.push({
      verb: head.verb,
      target,
      host: head.header('host'),
      body: broken ? '' : body,
      broken,
    });
    exchange.answer(broken ? 400 : 200, [], Buffer.from(broken ? 'broken' : 'x'));
  };
  exchange.body.pump({
    onDrain: null,
    write: (chunk) => {
      body += Buffer.from(chunk).toString('latin1');
      return true;
    },
    end: () => settle(false),
    fail: () => settle(true),
  });
}

/** Then the client closes its side, and the server must close the other, where nobody `destroys` both. */
async function feedAll(
  socket: MemorySocket,
  parts: readonly Uint8Array[],
  destroys = false,
): Promise<void> {
  socket.on('error', () => socket.destroy());
  for (const part of parts) {
    socket.feed(part);
    await turn();
  }
  await turn();
  await turn();
  socket.feedEnd();
  await turn();
  await turn();
  if (destroys) socket.destroy();
  await socket.closedOnce;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function answersOf(sent: string): Pick<Reading, 'statuses' | 'closes'> {
  const statuses: number[] = [];
  let closes = false;
  for (let rest = sent; ; ) {
    const taken = takeAnswer(rest, false);
    if (taken === undefined) break;
    statuses.push(taken.answer.status);
    closes = new Map(taken.answer.headers).get('connection') === 'close';
    rest = rest.slice(taken.length);
  }
  return { statuses, closes };
}
