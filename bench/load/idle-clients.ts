/** As little of a client as a connection needs that is to stay open: what it says first, and when it has seen enough. */

import type { HttpRequest } from './types.ts';

export interface IdleClient {
  readonly hello: Buffer;
  read(chunk: Buffer): { readonly reply?: Buffer; readonly isReady: boolean };
}

const FRAME_HEAD_BYTES = 9;
const [DATA, HEADERS, SETTINGS] = [0, 1, 4];
const END_STREAM = 1;
const END_HEADERS = 4;
const ACK = 1;

/** Ready when the answer has ended; its length must be known. */
export function http1Client(path: string): () => IdleClient {
  const hello = http1Request(path);
  return () => {
    let text = '';
    const read: IdleClient['read'] = (chunk) => {
      text += chunk.toString('latin1');
      const headEnd = text.indexOf('\r\n\r\n');
      if (headEnd < 0) return { isReady: false };
      if (!text.startsWith('HTTP/1.1 200')) throw new Error(text.slice(0, text.indexOf('\r\n')));
      const length = /^content-length: (\d+)\r$/im.exec(text)?.[1];
      if (length === undefined) throw new Error('an answer without content-length');
      return { isReady: text.length >= headEnd + 4 + Number(length) };
    };
    return { hello, read };
  };
}

/** Ready when the first of the body is there. */
export function http1StreamClient({ method, path, headers, body }: HttpRequest): () => IdleClient {
  const lines = Object.entries({ host: 'bench', ...headers }).map((pair) => pair.join(': '));
  const length = body === undefined ? [] : [`content-length: ${body.length}`];
  const head = [`${method} ${path} HTTP/1.1`, ...lines, ...length].join('\r\n');
  const hello = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from(body ?? '')]);
  return () => {
    let text = '';
    let isReady = false;
    const read: IdleClient['read'] = (chunk) => {
      if (isReady) return { isReady };
      text += chunk.toString('latin1');
      const headEnd = text.indexOf('\r\n\r\n');
      if (headEnd < 0) return { isReady: false };
      if (!text.startsWith('HTTP/1.1 200')) throw new Error(text.slice(0, text.indexOf('\r\n')));
      isReady = text.length > headEnd + 4;
      return { isReady };
    };
    return { hello, read };
  };
}

/** Ready when its one stream has ended. Header fields are literals without indexing (RFC 7541, 6.2.2) and static ones. */
export function http2Client(path: string): () => IdleClient {
  const literal = (index: number, value: string): Buffer =>
    Buffer.concat([Buffer.from([index, value.length]), Buffer.from(value)]);
  const block = [Buffer.from([0x82, 0x86]), literal(4, path), literal(1, 'bench')];
  const hello = Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame(SETTINGS, 0, 0),
    frame(HEADERS, END_STREAM | END_HEADERS, 1, Buffer.concat(block)),
  ]);
  return () => {
    let buffered = Buffer.alloc(0);
    let isReady = false;
    const read: IdleClient['read'] = (chunk) => {
      buffered = Buffer.concat([buffered, chunk]);
      let reply: Buffer | undefined;
      for (;;) {
        const length = buffered.length < FRAME_HEAD_BYTES ? Infinity : buffered.readUIntBE(0, 3);
        if (buffered.length < FRAME_HEAD_BYTES + length) break;
        const [type = 0, flags = 0] = buffered.subarray(3, 5);
        if (type > 9) throw new Error('it does not speak HTTP/2');
        if (type === SETTINGS && (flags & ACK) === 0) reply = frame(SETTINGS, ACK, 0);
        isReady ||= (type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0;
        buffered = Buffer.from(buffered.subarray(FRAME_HEAD_BYTES + length));
      }
      return reply === undefined ? { isReady } : { reply, isReady };
    };
    return { hello, read };
  };
}

function http1Request(path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nhost: bench\r\n\r\n`);
}

function frame(type: number, flags: number, stream: number, payload = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
