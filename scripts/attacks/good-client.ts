/** A well-behaved client: one request after the other over HTTP/2, by node:http2, on a connection of its own. */
import { type ClientHttp2Session, connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';

const PATH = '/v1/shelves';
const REQUEST_TIMEOUT_MS = 2_000;
const PAUSE_MS = 5;

export interface GoodClient {
  readonly good: number;
  readonly failed: number;
  stop(): Promise<void>;
}

export function startGoodClient(port: number): GoodClient {
  const session = connect(`http://127.0.0.1:${port}`);
  const counts = { good: 0, failed: 0 };
  const stop = new AbortController();
  session.on('error', () => counts.failed++);
  const loop = (async () => {
    while (!stop.signal.aborted) {
      if (await ask(session)) counts.good++;
      else counts.failed++;
      await sleep(PAUSE_MS);
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
    stop: () => {
      stop.abort();
      return loop;
    },
  };
}

function ask(session: ClientHttp2Session): Promise<boolean> {
  return new Promise((resolve) => {
    if (session.destroyed) {
      resolve(false);
      return;
    }
    const stream = session.request({ ':path': PATH });
    let status = 0;
    stream.setTimeout(REQUEST_TIMEOUT_MS, () => stream.destroy(new Error('no answer')));
    stream.on('response', (headers) => (status = Number(headers[':status'])));
    stream.on('error', () => resolve(false));
    stream.on('close', () => resolve(status === 200));
    stream.resume();
  });
}
