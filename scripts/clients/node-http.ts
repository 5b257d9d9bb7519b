/** node:http and node:https. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type ClientRequest, Agent as PlainAgent, type IncomingMessage, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { linesOf, textOf } from './answer.ts';
import type { Answer, Ask, Client, Speaker, Target } from './types.ts';
import { repeatOn, waysOf } from './ways.ts';

const missing = [
  { protocol: 'HTTP/2', transports: ['plain', 'TLS'], reason: 'is a client of HTTP/1.1 alone' },
] as const;

export const nodeHttp: Client = {
  name: 'node:http',
  ways: waysOf([['HTTP/1.1', false]], speaker),
  missing,
  prepare: () => process.version,
};

export const nodeHttps: Client = {
  name: 'node:https',
  ways: waysOf([['HTTP/1.1', true]], speaker),
  missing,
  prepare: () => process.version,
};

function speaker(target: Target): Speaker {
  const { tls, port } = target;
  const agent = tls
    ? new TlsAgent({ keepAlive: true, ca: readFileSync(target.caFile) })
    : new PlainAgent({ keepAlive: true });
  const begin = ({ path, body, noLength, expect }: Ask): ClientRequest => {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (body !== undefined && noLength !== true) {
      headers['content-length'] = String(Buffer.byteLength(body));
    }
    if (expect === true) headers['expect'] = '100-continue';
    const method = body === undefined ? 'GET' : 'POST';
    return (tls ? tlsRequest : request)({ host: '127.0.0.1', port, agent, method, path, headers });
  };
  const ask = async (one: Ask): Promise<Answer> => {
    const sent = begin(one);
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    let continued = false;
    if (one.expect === true) {
      sent.on('continue', () => {
        continued = true;
        sent.end(one.body);
      });
      sent.flushHeaders();
    } else if (one.noLength === true) {
      sent.write(one.body);
      sent.end();
    } else sent.end(one.body);
    const [response] = await answered;
    // Afterwards the agent may have taken it.
    const connection = String(response.socket.localPort);
    const body = await textOf(response);
    return {
      status: response.statusCode ?? 0,
      protocol: `HTTP/${response.httpVersion}`,
      body,
      bytes: Buffer.byteLength(body),
      connection,
      continued,
    };
  };
  return {
    ask,
    repeat: (path, count) => repeatOn(target, count, () => ask({ path })),
    async open(path) {
      const sent = begin({ path });
      sent.end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      return linesOf(response, () => sent.destroy());
    },
    close: () => agent.destroy(),
  };
}
