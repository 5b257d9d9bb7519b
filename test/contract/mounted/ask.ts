/** One request over HTTP/1.1 or HTTP/2, by Node's own clients. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';

export interface Question {
  /** Default: GET. */
  readonly verb?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Over TLS where there is a `ca`. */
export type Ask = (port: number, question: Question, ca?: Buffer) => Promise<Reply>;

export const askHttp1: Ask = async (port, { verb = 'GET', path, headers = {}, body = '' }, ca) => {
  const options = { host: '127.0.0.1', port, agent: false, method: verb, path, headers };
  const request =
    ca === undefined ? httpRequest(options) : httpsRequest({ ...options, agent: false, ca });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, text: await textOf(response) };
};

export const askHttp2: Ask = async (port, { verb = 'GET', path, headers = {}, body = '' }, ca) => {
  const session =
    ca === undefined
      ? connect(`http://127.0.0.1:${port}`)
      : connect(`https://127.0.0.1:${port}`, { ca });
  const endStream = body === '';
  const stream = session.request({ ...headers, ':method': verb, ':path': path }, { endStream });
  if (!endStream) stream.end(body);
  const [head] = (await once(stream, 'response')) as [Record<string, unknown>];
  const text = await textOf(stream);
  session.close();
  return { status: Number(head[':status']), text };
};

async function textOf(readable: Readable): Promise<string> {
  let text = '';
  for await (const chunk of readable.setEncoding('utf8')) text += String(chunk);
  return text;
}
