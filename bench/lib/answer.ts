/** One request by node:http, so that what a contestant answers is known before it is timed. */
import { request as send } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { type HttpRequest, InvalidRun } from '../load/types.ts';

const TIMEOUT_MS = 30_000;

export function ask(port: number, { method, path, headers, body }: HttpRequest): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(new InvalidRun(error.message, { cause: error }));
    const options = { host: '127.0.0.1', port, method, path, headers, timeout: TIMEOUT_MS };
    const request = send({ ...options, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const all = Buffer.concat(chunks);
        if (response.statusCode === 200) resolve(all);
        else reject(new InvalidRun(`status ${response.statusCode}: ${all.toString()}`));
      });
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', fail);
    request.end(body);
  });
}

/** NDJSON or one value; grpc-gateway wraps each message of a stream in `result`. */
function messagesOf(body: Buffer): unknown[] {
  const lines = body.toString('utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const value: unknown = JSON.parse(line);
    const isWrapped = isObject(value) && Object.keys(value).join() === 'result';
    return isWrapped ? value['result'] : value;
  });
}

/** Every contestant must say the same, so each is compared with what the service has said. */
export function assertMessages(body: Buffer, expected: readonly unknown[]): void {
  const messages = messagesOf(body);
  if (messages.length !== expected.length) {
    throw new InvalidRun(`${messages.length} messages, not ${expected.length}`);
  }
  for (const [at, message] of messages.entries()) {
    if (isDeepStrictEqual(message, expected[at])) continue;
    const [found, wanted] = [message, expected[at]].map((value) => JSON.stringify(value));
    throw new InvalidRun(`message ${at} is ${found?.slice(0, 700)}, not ${wanted?.slice(0, 700)}`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
