/** A gRPC client of node:http2 that sends the bytes it is told, and hides nothing of the answer. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { TestContext } from 'node:test';

export interface RawCall {
  readonly stream: ClientHttp2Stream;
  readonly head: Promise<IncomingHttpHeaders>;
  /** All of it, once the stream has closed. */
  readonly answer: Promise<RawGrpcAnswer>;
}

export interface RawGrpcAnswer {
  readonly httpStatus: number;
  readonly headers: IncomingHttpHeaders;
  /** What ended the call: the trailers, or the head where that was the end. */
  readonly end: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The code of RST_STREAM; 0 where there was none. */
  readonly reset: number;
}

export interface RawGrpcClient {
  readonly session: ClientHttp2Session;
  open(method: string, headers?: OutgoingHttpHeaders): RawCall;
  /** A call with all of its bytes at once. */
  send(method: string, body: Uint8Array, headers?: OutgoingHttpHeaders): Promise<RawGrpcAnswer>;
}

export function rawGrpcClient(t: TestContext, port: number): RawGrpcClient {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => session.destroy());
  t.after(() => session.destroy());
  const client: RawGrpcClient = {
    session,
    open(method, headers = {}) {
      const stream = session.request({
        ':method': 'POST',
        ':path': method.startsWith('/') ? method : `/fault.v1.Fault/${method}`,
        te: 'trailers',
        'content-type': 'application/grpc',
        ...headers,
      });
      return watch(stream);
    },
    send(method, body, headers) {
      const { stream, answer } = client.open(method, headers);
      stream.end(body);
      return answer;
    },
  };
  return client;
}

function watch(stream: ClientHttp2Stream): RawCall {
  const chunks: Buffer[] = [];
  let trailers: IncomingHttpHeaders | undefined;
  const head = new Promise<IncomingHttpHeaders>((resolve) => {
    stream.once('response', resolve);
    stream.once('close', () => resolve({}));
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('trailers', (headers) => (trailers = headers));
  stream.on('error', () => stream.close());
  const answer = new Promise<RawGrpcAnswer>((resolve) => {
    stream.once('close', () => {
      void head.then((headers) =>
        resolve({
          httpStatus: Number(headers[':status'] ?? 0),
          headers,
          end: trailers ?? headers,
          body: Buffer.concat(chunks),
          reset: stream.rstCode,
        }),
      );
    });
  });
  return { stream, head, answer };
}
