/**
 * A well-behaved client: one request after the other, in turn over HTTP/2 on a connection of its own that stays and over HTTP/1.1 on a
 * new connection each time. By node:http2 and node:http.
 */
import { get } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';

const PATH = '/v1/shelves';
const REQUEST_TIMEOUT_MS = 2_000;
const PAUSE_MS = 5;

export interface GoodClient {
  readonly good: number;
  readonly failed: number;
  /** What the last failure was. */
  readonly lastFailure: string;
  stop(): Promise<void>;
}

export function startGoodClient(port: number): GoodClient {
  const session = connect(`http://127.0.0.1:${port}`);
  const counts = { good: 0, failed: 0 };
  const stop = new AbortController();
  let lastFailure = '';
  const fail = (failure: string): void => {
    counts.failed++;
    lastFailure = failure;
  };
  session.on('error', (error) => fail(error.message));
  const ways = [() => askHttp2(session), () => askHttp1(port)];
  const loop = (async () => {
    while (!stop.signal.aborted) {
      for (const ask of ways) {
        const failure = await ask();
        if (failure === undefined) counts.good++;
        else fail(failure);
        await sleep(PAUSE_MS);
      }
    }
    session.destroy();
  })();
  return {
    get good() {
      return counts.good;
    },
    get failed() {
      return counts.failed;
    },
    get lastFailure() {
      return lastFailure;
    },
    stop: () => {
      stop.abort();
      return loop;
    },
  };
}

/** What went wrong, or undefined. */
function askHttp2(session: ClientHttp2Session): Promise<string | undefined> {
  return new Promise((resolve) => {
    if (session.destroyed) {
      resolve('HTTP/2: the connection is gone');
      return;
    }
    const stream = session.request({ ':path': PATH });
    let status = 0;
    stream.setTimeout(REQUEST_TIMEOUT_MS, () => stream.destroy(new Error('no answer')));
    stream.on('response', (headers) => (status = Number(headers[':status'])));
    stream.on('error', (error) => resolve(`HTTP/2: ${error.message}`));
    let body = '';
    stream.setEncoding('utf8').on('data', (text: string) => (body += text));
    stream.on('close', () => resolve(status === 200 ? undefined : `HTTP/2: ${status} ${body}`));
  });
}

/** What went wrong, or undefined. */
function askHttp1(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: PATH, agent: false }, (response) => {
      const { statusCode } = response;
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('error', (error) => resolve(`HTTP/1.1: ${error.message}`));
      response.on('end', () => {
        resolve(statusCode === 200 ? undefined : `HTTP/1.1: ${statusCode} ${body}`);
      });
    });
    request.setTimeout(REQUEST_TIMEOUT_MS, () => request.destroy(new Error('no answer')));
    request.on('error', (error) => resolve(`HTTP/1.1: ${error.message}`));
  });
}
