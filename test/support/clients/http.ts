/** HTTP as the clients of these tests speak it: node's own, plain and over TLS, one request at a time or many. */
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import type { Duplex, Readable, Writable } from 'node:stream';

export const HTTP_TRANSPORTS = ['HTTP/1.1', 'h2c', 'HTTP/1.1 over TLS', 'h2 over TLS'] as const;
export type HttpTransport = (typeof HTTP_TRANSPORTS)[number];

export interface HttpAnswer {
  /** 0 where the request broke off before its answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Several values are several lines. */
export type HttpHeaders = Readonly<Record<string, string | string[]>>;

export interface HttpCall {
  /** `taken` is called once the system has taken the bytes. */
  write(bytes: Uint8Array, taken?: () => void): void;
  end(bytes?: Uint8Array): void;
  readonly answer: Promise<HttpAnswer>;
  /** The body of the answer; call it behind {@link answer}. It is destroyed with an error where it breaks off. */
  body(): Readable;
  /** Behind the end of the body. */
  trailers(): Readonly<Record<string, string>>;
  cancel(): void;
}

export interface HttpClient {
  readonly version: '1.1' | '2';
  request(verb: string, path: string, headers: HttpHeaders): HttpCall;
  close(): void;
}

/** `ca` is asked for where the transport has TLS. */
export function httpClient(transport: HttpTransport, port: number, ca: Buffer): HttpClient {
  const tls = transport.endsWith('TLS');
  return transport.startsWith('h2') ? client2(tls, port, ca) : client1(tls, port, ca);
}

function client1(tls: boolean, port: number, ca: Buffer): HttpClient {
  const agent = tls
    ? new https.Agent({ keepAlive: true, ca, ALPNProtocols: ['http/1.1'] })
    : new http.Agent({ keepAlive: true });
  return {
    version: '1.1',
    close: () => agent.destroy(),
    request(method, path, headers) {
      const options = { agent, host: '127.0.0.1', port, method, path, headers };
      const request = tls ? https.request(options) : http.request(options);
      let response: http.IncomingMessage | undefined;
      const answer = new Promise<HttpAnswer>((resolve) => {
        request.on('response', (got) => {
          response = got;
          resolve({ status: got.statusCode ?? 0, headers: plain(got.headers) });
        });
        request.on('error', () => resolve({ status: 0, headers: {} }));
      });
      if (method !== 'GET') request.flushHeaders();
      return {
        ...writing(request),
        answer,
        body: () => readable(response),
        trailers: () => plain(response?.trailers ?? {}),
        cancel: () => request.destroy(),
      };
    },
  };
}

function client2(tls: boolean, port: number, ca: Buffer): HttpClient {
  let session: http2.ClientHttp2Session | undefined;
  const connect = (): http2.ClientHttp2Session => {
    const opened = http2.connect(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`, { ca });
    opened.on('error', () => opened.destroy());
    return opened;
  };
  return {
    version: '2',
    close: () => session?.destroy(),
    request(method, path, headers) {
      session ??= connect();
      const left = new AbortController();
      const { signal } = left;
      const stream = session.request({ ':method': method, ':path': path, ...headers }, { signal });
      let trailers: http2.IncomingHttpHeaders = {};
      stream.on('trailers', (got) => (trailers = got));
      stream.on('error', () => stream.close());
      const answer = new Promise<HttpAnswer>((resolve) => {
        stream.on('response', (got) =>
          resolve({ status: got[':status'] ?? 0, headers: plain(got) }),
        );
        stream.on('close', () => resolve({ status: 0, headers: {} }));
      });
      return {
        ...writing(stream),
        answer,
        body: () => readable(stream),
        trailers: () => plain(trailers),
        // RST_STREAM with CANCEL; `close` would end the request before, as if it were complete.
        cancel: () => left.abort(),
      };
    },
  };
}

function writing(to: Writable): Pick<HttpCall, 'write' | 'end'> {
  return {
    write: (bytes, taken) =>
      void to.write(bytes, (error) => {
        if (!error) taken?.();
      }),
    end: (bytes) => void (bytes === undefined ? to.end() : to.end(bytes)),
  };
}

function readable(from: http.IncomingMessage | Duplex | undefined): Readable {
  if (from === undefined) throw new Error('there is no answer to read');
  return from;
}

/** Repeats are joined; pseudo-headers are left out. */
function plain(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(':') || value === undefined
        ? []
        : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
