/** undici: its dispatcher, and fetch on top of one. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { type Dispatcher, fetch, Pool } from 'undici';
import { linesOf } from './answer.ts';
import type { Answer, Ask, Client, Speaker, Target } from './types.ts';
import { ALL, originOf, repeatOn, waysOf } from './ways.ts';

const { version } = createRequire(import.meta.url)('undici/package.json') as { version: string };

export const undici: Client = {
  name: 'undici request',
  ways: waysOf(ALL, (target) => speaker(target, byRequest), {
    '100-continue': 'refuses to send Expect',
  }),
  missing: [],
  prepare: () => version,
};

export const undiciFetch: Client = {
  name: 'undici fetch',
  ways: waysOf(ALL, (target) => speaker(target, byFetch), {
    '100-continue': 'fetch may not send Expect',
  }),
  missing: [],
  prepare: () => version,
};

interface Got {
  readonly status: number;
  /** Empty over HTTP/2, which has dropped it (RFC 9113 section 8.3.2). */
  readonly statusText: string;
  text(): Promise<string>;
  readonly body: Readable;
}

interface Sent {
  readonly path: string;
  readonly body: string | Readable | undefined;
  readonly signal: AbortSignal | undefined;
}

type Send = (dispatcher: Dispatcher, origin: string, sent: Sent) => Promise<Got>;

const HEADERS = { 'content-type': 'application/json' };

const byRequest: Send = async (dispatcher, origin, { path, body, signal }) => {
  const answer = await dispatcher.request({
    origin,
    path,
    method: body === undefined ? 'GET' : 'POST',
    ...(signal !== undefined && { signal }),
    ...(body !== undefined && { headers: HEADERS, body }),
  });
  const { statusCode: status, statusText } = answer;
  return { status, statusText, text: () => answer.body.text(), body: answer.body };
};

const byFetch: Send = async (dispatcher, origin, { path, body, signal }) => {
  const stream = body instanceof Readable;
  const answer = await fetch(`${origin}${path}`, {
    dispatcher,
    ...(signal !== undefined && { signal }),
    ...(body !== undefined && { method: 'POST', headers: HEADERS, body }),
    ...(stream && { duplex: 'half' }),
  });
  const { status, statusText } = answer;
  return {
    status,
    statusText,
    text: () => answer.text(),
    get body() {
      if (answer.body === null) throw new Error('an answer without a body');
      return Readable.from(answer.body);
    },
  };
};

function speaker(target: Target, send: Send): Speaker {
  const origin = originOf(target);
  const http2 = target.protocol === 'HTTP/2';
  const options: Pool.Options = {
    allowH2: http2,
    connect: { ca: readFileSync(target.caFile) },
    // A pool hands it to its connections only where it stands here.
    ...(http2 && !target.tls && { useH2c: true }),
  };
  const pool = new Pool(origin, options);
  const single = new Pool(origin, { ...options, connections: 1 });
  const sockets: (Socket | TLSSocket)[] = [];
  const note = (message: unknown): void => {
    const { request, socket } = message as { request: { origin: string }; socket: Socket };
    if (request.origin === origin) sockets.push(socket);
  };
  subscribe('undici:client:sendHeaders', note);
  const askBy = async (by: Pool, { path, body, noLength }: Ask): Promise<Answer> => {
    const sent = noLength === true ? Readable.from([Buffer.from(body ?? '')]) : body;
    const answer = await send(by, origin, { path, body: sent, signal: undefined });
    const text = await answer.text();
    return {
      status: answer.status,
      protocol: protocolOf(answer, sockets.at(-1)),
      body: text,
      bytes: Buffer.byteLength(text),
      // Of those that ran at the same time each takes one.
      connection: String(sockets.shift()?.localPort),
      continued: false,
    };
  };
  return {
    ask: (one) => askBy(pool, one),
    repeat: (path, count) => repeatOn(target, count, () => askBy(single, { path })),
    async open(path) {
      const controller = new AbortController();
      const answer = await send(pool, origin, { path, body: undefined, signal: controller.signal });
      return linesOf(answer.body, () => controller.abort());
    },
    async close() {
      unsubscribe('undici:client:sendHeaders', note);
      await Promise.all([pool.close(), single.close()]);
    },
  };
}

/** What TLS has negotiated must be what the answer looks like. */
function protocolOf({ statusText }: Got, socket: Socket | TLSSocket | undefined): string {
  const looksLike = statusText === '' ? 'HTTP/2' : 'HTTP/1.1';
  if (socket === undefined || !('alpnProtocol' in socket)) return looksLike;
  const negotiated = socket.alpnProtocol === 'h2' ? 'HTTP/2' : 'HTTP/1.1';
  return negotiated === looksLike ? looksLike : `${looksLike} over ${socket.alpnProtocol}`;
}
