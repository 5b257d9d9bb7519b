/** A plain HTTP service of the matrix: fault.v1.Fault by its http rules, in JSON, and NDJSON where it streams. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { httpStatusOf } from '../../src/call/http-status.ts';
import { statusNumber } from '../../src/call/status.ts';
import { encodeItem, itemOf } from '../support/clients/messages.ts';
import type { Received } from '../support/clients/types.ts';
import { answerJson, type HttpExchange, startScriptedHttp } from '../support/scripted-http.ts';
import { textOf } from './grpc-service.ts';
import { type Service, type ServiceCall, type ServiceKind, serviceOver } from './service.ts';

const RULES: readonly (readonly [verb: string, path: RegExp, method: string])[] = [
  ['GET', /^\/v1\/items:watch$/, 'Watch'],
  ['GET', /^\/v1\/items\/([^/]+)$/, 'Get'],
  ['POST', /^\/v1\/items$/, 'Create'],
  ['POST', /^\/v1\/items:upload$/, 'Upload'],
  ['POST', /^\/v1\/items:talk$/, 'Talk'],
];

export const http1Service: ServiceKind = service('1.1');
export const http2Service: ServiceKind = service('2');

function service(http: '1.1' | '2'): ServiceKind {
  return {
    name: `JSON over HTTP/${http}`,
    capabilities: {
      kinds: ['unary', 'server_stream', 'client_stream', 'bidi'],
      fullDuplex: true,
      passes: [],
      coding: 'identity',
      takes: [],
      envelopes: false,
    },
    upstream: { protocol: 'http', connections: { http } },
    endpoint: (port) => `http://127.0.0.1:${port}`,
    start: () => start(http),
  };
}

async function start(http: '1.1' | '2'): Promise<Service> {
  const scripted = await startScriptedHttp({ http });
  const started = serviceOver(scripted);
  scripted.script = (exchange) => started.script(callOf(exchange));
  return started;
}

function callOf({ request, response }: HttpExchange): ServiceCall {
  const url = new URL(request.url ?? '', 'http://service.test');
  const [rule] = RULES.filter(([verb, path]) => verb === request.method && path.test(url.pathname));
  if (rule === undefined) throw new Error(`no rule is ${request.method} ${request.url}`);
  const [verb, path, method] = rule;
  const messages =
    verb === 'GET' ? fromTarget(url, path) : method === 'Create' ? whole(request) : lines(request);
  const streamed = method === 'Watch' || method === 'Talk';
  return {
    method,
    headers: textOf(request.headers),
    async next() {
      try {
        const { value } = await messages.next();
        return value;
      } catch {
        return null;
      }
    },
    arrived: () => Promise.reject(new Error('there are no envelopes')),
    head: (metadata) => {
      const type = streamed ? 'application/x-ndjson' : 'application/json';
      response.writeHead(200, { 'content-type': type, ...metadata });
      response.flushHeaders();
    },
    send: (item) => {
      response.write(encodeItem('json', item));
      if (streamed) response.write('\n');
    },
    sendBytes: () => {
      throw new Error('there are no envelopes');
    },
    end: (trailers) => {
      response.addTrailers(trailers);
      response.end();
    },
    fail: (code, message, details) => {
      const status = {
        code: statusNumber(code),
        message,
        details: details.map((info) => ({
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          ...info,
        })),
      };
      if (response.headersSent) response.end(`${JSON.stringify({ error: status })}\n`);
      else answerJson(response, status, httpStatusOf(code));
    },
    closed: once(response, 'close').then(() => {}),
  };
}

type Messages = AsyncGenerator<Received, undefined>;

async function* fromTarget({ pathname, searchParams }: URL, path: RegExp): Messages {
  const inPath = path.exec(pathname)?.[1];
  const name = inPath === undefined ? searchParams.get('name') : decodeURIComponent(inPath);
  yield received(JSON.stringify({ name, count: Number(searchParams.get('count') ?? 0) }));
  return undefined;
}

async function* whole(request: IncomingMessage): Messages {
  let text = '';
  for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) text += chunk;
  yield received(text);
  return undefined;
}

async function* lines(request: IncomingMessage): Messages {
  let text = '';
  for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) {
    const all = (text + chunk).split('\n');
    text = all.pop() ?? '';
    for (const line of all) yield received(line);
  }
  if (text !== '') yield received(text);
  return undefined;
}

function received(text: string): Received {
  const bytes = Buffer.from(text);
  return { item: itemOf(JSON.parse(text)), bytes, packed: bytes, coding: 'identity' };
}
