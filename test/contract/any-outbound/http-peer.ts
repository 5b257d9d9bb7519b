/** A REST service for the contract of outbounds: JSON, and NDJSON where it streams. */
import { once } from 'node:events';
import { statusNumber } from '../../../src/call/status.ts';
import { httpStatusOf } from '../../../src/call/http-status.ts';
import type { Item } from '../../support/scripted-grpc.ts';
import {
  answerJson,
  type HttpExchange,
  type ScriptedHttpOptions,
  startScriptedHttp,
} from '../../support/scripted-http.ts';
import type { Peer, PeerCall } from './peer.ts';

export async function startHttpPeer(options: ScriptedHttpOptions = {}): Promise<Peer> {
  const scripted = await startScriptedHttp(options);
  const peer: Peer = {
    get port() {
      return scripted.port;
    },
    get calls() {
      return scripted.calls;
    },
    get open() {
      return scripted.open;
    },
    script: () => {},
    close: () => scripted.close(),
  };
  scripted.script = (exchange) => peer.script(callOf(exchange));
  return peer;
}

function callOf(exchange: HttpExchange): PeerCall {
  const { request, response } = exchange;
  let streamed = false;
  return {
    header: (name) => request.headers[name]?.toString(),
    get started() {
      return once(request, 'readable').then(() => {});
    },
    get items() {
      return exchange.body.then((text) =>
        text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Item),
      );
    },
    head: (several, headers = {}) => {
      streamed = several;
      const type = several ? 'application/x-ndjson' : 'application/json';
      response.writeHead(200, { 'content-type': type, ...headers });
      response.flushHeaders();
    },
    send: (item) => response.write(`${JSON.stringify(item)}${streamed ? '\n' : ''}`),
    drained: async () => {
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
    },
    end: (trailers = {}) => {
      response.addTrailers(trailers);
      response.end();
    },
    fail: (code, message) => {
      const status = { code: statusNumber(code), message };
      if (response.headersSent) response.end(`${JSON.stringify({ error: status })}\n`);
      else answerJson(response, status, httpStatusOf(code));
    },
    cut: () => exchange.cut(),
    closed: once(response, 'close').then(() => {}),
  };
}
