/** REST answers compressed by Accept-Encoding, through the running gateway, as clients that we did not write read them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { connect, constants } from 'node:http2';
import type { Readable, Transform } from 'node:stream';
import { describe, test, type TestContext } from 'node:test';
import * as zlib from 'node:zlib';
import type { SettingsConfig } from 'polygate';
import { runCurl } from '../support/curl.ts';
import { type FaultGateway, startFaultGateway } from '../support/fault-gateway.ts';
import { envelope, respond, respondOnly } from '../support/scripted-grpc.ts';

const UNPACK: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  br: zlib.brotliDecompressSync,
  zstd: zlib.zstdDecompressSync,
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
};
const CODINGS = Object.keys(UNPACK);
const LONG = 'whale '.repeat(1_000);
/** Larger than what is compressed at once. */
const VERY_LONG = 'whale '.repeat(20_000);

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const ON: SettingsConfig = { answerCompression: true };

function start(t: TestContext, settings: SettingsConfig = ON): Promise<FaultGateway> {
  return startFaultGateway(t, settings);
}

/** The service answers with an item of this name, and with these headers. */
function answers({ peer }: FaultGateway, name: string, headers: Record<string, string> = {}): void {
  peer.script = ({ stream }) => {
    respond(stream, { 'grpc-status': '0' }, headers);
    stream.end(envelope({ name }));
  };
}

function open(
  { gateway }: FaultGateway,
  accept: string | undefined,
  { verb = 'GET', path = '/v1/items/a', headers = {} } = {},
): Promise<IncomingMessage> {
  const asked = accept === undefined ? {} : { 'accept-encoding': accept };
  const request = httpRequest({
    host: '127.0.0.1',
    port: gateway.port,
    method: verb,
    path,
    agent: false,
    headers: { ...asked, ...headers },
  });
  request.end();
  return once(request, 'response').then(([response]) => response as IncomingMessage);
}

async function get(
  harness: FaultGateway,
  accept: string | undefined,
  options: Parameters<typeof open>[2] = {},
): Promise<Answer> {
  const response = await open(harness, accept, options);
  const body = await bytesOf(response);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function codingOf({ headers }: Answer): [coding: unknown, vary: unknown] {
  return [headers['content-encoding'], headers.vary];
}

const PLAIN: [unknown, unknown] = [undefined, undefined];

describe('a whole answer', () => {
  for (const coding of CODINGS) {
    for (const [size, name] of [
      ['at once', LONG],
      ['by a thread', VERY_LONG],
    ] as const) {
      test(`in ${coding}, ${size}, is one piece with its length`, async (t) => {
        const harness = await start(t);
        answers(harness, name);
        const answer = await get(harness, coding);
        assert.deepEqual(codingOf(answer), [coding, 'accept-encoding']);
        assert.equal(answer.headers['content-length'], String(answer.body.length));
        assert.ok(answer.body.length < name.length / 10);
        const unpacked = UNPACK[coding]?.(answer.body).toString() ?? '';
        assert.deepEqual(JSON.parse(unpacked), { name });
      });
    }
  }

  test('is as it is where the client names nothing that is known; caches hear that it was a choice', async (t) => {
    const harness = await start(t);
    answers(harness, LONG);
    for (const accept of [
      undefined,
      '',
      'identity',
      'compress',
      'gzip;q=0',
      '*;q=0',
      'identity;q=0',
    ]) {
      const answer = await get(harness, accept);
      assert.deepEqual([accept, ...codingOf(answer)], [accept, undefined, 'accept-encoding']);
      assert.deepEqual(JSON.parse(answer.body.toString()), { name: LONG });
    }
  });

  test('that is small is as it is, and the bound is the one of the settings', async (t) => {
    const harness = await start(t);
    // {"name":"…"} is 11 bytes and the name.
    answers(harness, 'a'.repeat(1_024 - 12));
    assert.deepEqual(codingOf(await get(harness, 'gzip')), PLAIN);
    answers(harness, 'a'.repeat(1_024 - 11));
    assert.deepEqual(codingOf(await get(harness, 'gzip')), ['gzip', 'accept-encoding']);
    const all = await start(t, { answerCompression: { minSize: 1 } });
    answers(all, 'a');
    assert.deepEqual(codingOf(await get(all, 'gzip')), ['gzip', 'accept-encoding']);
  });

  test('follows the order of the settings where the client has no wish', async (t) => {
    const harness = await start(t, { answerCompression: { codings: ['gzip', 'br'] } });
    answers(harness, LONG);
    for (const [accept, expected] of [
      ['br, gzip, zstd', 'gzip'],
      ['*', 'gzip'],
      ['gzip;q=0.5, br', 'br'],
      ['zstd', undefined],
    ] as const) {
      assert.deepEqual(codingOf(await get(harness, accept))[0], expected, accept);
    }
  });

  test('is never compressed unless the settings say so', async (t) => {
    for (const settings of [{}, { answerCompression: false }]) {
      const harness = await start(t, settings);
      answers(harness, LONG);
      assert.deepEqual(codingOf(await get(harness, 'gzip')), PLAIN);
    }
  });

  test('with no-transform stays as it is, and a strong tag becomes a weak one', async (t) => {
    const harness = await start(t);
    answers(harness, LONG, { 'cache-control': 'max-age=5, no-transform', etag: '"a"' });
    const fixed = await get(harness, 'gzip');
    assert.deepEqual([...codingOf(fixed), fixed.headers.etag], [...PLAIN, '"a"']);
    answers(harness, LONG, { etag: '"a"' });
    assert.equal((await get(harness, 'gzip')).headers.etag, 'W/"a"');
    assert.equal((await get(harness, 'br;q=0')).headers.etag, '"a"');
    answers(harness, LONG, { etag: 'W/"a"' });
    assert.equal((await get(harness, 'gzip')).headers.etag, 'W/"a"');
  });

  test('that is an error is compressed as well', async (t) => {
    const harness = await start(t);
    harness.peer.script = ({ stream }) =>
      respondOnly(stream, { 'grpc-status': '5', 'grpc-message': LONG.trim() });
    const answer = await get(harness, 'br');
    assert.deepEqual([answer.status, ...codingOf(answer)], [404, 'br', 'accept-encoding']);
    const { code, message } = JSON.parse(zlib.brotliDecompressSync(answer.body).toString()) as {
      code: number;
      message: string;
    };
    assert.deepEqual([code, message], [5, LONG.trim()]);
  });

  test('over HTTP/2', async (t) => {
    const harness = await start(t);
    answers(harness, VERY_LONG);
    const session = connect(`http://127.0.0.1:${harness.gateway.port}`);
    t.after(() => session.destroy());
    const stream = session.request({ ':path': '/v1/items/a', 'accept-encoding': 'zstd' });
    const [headers] = (await once(stream, 'response')) as [IncomingMessage['headers']];
    assert.equal(headers['content-encoding'], 'zstd');
    const body = await bytesOf(stream);
    assert.deepEqual(JSON.parse(zlib.zstdDecompressSync(body).toString()), { name: VERY_LONG });
  });
});

describe('clients that unpack by themselves', () => {
  for (const name of [LONG, VERY_LONG]) {
    test(`fetch and curl --compressed see ${name.length} characters`, async (t) => {
      const harness = await start(t);
      answers(harness, name);
      const url = `http://127.0.0.1:${harness.gateway.port}/v1/items/a`;
      for (const coding of ['br', 'gzip', 'deflate']) {
        const response = await fetch(url, { headers: { 'accept-encoding': coding } });
        assert.equal(response.headers.get('content-encoding'), coding);
        assert.deepEqual(await response.json(), { name });
      }
      const { output } = await runCurl(`curl --compressed ${url}`);
      assert.deepEqual(JSON.parse(output), { name });
    });
  }
});

describe('HEAD', () => {
  test('has the headers of GET but no length, which would be that of another answer', async (t) => {
    const harness = await start(t);
    const lengthOf = async (accept: string | undefined): Promise<unknown> => {
      const answer = await get(harness, accept, { verb: 'HEAD' });
      assert.deepEqual([answer.status, answer.body.length], [200, 0]);
      return [...codingOf(answer), answer.headers['content-length']];
    };
    answers(harness, LONG);
    assert.deepEqual(await lengthOf('br'), ['br', 'accept-encoding', undefined]);
    assert.deepEqual(await lengthOf(undefined), [undefined, 'accept-encoding', '6011']);
    answers(harness, 'a');
    assert.deepEqual(await lengthOf('br'), [...PLAIN, '12']);
  });

  test('of a stream has no body either', async (t) => {
    const harness = await start(t);
    answers(harness, LONG);
    const answer = await get(harness, 'br', { verb: 'HEAD', path: '/v1/items:watch' });
    assert.deepEqual([...codingOf(answer), answer.body.length], ['br', 'accept-encoding', 0]);
  });
});

/** The sending end of a watch. */
interface Sender {
  readonly send: (name: string) => void;
  readonly end: () => void;
  /** The code that its stream was closed with. */
  readonly closed: Promise<number | undefined>;
}

function watch({ peer }: FaultGateway): Promise<Sender> {
  return new Promise((resolve) => {
    peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      resolve({
        send: (name) => stream.write(envelope({ name })),
        end: () => stream.end(),
        closed: once(stream, 'close').then(() => stream.rstCode),
      });
    };
  });
}

describe('a stream', () => {
  for (const coding of CODINGS) {
    for (const [type, frame] of [
      ['application/x-ndjson', (json: string) => `${json}\n`],
      ['text/event-stream', (json: string) => `data: ${json}\n\n`],
    ] as const) {
      test(`of ${type} in ${coding}: each message arrives before the next is sent`, async (t) => {
        const harness = await start(t);
        const service = watch(harness);
        const options = { path: '/v1/items:watch', headers: { accept: type } };
        const answer = open(harness, coding, options);
        const { send, end } = await service;
        send('first');
        const response = await answer;
        assert.equal(response.headers['content-encoding'], coding);
        assert.equal(response.headers['content-type'], type);
        const unpacked = response.pipe(unpacker(coding));
        let text = '';
        unpacked.setEncoding('utf8');
        for (const name of ['first', 'second', 'third']) {
          if (name !== 'first') send(name);
          const expected = frame(JSON.stringify({ name }));
          while (!text.endsWith(expected)) text += await nextText(unpacked);
        }
        end();
        unpacked.on('data', (rest: string) => (text += rest));
        await once(unpacked, 'end');
        assert.equal(text.includes('"third"'), true);
        assert.equal(text.endsWith('event: end\ndata: {}\n\n'), type === 'text/event-stream');
      });
    }
  }

  test('that fails late has its error as the last element', async (t) => {
    const harness = await start(t);
    harness.peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '9', 'grpc-message': 'late' });
      stream.end(envelope({ name: 'a' }));
    };
    const { body } = await get(harness, 'gzip', { path: '/v1/items:watch' });
    const lines = zlib.gunzipSync(body).toString().trim().split('\n');
    assert.deepEqual(
      lines.map((line) => Object.keys(JSON.parse(line) as object)),
      [['name'], ['error']],
    );
  });

  test('that fails before its first message is an error, of its own size', async (t) => {
    const harness = await start(t);
    harness.peer.script = ({ stream }) => respondOnly(stream, { 'grpc-status': '5' });
    const answer = await get(harness, 'gzip', { path: '/v1/items:watch' });
    assert.deepEqual([answer.status, ...codingOf(answer)], [404, ...PLAIN]);
  });

  test('reaches fetch and curl --compressed', async (t) => {
    const harness = await start(t);
    harness.peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      for (const name of ['a', 'b', LONG]) stream.write(envelope({ name }));
      stream.end();
    };
    const url = `http://127.0.0.1:${harness.gateway.port}/v1/items:watch`;
    const expected = ['a', 'b', LONG].map((name) => `${JSON.stringify({ name })}\n`).join('');
    assert.equal(await (await fetch(url)).text(), expected);
    assert.equal((await runCurl(`curl --compressed ${url}`)).output, expected);
  });

  test('whose reader does not read stops the service, and goes on when it does', async (t) => {
    const harness = await start(t);
    const total = 2_000;
    const progress = { sent: 0 };
    const stalled = Promise.withResolvers<void>();
    harness.peer.script = async ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      for (; progress.sent < total; progress.sent++) {
        if (stream.write(envelope({ name: noise(16_384) }))) continue;
        if (progress.sent > 200) stalled.resolve();
        await once(stream, 'drain');
      }
      stream.end();
      stalled.resolve();
    };
    const response = await open(harness, 'gzip', { path: '/v1/items:watch' });
    await stalled.promise;
    const unpacked = response.pipe(unpacker('gzip'));
    let lines = 0;
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      for (const byte of chunk) if (byte === 10) lines++;
    }
    assert.equal(lines, total);
  });

  test('whose client leaves ends at the service', async (t) => {
    const harness = await start(t);
    const service = watch(harness);
    const answer = open(harness, 'br', { path: '/v1/items:watch' });
    const { send, closed } = await service;
    send('a');
    const response = await answer;
    response.destroy();
    assert.equal(await closed, constants.NGHTTP2_CANCEL);
  });
});

function unpacker(coding: string): Transform {
  const make = {
    br: zlib.createBrotliDecompress,
    zstd: zlib.createZstdDecompress,
    gzip: zlib.createGunzip,
    deflate: zlib.createInflate,
  }[coding];
  assert.ok(make !== undefined);
  return make();
}

async function nextText(stream: Transform): Promise<string> {
  for (;;) {
    const text = stream.read() as string | null;
    if (text !== null) return text;
    await once(stream, 'readable');
  }
}

/** Text that hardly shrinks. */
let state = 1;
function noise(length: number): string {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = 35 + (state >>> 26);
  }
  return bytes.toString('latin1').replaceAll('\\', '/');
}
