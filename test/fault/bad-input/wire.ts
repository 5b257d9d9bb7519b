/** Sends the bytes of a request over a connection that stays, and gives back the answer as it came. */
import assert from 'node:assert/strict';
import { type ClientHttp2Stream, connect } from 'node:http2';
import type { TestContext } from 'node:test';
import { openConnection } from '../../support/raw-connection.ts';
import { rawRequest, request } from '../../support/raw-http.ts';
import { type Form, goodPayload, type HttpVersion } from './form.ts';

/** What a row changes about a good request. */
export interface Input {
  readonly verb?: string;
  readonly path?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly encoding?: string;
  /** What stands where the messages do. */
  readonly payload?: Uint8Array;
  /** The same as it goes out: no base64 is made of it. */
  readonly wire?: string;
  /** Null for a query without a message. */
  readonly query?: null;
  /** Of the protocol. */
  readonly version?: string;
}

export interface Wired {
  readonly verb: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly trailers: Readonly<Record<string, string>>;
}

export interface Line {
  /** `onData` hears of the first bytes of the answer's body; only over HTTP/2. */
  ask(wired: Wired, onData?: () => void): Promise<Answer>;
  /** A body that goes on for ever behind these bytes; null where nothing can be answered any more. */
  begin(wired: Wired): Promise<Answer | null>;
  /** Resolves when the gateway has read what has begun. */
  arrived(): Promise<void>;
  /** Ends what has begun without its end: half a connection, or a stream. */
  breakOff(): void;
}

export function requestOf(form: Form, input: Input = {}): Wired {
  const { path = `/fault.v1.Fault/${form.method}`, headers = {} } = input;
  if (form.place === 'query') {
    const target = `${path}?${queryOf(form, input)}`;
    return { verb: input.verb ?? 'GET', target, headers, body: null };
  }
  const payload = Buffer.from(input.payload ?? goodPayload(form));
  const body = Buffer.from(input.wire ?? (form.base64 ? payload.toString('base64') : payload));
  const said: Record<string, string> = { 'content-type': input.type ?? form.type };
  if (form.shape.startsWith('connect')) said['connect-protocol-version'] = input.version ?? '1';
  if (input.encoding !== undefined) said[form.encoding] = input.encoding;
  return { verb: input.verb ?? 'POST', target: path, headers: { ...said, ...headers }, body };
}

function queryOf(form: Form, input: Input): string {
  const { base64, type } = form;
  const payload = Buffer.from(input.payload ?? goodPayload(form));
  const text = input.wire ?? (base64 ? payload.toString('base64url') : percent(payload));
  const pairs = [`connect=${input.version ?? 'v1'}`, `encoding=${input.type ?? type}`];
  if (base64) pairs.push('base64=1');
  if (input.encoding !== undefined) pairs.push(`compression=${input.encoding}`);
  if (input.query !== null) pairs.push(`message=${text}`);
  return pairs.join('&');
}

function percent(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

export function openLine(t: TestContext, port: number, version: HttpVersion): Line {
  return version === '2' ? http2Line(t, port) : http1Line(t, port);
}

function http1Line(t: TestContext, port: number): Line {
  const connection = openConnection(t, port);
  const answer = async (): Promise<Answer> => {
    const { status, headers, body, trailers } = await connection.answer();
    return {
      status,
      headers: fields(headers),
      body: Buffer.from(body, 'latin1'),
      trailers: fields(trailers),
    };
  };
  return {
    async ask({ verb, target, headers, body }) {
      await connection.write(request(verb, target, { headers, ...(body !== null && { body }) }));
      return answer();
    },
    async begin({ verb, target, headers, body }) {
      const chunked = { ...headers, 'transfer-encoding': 'chunked' };
      await connection.write(request(verb, target, { headers: chunked }));
      const chunk = body ?? new Uint8Array();
      await connection.write(`${chunk.length.toString(16)}\r\n`);
      await connection.write(chunk);
      return answer();
    },
    // Another connection is served behind what came before it.
    arrived: async () => void (await rawRequest(port, request('GET', '/nowhere'))),
    breakOff: () => void connection.socket.end(),
  };
}

function fields(list: readonly (readonly [string, string])[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of list)
    found[name] = name in found ? `${found[name]}, ${value}` : value;
  return found;
}

function http2Line(t: TestContext, port: number): Line {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => session.destroy());
  t.after(() => session.destroy());
  let last: ClientHttp2Stream | null = null;
  const written = Promise.withResolvers<void>();
  const send = (wired: Wired, end: boolean, onData = (): void => {}): Promise<Answer | null> =>
    new Promise((resolve) => {
      const { verb, target, headers, body } = wired;
      const bodiless = body === null;
      const stream = session.request(
        { ':method': verb, ':path': target, te: 'trailers', ...headers },
        { endStream: bodiless },
      );
      last = stream;
      const chunks: Buffer[] = [];
      let head: Record<string, unknown> = {};
      let trailers: Record<string, unknown> = {};
      stream.on('response', (received) => (head = received));
      stream.on('trailers', (received) => (trailers = received));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('data', onData);
      stream.on('error', () => stream.close());
      stream.on('close', () => {
        if (stream.rstCode !== 0) {
          resolve(null);
          return;
        }
        // An answer before the end of the request is followed by RST_STREAM with NO_ERROR (RFC 9113 section 8.1).
        const { ':status': status, ...rest } = head;
        resolve({
          status: Number(status),
          headers: texts(rest),
          body: Buffer.concat(chunks),
          trailers: texts(trailers),
        });
      });
      if (bodiless) return;
      if (end) stream.end(body);
      else stream.write(body, () => written.resolve());
    });
  return {
    async ask(wired, onData) {
      const answer = await send(wired, true, onData);
      assert.ok(answer !== null, 'the stream was reset');
      return answer;
    },
    begin: (wired) => send(wired, false),
    async arrived() {
      await written.promise;
      await new Promise<void>((resolve) => session.ping(() => resolve()));
    },
    breakOff: () => last?.close(8),
  };
}

function texts(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
