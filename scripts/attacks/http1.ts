/** Attacks on HTTP/1.1 and on the port itself, each bounded: what one attacker sends, at most. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack, Scope } from './types.ts';

/** An attacker's: connections are counted by address, and the good client's must not be taken by them. */
const ADDRESS = '127.0.0.2';
const CLIENT_GIVES_UP_MS = 12_000;
const DRIP_MS = 100;
const PIECES = 200;
const PIECE_BYTES = 8_192;
const CONNECTIONS = 100;
const REQUESTS = 5_000;
const BURST = 100;

const POST = 'POST /v1/shelves HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';
const CHUNKED = `${POST}transfer-encoding: chunked\r\n\r\n`;
/** Its answer is the largest of the demo. */
const DOWNLOAD = 'GET /v1/shelves/1/books/1/manuscript HTTP/1.1\r\nhost: a\r\n\r\n';
const SMALL = 'GET /v1/shelves/1/books HTTP/1.1\r\nhost: a\r\n\r\n';
/** A record of a handshake (RFC 8446 section 5.1) of 512 bytes, of which none comes. */
const HANDSHAKE = Buffer.from('1603010200', 'hex');

export const HTTP1_ATTACKS: readonly Attack[] = [
  drip('Slowloris on HTTP/1.1: the head', 'head', 'GET / HTTP/1.1\r\nhost: a\r\nx: '),
  {
    name: 'Slowloris on HTTP/1.1: the body stands still',
    limit: 'body',
    run: (scope, port) =>
      untilClosed(scope, port, (socket) => {
        socket.write(`${POST}content-length: 100000\r\n\r\n{`);
      }),
  },
  drip(
    'Slowloris on HTTP/1.1: the body byte by byte',
    'timeout',
    `${POST}content-length: 100000\r\n\r\n`,
  ),
  {
    name: 'Slowloris on HTTP/1.1: reading',
    limit: 'write',
    run: (scope, port) =>
      untilClosed(scope, port, async (socket) => {
        socket.pause();
        await send(socket, DOWNLOAD.repeat(BURST));
        await untilRefused(socket);
      }),
  },
  {
    name: 'Slowloris on TLS: the handshake',
    limit: 'first_byte',
    run: (scope, port) => untilClosed(scope, port, (socket) => void socket.write(HANDSHAKE)),
  },
  {
    name: 'connection flood',
    limit: 'connections_per_address',
    run: async (scope, port) => {
      const sockets = Array.from({ length: CONNECTIONS }, () => open(scope, port));
      await Promise.all(sockets.map((socket) => Promise.race([settled(socket), sleep(1_000)])));
    },
  },
  {
    name: 'pipelining flood',
    limit: 'write',
    attackers: 2,
    run: (scope, port) =>
      untilClosed(scope, port, async (socket) => {
        socket.pause();
        for (let i = 0; i < REQUESTS / BURST; i++) await send(socket, SMALL.repeat(BURST));
        await untilRefused(socket);
      }),
  },
  flood('endless head', 'header_bytes', 'GET / HTTP/1.1\r\nhost: a\r\n', () => {
    return `x: ${'x'.repeat(PIECE_BYTES)}\r\n`;
  }),
  // In smaller pieces than those of a head, or its bound would be the first.
  flood('endless target', 'target', 'GET /', () => 'x'.repeat(1_000)),
  flood(
    'header flood',
    'headers',
    `GET / HTTP/1.1\r\nhost: a\r\n${'x: y\r\n'.repeat(1_000)}\r\n`,
    () => '',
  ),
  flood('chunk extensions', 'header_bytes', `${CHUNKED}1`, () => `;${'x'.repeat(PIECE_BYTES)}`),
  flood('endless trailers', 'header_bytes', `${CHUNKED}2\r\n{}\r\n0\r\n`, () => {
    return `x: ${'x'.repeat(PIECE_BYTES)}\r\n`;
  }),
];

/** Who reads nothing learns that the connection is over by what it sends. */
async function untilRefused(socket: Socket, drop = '\r\n'): Promise<void> {
  while (!socket.destroyed) {
    await send(socket, drop);
    await sleep(DRIP_MS);
  }
}

/** Begins with `begin`, then goes on byte by byte. */
function drip(name: string, limit: string, begin: string): Attack {
  return {
    name,
    limit,
    run: (scope, port) =>
      untilClosed(scope, port, async (socket) => {
        await send(socket, begin);
        await untilRefused(socket, 'x');
      }),
  };
}

/** Begins with `begin`, then sends piece after piece as fast as it can. */
function flood(name: string, limit: string, begin: string, piece: () => string): Attack {
  return {
    name,
    limit,
    run: (scope, port) =>
      untilClosed(scope, port, async (socket) => {
        await send(socket, begin);
        for (let i = 0; i < PIECES && !socket.destroyed; i++) await send(socket, piece());
      }),
  };
}

/** Resolves when the gateway has closed the connection, or when the attacker loses patience. */
async function untilClosed(
  scope: Scope,
  port: number,
  begin: (socket: Socket) => void | Promise<void>,
): Promise<void> {
  const socket = open(scope, port);
  const patience = setTimeout(() => socket.destroy(), CLIENT_GIVES_UP_MS);
  const begun = begin(socket);
  await settled(socket);
  clearTimeout(patience);
  await begun;
}

/** Reads and forgets what comes. It ends as the gateway ends it, even where nobody reads. */
function open(scope: Scope, port: number): Socket {
  const socket = connect({ host: '127.0.0.1', port, localAddress: ADDRESS });
  scope.after(() => socket.destroy());
  // Whoever is refused may be reset.
  socket.on('error', () => socket.destroy());
  socket.resume();
  return socket;
}

/** Resolves when the system has taken it, or when the connection is over. */
function send(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) {
      resolve();
      return;
    }
    socket.once('close', resolve);
    socket.write(text, () => {
      socket.off('close', resolve);
      resolve();
    });
  });
}

/** Whatever has ended it. */
function settled(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    if (socket.closed) resolve(undefined);
    else socket.once('close', resolve);
  });
}
