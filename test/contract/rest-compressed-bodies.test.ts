/** Requests whose body the client has compressed, through the running gateway: what the service gets, and what is refused. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import * as zlib from 'node:zlib';
import { assertRecovers, reasonOf, startFaultGateway } from '../support/fault-gateway.ts';
import { runCurl } from '../support/curl.ts';
import { type RawAnswer, request } from '../support/raw-http.ts';
import { echo } from '../support/scripted-grpc.ts';

const PACK: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  // Of the default quality the bombs would take seconds.
  br: (bytes) =>
    zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: zlib.zstdCompressSync,
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
};
const MB = 1 << 20;
const GZIPPED = PACK['gzip']?.(Buffer.from('{"name":"a"}')) ?? Buffer.alloc(0);

function post(coding: string, body: Buffer, path = '/v1/items'): Buffer {
  const headers = {
    'content-type': 'application/json',
    'content-encoding': coding,
    'content-length': String(body.length),
  };
  return Buffer.concat([request('POST', path, { headers }), body]);
}

/** The bytes in chunked coding, one chunk each. */
function postChunks(coding: string, chunks: readonly Buffer[], path: string): Buffer {
  const headers = {
    'content-type': 'application/json',
    'content-encoding': coding,
    'transfer-encoding': 'chunked',
  };
  const parts = chunks.flatMap((chunk) => [
    Buffer.from(`${chunk.length.toString(16)}\r\n`),
    chunk,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([request('POST', path, { headers }), ...parts, Buffer.from('0\r\n\r\n')]);
}

function assertRefused(answer: RawAnswer, status: number, reason: string): void {
  assert.deepEqual([answer.status, reasonOf(answer)], [status, reason]);
}

for (const [coding, pack] of Object.entries(PACK)) {
  describe(coding, () => {
    test('of one message, of several and of none is what the service gets', async (t) => {
      const harness = await startFaultGateway(t);
      const name = 'whale '.repeat(20_000);
      for (const sent of [{}, { name: 'é' }, { name, count: 3 }]) {
        const answer = await harness.sendRaw(post(coding, pack(Buffer.from(JSON.stringify(sent)))));
        assert.equal(answer.status, 200);
        assert.deepEqual(JSON.parse(answer.body), sent);
      }
      const none = await harness.sendRaw(post(coding, pack(Buffer.alloc(0))));
      assert.deepEqual([none.status, none.body], [200, '{}']);
    });

    test('of an upload, cut anywhere', async (t) => {
      const harness = await startFaultGateway(t);
      const items = [{ name: 'a' }, { name: 'b'.repeat(40_000) }, { count: 7 }];
      let got: unknown;
      harness.peer.script = async (call) => {
        got = await call.messages;
        await echo(call);
      };
      const packed = pack(Buffer.from(items.map((item) => JSON.stringify(item)).join('\n')));
      const chunks = Array.from(packed, (_, i) => packed.subarray(i, i + 1));
      const answer = await harness.sendRaw(postChunks(coding, chunks, '/v1/items:upload'));
      assert.deepEqual([answer.status, answer.body], [200, '{"count":7}']);
      assert.deepEqual(got, items);
    });

    test('that is cut off, corrupt or followed by something is 400', async (t) => {
      const harness = await startFaultGateway(t);
      const packed = pack(Buffer.from(JSON.stringify({ name: 'whale '.repeat(100) })));
      const bent = Buffer.from(packed);
      bent.fill(0xff, 4, 16);
      const bad = [
        packed.subarray(0, -3),
        packed.subarray(0, 3),
        bent,
        Buffer.concat([packed, Buffer.from('{"name":"b"}')]),
        Buffer.from('{"name":"plain"}'),
      ];
      for (const path of ['/v1/items', '/v1/items:upload']) {
        for (const body of bad) {
          assertRefused(
            await harness.sendRaw(post(coding, body, path)),
            400,
            'PG_MALFORMED_ENCODING',
          );
        }
      }
      await assertRecovers(harness);
    });

    test('that becomes larger than the limit is 413, whatever it would become', async (t) => {
      const harness = await startFaultGateway(t, { limits: { body: 1_000 } });
      const json = (size: number): Buffer => Buffer.from(`{"name":"${'a'.repeat(size - 11)}"}`);
      const fits = await harness.sendRaw(post(coding, pack(json(1_000))));
      assert.equal(fits.status, 200);
      const before = harness.peer.calls;
      for (const size of [1_001, 64 * MB]) {
        const bomb = pack(json(size)).subarray(0, 1_000);
        assertRefused(await harness.sendRaw(post(coding, bomb)), 413, 'PG_BODY_TOO_LARGE');
      }
      assert.equal(harness.peer.calls, before);
      await assertRecovers(harness);
    });

    test('of an upload that is a bomb is 413', async (t) => {
      const harness = await startFaultGateway(t, { limits: { message: '64kb' } });
      // One message, and blanks between messages, of which a stream may have any number.
      for (const bomb of [Buffer.alloc(64 * MB, 'a'), Buffer.alloc(64 * MB, ' ')]) {
        bomb.write('{"name":"');
        if (bomb.at(-1) === 32) bomb.write('{"name":"b"}');
        const answer = await harness.sendRaw(post(coding, pack(bomb), '/v1/items:upload'));
        assertRefused(answer, 413, 'PG_BODY_TOO_LARGE');
      }
      await assertRecovers(harness);
    });
  });
}

describe('the header', () => {
  test('may be in any case, and x-gzip is gzip', async (t) => {
    const harness = await startFaultGateway(t);
    for (const coding of ['GZIP', 'x-gzip', 'Gzip']) {
      const answer = await harness.sendRaw(post(coding, GZIPPED));
      assert.deepEqual([answer.status, answer.body], [200, '{"name":"a"}']);
    }
    for (const none of ['identity', 'Identity']) {
      const answer = await harness.sendRaw(post(none, Buffer.from('{"name":"a"}')));
      assert.deepEqual([answer.status, answer.body], [200, '{"name":"a"}']);
    }
  });

  test('that is not known, or several, is 415 and is told what is; the service hears nothing', async (t) => {
    const harness = await startFaultGateway(t);
    for (const coding of ['compress', 'gzip, gzip', 'identity, gzip', 'toString', 'x']) {
      for (const path of ['/v1/items', '/v1/items:upload']) {
        const answer = await harness.sendRaw(post(coding, GZIPPED, path));
        assertRefused(answer, 415, 'PG_UNSUPPORTED_ENCODING');
        assert.equal(answer.headers['accept-encoding'], 'br, zstd, gzip, deflate');
      }
    }
    assert.equal(harness.peer.calls, 0);
  });

  test('of another 415 says nothing of codings (RFC 9110 section 12.5.3)', async (t) => {
    const harness = await startFaultGateway(t);
    const answer = await harness.send('POST', '/v1/items', {
      headers: { 'content-type': 'text/plain' },
      body: '{}',
    });
    assert.deepEqual([answer.status, answer.headers['accept-encoding']], [415, undefined]);
  });
});

test('fetch and curl send what they have compressed', async (t) => {
  const harness = await startFaultGateway(t);
  const url = `http://127.0.0.1:${harness.gateway.port}/v1/items`;
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(GZIPPED) });
  assert.deepEqual(await response.json(), { name: 'a' });
  const { output } = await runCurl(
    `printf '{"name":"a"}' | gzip | curl ${url} -H content-type:application/json -H content-encoding:gzip --data-binary @-`,
  );
  assert.deepEqual(JSON.parse(output), { name: 'a' });
});

test('a client that leaves within a compressed upload cancels the call', async (t) => {
  const harness = await startFaultGateway(t);
  const called = Promise.withResolvers<ServerHttp2Stream>();
  harness.peer.script = ({ stream }) => called.resolve(stream);
  const gzip = zlib.createGzip({ flush: zlib.constants.Z_SYNC_FLUSH });
  gzip.write('{"name":"a"}\n');
  await once(gzip, 'readable');
  const first = gzip.read() as Buffer;
  gzip.destroy();
  const bytes = postChunks('gzip', [first], '/v1/items:upload').subarray(0, -5);
  const socket = connect(harness.gateway.port, '127.0.0.1');
  socket.write(bytes);
  const stream = await called.promise;
  const closed = once(stream, 'close');
  socket.destroy();
  await closed;
  assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL);
});
