/** node:http2, whose client is that of nghttp2's library. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { linesOf, textOf } from './answer.ts';
import type { Answer, Ask, Client, Speaker, Target } from './types.ts';
import { originOf, repeatOn, waysOf } from './ways.ts';

export const nodeHttp2: Client = {
  name: 'node:http2',
  ways: waysOf(
    [
      ['HTTP/2', false],
      ['HTTP/2', true],
    ],
    speaker,
  ),
  missing: [
    { protocol: 'HTTP/1.1', transports: ['plain', 'TLS'], reason: 'is a client of HTTP/2 alone' },
  ],
  prepare: () => process.version,
};

async function speaker(target: Target): Promise<Speaker> {
  const session = connect(originOf(target), { ca: readFileSync(target.caFile) });
  await once(session, 'connect');
  const ask = (one: Ask): Promise<Answer> => askOn(session, one);
  return {
    ask,
    repeat: (path, count) => repeatOn(target, count, () => ask({ path })),
    async open(path) {
      const stream = session.request({ ':path': path });
      await once(stream, 'response');
      return linesOf(stream, () => stream.close(constants.NGHTTP2_CANCEL));
    },
    close: () => session.close(),
  };
}

async function askOn(
  session: ClientHttp2Session,
  { path, body, noLength, expect }: Ask,
): Promise<Answer> {
  const stream = session.request({
    ':path': path,
    ':method': body === undefined ? 'GET' : 'POST',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(body !== undefined && noLength !== true && { 'content-length': Buffer.byteLength(body) }),
    ...(expect === true && { expect: '100-continue' }),
  });
  let continued = false;
  stream.on('continue', () => {
    continued = true;
    stream.end(body);
  });
  const head = answered(stream);
  if (expect !== true) stream.end(body);
  const headers = await head;
  const text = await textOf(stream);
  return {
    status: Number(headers[':status']),
    // Plain it knows no other name than h2c.
    protocol: session.alpnProtocol === 'h2' || session.alpnProtocol === 'h2c' ? 'HTTP/2' : '?',
    body: text,
    bytes: Buffer.byteLength(text),
    connection: String(session.socket.localPort),
    continued,
  };
}

async function answered(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  return headers;
}
