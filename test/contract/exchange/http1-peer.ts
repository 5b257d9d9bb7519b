/** node:http's client, a connection for each request. */
import { type IncomingMessage, request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { type OpenPeer, pairsOf, type PeerAnswer, type PeerRequest } from './peer.ts';

export const openHttp1Peer: OpenPeer = (t, port) => ({
  request({ verb = 'GET', target = '/', headers = [], body = false, trailers } = {}): PeerRequest {
    const head = Promise.withResolvers<number>();
    const answer = Promise.withResolvers<PeerAnswer>();
    const state = { sent: 0, got: 0, reads: true, continues: 0 };
    let response: IncomingMessage | undefined;
    const flat = headers.flat();
    if (body && !flat.includes('content-length')) flat.push('transfer-encoding', 'chunked');
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      agent: false,
      method: verb,
      path: target,
      headers: ['host', 'a.test', ...flat],
    });
    t.after(() => request.destroy());
    head.promise.catch(() => {});
    answer.promise.catch(() => {});
    const fail = (error: Error): void => {
      head.reject(error);
      answer.reject(error);
    };
    request.on('continue', () => state.continues++);
    request.on('error', fail);
    request.on('response', (got) => {
      response = got;
      head.resolve(got.statusCode ?? 0);
      const chunks: Buffer[] = [];
      got.on('data', (chunk: Buffer) => {
        state.got += chunk.length;
        chunks.push(chunk);
      });
      got.on('error', fail);
      got.on('end', () =>
        answer.resolve({
          status: got.statusCode ?? 0,
          headers: pairsOf(got.rawHeaders),
          body: Buffer.concat(chunks),
          trailers: pairsOf(got.rawTrailers),
        }),
      );
      if (!state.reads) got.pause();
    });
    if (body) request.flushHeaders();
    else request.end();
    return {
      head: head.promise,
      answer: answer.promise,
      get sent() {
        return state.sent;
      },
      get continues() {
        return state.continues;
      },
      get got() {
        return state.got;
      },
      get reads() {
        return state.reads;
      },
      set reads(value) {
        state.reads = value;
        if (value) response?.resume();
        else response?.pause();
      },
      write: (bytes) =>
        new Promise((resolve) => {
          request.write(bytes, (error) => {
            if (!error) state.sent += bytes.length;
            resolve();
          });
        }),
      end: () => {
        if (trailers !== undefined) request.addTrailers(trailers.map(([...pair]) => pair));
        request.end();
      },
      leave: () => request.socket?.resetAndDestroy(),
    };
  },
  upgrade: (target, protocol) =>
    new Promise((resolve, reject) => {
      const headers = ['host', 'a.test', 'connection', 'upgrade', 'upgrade', protocol];
      const request = httpRequest({
        host: '127.0.0.1',
        port,
        agent: false,
        path: target,
        headers,
      });
      t.after(() => request.destroy());
      const give = (response: IncomingMessage, stream: Duplex | null): void =>
        resolve({
          status: response.statusCode ?? 0,
          headers: pairsOf(response.rawHeaders),
          stream,
        });
      request.on('upgrade', (response, socket, first) => {
        t.after(() => socket.destroy());
        if (first.length > 0) socket.unshift(first);
        give(response, socket);
      });
      request.on('response', (response) => {
        response.resume();
        give(response, null);
      });
      request.on('error', reject);
      request.end();
    }),
});
