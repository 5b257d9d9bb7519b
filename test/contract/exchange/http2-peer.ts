/** node:http2's client, one connection for all requests of a test. */
import { connect, constants } from 'node:http2';
import { type OpenPeer, pairsOf, type PeerAnswer, type PeerRequest } from './peer.ts';

export const openHttp2Peer: OpenPeer = (t, port) => {
  const session = connect(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  const settled = new Promise((resolve) => session.once('remoteSettings', resolve));
  session.on('error', () => session.destroy());
  return {
    request({
      verb = 'GET',
      target = '/',
      headers = [],
      body = false,
      trailers,
    } = {}): PeerRequest {
      const head = Promise.withResolvers<number>();
      const answer = Promise.withResolvers<PeerAnswer>();
      const state = { sent: 0, got: 0, reads: true, continues: 0 };
      const pseudo = [':method', verb, ':path', target, ':scheme', 'http', ':authority', 'a.test'];
      const stream = session.request([...pseudo, ...headers.flat()], {
        endStream: !body,
        waitForTrailers: trailers !== undefined,
      });
      stream.on('wantTrailers', () => stream.sendTrailers(Object.fromEntries(trailers ?? [])));
      stream.on('continue', () => state.continues++);
      head.promise.catch(() => {});
      answer.promise.catch(() => {});
      const chunks: Buffer[] = [];
      let status = 0;
      let got: readonly string[] = [];
      let gotTrailers: readonly string[] = [];
      let ended = false;
      stream.on('response', (fields, _flags, raw: readonly string[]) => {
        status = Number(fields[':status']);
        got = raw;
        head.resolve(status);
      });
      stream.on('trailers', (_fields, _flags, raw: readonly string[]) => (gotTrailers = raw));
      stream.on('data', (chunk: Buffer) => {
        state.got += chunk.length;
        chunks.push(chunk);
      });
      stream.on('end', () => (ended = true));
      stream.on('error', (error) => {
        head.reject(error);
        answer.reject(error);
      });
      stream.on('close', () => {
        const error = new Error(`closed with ${stream.rstCode}`);
        head.reject(error);
        if (!ended || stream.rstCode !== constants.NGHTTP2_NO_ERROR) answer.reject(error);
        const whole = Buffer.concat(chunks);
        answer.resolve({
          status,
          headers: pairsOf(got),
          body: whole,
          trailers: pairsOf(gotTrailers),
        });
      });
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
          if (value) stream.resume();
          else stream.pause();
        },
        write: (bytes) =>
          new Promise((resolve) => {
            stream.write(bytes, (error) => {
              if (!error) state.sent += bytes.length;
              resolve();
            });
          }),
        end: () => void stream.end(),
        // `close` would end the body in peace first.
        leave: () => stream.destroy(new Error('left')),
      };
    },
    async upgrade(target, protocol) {
      // RFC 8441 section 3: not before the server has said that it may.
      await settled;
      const stream = session.request({
        ':method': 'CONNECT',
        ':protocol': protocol,
        ':scheme': 'http',
        ':authority': 'a.test',
        ':path': target,
      });
      return new Promise((resolve, reject) => {
        stream.on('response', (fields, _flags, raw: readonly string[]) =>
          resolve({ status: Number(fields[':status']), headers: pairsOf(raw), stream }),
        );
        stream.on('error', reject);
      });
    },
  };
};
