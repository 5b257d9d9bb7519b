/** Each leg of a call has its own compression, codec and headers; pages of other sites get what their protocol needs. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { startFaultGateway } from '../support/fault-gateway.ts';
import { rawGrpcClient } from '../support/raw-grpc-client.ts';
import { decodeItem, encodeItem, envelope, respond } from '../support/scripted-grpc.ts';

const NAME = 'good'.repeat(100);
const proto = encodeItem({ name: NAME });
const ENCODINGS: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
};

function framed(flag: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

for (const [encoding, compress] of Object.entries(ENCODINGS)) {
  describe(`a client that compresses with ${encoding}, a service with gzip alone`, () => {
    for (const [protocol, type, header, method, body] of [
      ['gRPC', 'application/grpc', 'grpc-encoding', 'Get', framed(1, compress(proto))],
      ['gRPC-Web', 'application/grpc-web', 'grpc-encoding', 'Get', framed(1, compress(proto))],
      [
        'Connect streams',
        'application/connect+proto',
        'connect-content-encoding',
        'Upload',
        framed(1, compress(proto)),
      ],
      ['Connect unary', 'application/proto', 'content-encoding', 'Get', compress(proto)],
      [
        'JSON of Connect',
        'application/connect+json',
        'connect-content-encoding',
        'Upload',
        framed(1, compress(Buffer.from(`{"name":"${NAME}"}`))),
      ],
    ] as const) {
      test(protocol, async (t) => {
        const harness = await startFaultGateway(t);
        const heads: (string | undefined)[] = [];
        harness.peer.script = ({ stream, headers }) => {
          const chunks: Buffer[] = [];
          heads.push(headers['grpc-encoding'] as string | undefined);
          stream.on('data', (chunk: Buffer) => chunks.push(chunk));
          stream.on('end', () => {
            const whole = Buffer.concat(chunks);
            const bytes = whole.subarray(5);
            assert.equal(whole.readUInt32BE(1), bytes.length);
            const message = whole[0] === 1 ? gunzipSync(bytes) : bytes;
            respond(stream, { 'grpc-status': '0' });
            stream.end(envelope(decodeItem(message)));
          });
        };
        const client = rawGrpcClient(t, harness.gateway.port);
        const answer = await client.send(method, body, {
          'content-type': type,
          [header]: encoding,
        });
        assert.equal(answer.httpStatus, 200);
        assert.ok(answer.body.includes(NAME));
        const passed = encoding === 'gzip' && protocol !== 'JSON of Connect';
        assert.deepEqual(heads, [passed ? 'gzip' : undefined]);
        assert.equal(harness.peer.calls, 1);
      });
    }
  });
}

describe('a service that compresses with gzip', () => {
  for (const [protocol, type, accept, encodingHeader, method, offset] of [
    ['gRPC-Web', 'application/grpc-web', 'grpc-accept-encoding', 'grpc-encoding', 'Get', 5],
    [
      'Connect streams',
      'application/connect+proto',
      'connect-accept-encoding',
      'connect-content-encoding',
      'Watch',
      5,
    ],
    ['Connect unary', 'application/proto', 'accept-encoding', 'content-encoding', 'Get', 0],
  ] as const) {
    for (const [accepted, coding] of [
      ['br, gzip', 'gzip'],
      ['br', 'br'],
      ['identity', undefined],
      [undefined, undefined],
    ] as const) {
      test(`${protocol}: the client takes ${accepted}`, async (t) => {
        const harness = await startFaultGateway(t);
        const packed = gzipSync(proto);
        harness.peer.script = ({ stream }) => {
          stream.resume();
          respond(stream, { 'grpc-status': '0' }, { 'grpc-encoding': 'gzip' });
          stream.end(framed(1, packed));
        };
        const client = rawGrpcClient(t, harness.gateway.port);
        const body = offset === 0 ? proto : framed(0, proto);
        const headers = { 'content-type': type, ...(accepted && { [accept]: accepted }) };
        const answer = await client.send(method, body, headers);
        assert.equal(answer.headers[encodingHeader], coding);
        const flag = coding === undefined ? 0 : 1;
        const length = offset === 0 ? answer.body.length : answer.body.readUInt32BE(1);
        const message = answer.body.subarray(offset, offset + length);
        if (offset > 0) assert.equal(answer.body[0], flag);
        if (coding === 'br') assert.deepEqual(brotliDecompressSync(message), Buffer.from(proto));
        else assert.deepEqual(message, coding === 'gzip' ? packed : Buffer.from(proto));
      });
    }
  }
});

test('headers of one leg do not cross', async (t) => {
  const harness = await startFaultGateway(t);
  const seen: string[][] = [];
  harness.peer.script = ({ stream, headers }) => {
    seen.push(Object.keys(headers).toSorted());
    stream.resume();
    respond(
      stream,
      { 'grpc-status': '0' },
      { 'connect-content-encoding': 'br', 'content-encoding': 'br', 'x-ok': '1' },
    );
    stream.end(envelope({ name: 'a' }));
  };
  const noise = {
    'connect-protocol-version': '1',
    'connect-timeout-ms': '90000',
    'connect-x': 'a',
    'grpc-internal': 'a',
    'content-language': 'de',
    'accept-language': 'de',
    accept: '*/*',
    'accept-encoding': 'br',
    'x-mine': 'b',
  };
  for (const [type, method, body] of [
    ['application/proto', 'Get', proto],
    ['application/connect+proto', 'Watch', framed(0, proto)],
    ['application/grpc-web', 'Get', framed(0, proto)],
  ] as const) {
    const client = rawGrpcClient(t, harness.gateway.port);
    const answer = await client.send(method, body, { 'content-type': type, ...noise });
    assert.equal(answer.headers['x-ok'], '1');
    assert.equal(answer.headers['connect-content-encoding'], undefined);
    assert.equal(answer.headers['content-encoding'], undefined);
  }
  assert.equal(seen.length, 3);
  for (const names of seen) {
    assert.ok(names.includes('x-mine'));
    const crossed = names.filter(
      (name) => /^(?:connect|content|accept)(?:-|$)/.test(name) && name !== 'content-type',
    );
    assert.deepEqual(crossed, []);
    const ofGrpc = names.filter((name) => name.startsWith('grpc-'));
    assert.deepEqual(
      ofGrpc.filter((name) => !/^grpc-(?:timeout|accept-encoding)$/.test(name)),
      [],
    );
  }
});

describe('deadlines', () => {
  for (const [name, header, value, type, method] of [
    ['gRPC-Web', 'grpc-timeout', '5S', 'application/grpc-web', 'Get'],
    ['Connect unary', 'connect-timeout-ms', '5000', 'application/proto', 'Get'],
    ['Connect streams', 'connect-timeout-ms', '5000', 'application/connect+proto', 'Watch'],
  ] as const) {
    test(`${name}: forwarded, and answered in time`, async (t) => {
      const harness = await startFaultGateway(t);
      const arrived = Promise.withResolvers<string>();
      harness.peer.script = ({ headers, stream }) => {
        stream.resume();
        stream.on('error', () => stream.destroy());
        arrived.resolve(String(headers['grpc-timeout']));
      };
      const body = type === 'application/proto' ? proto : framed(0, proto);
      const answer = harness.send('POST', `/fault.v1.Fault/${method}`, {
        headers: { 'content-type': type, [header]: value },
        body,
      });
      assert.equal(await arrived.promise, '5000m');
      harness.clock.advance(5_020);
      const { status, headers, body: text } = await answer;
      if (name === 'gRPC-Web') {
        assert.deepEqual([status, headers['grpc-status']], [200, '4']);
      } else {
        assert.equal(status, name === 'Connect unary' ? 504 : 200);
        assert.match(text, /"code":"deadline_exceeded"/);
      }
    });
  }
});

describe('CORS', () => {
  const cors = { origins: ['https://app.example'], headers: ['x-mine'] };
  const origin = { origin: 'https://app.example' };

  test('a preflight allows the headers of gRPC-Web and Connect beside those of the configuration', async (t) => {
    const harness = await startFaultGateway(t, { cors });
    const answer = await harness.send('OPTIONS', '/fault.v1.Fault/Get', {
      headers: {
        ...origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'connect-protocol-version,x-grpc-web',
      },
    });
    assert.equal(answer.status, 204);
    const allowed = (answer.headers['access-control-allow-headers'] ?? '').split(', ');
    for (const name of ['x-mine', 'x-grpc-web', 'x-user-agent', 'connect-protocol-version']) {
      assert.ok(allowed.includes(name), name);
    }
    assert.equal(harness.peer.calls, 0);
  });

  test('a page may read how its call went', async (t) => {
    const harness = await startFaultGateway(t, { cors });
    harness.peer.script = ({ stream }) => {
      stream.resume();
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5', 'x-t': '1' },
        { endStream: true },
      );
    };
    const web = await harness.send('POST', '/fault.v1.Fault/Get', {
      headers: { ...origin, 'content-type': 'application/grpc-web' },
      body: envelope({ name: 'a' }),
    });
    assert.equal(web.headers['access-control-allow-origin'], 'https://app.example');
    assert.match(web.headers['access-control-expose-headers'] ?? '', /grpc-status/);
    const connect = await harness.send('POST', '/fault.v1.Fault/Get', {
      headers: { ...origin, 'content-type': 'application/proto' },
      body: proto,
    });
    assert.equal(connect.status, 404);
    assert.match(connect.headers['access-control-expose-headers'] ?? '', /trailer-x-t/);
  });
});

test('application/json is Connect where its version is said, else REST', async (t) => {
  const harness = await startFaultGateway(t);
  const send = (headers: Record<string, string>) =>
    harness.send('POST', '/fault.v1.Fault/Create', {
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"count":"x"}',
    });
  const connect = JSON.parse((await send({ 'connect-protocol-version': '1' })).body) as object;
  const rest = JSON.parse((await send({})).body) as object;
  assert.deepEqual(
    [connect, rest].map((error) => (error as { code: unknown }).code),
    ['invalid_argument', 3],
  );
  assert.equal(harness.peer.calls, 0);
});

test('a Connect GET of JSON answers JSON, and may be cached by what it depends on', async (t) => {
  const harness = await startFaultGateway(t);
  const message = encodeURIComponent('{"name":"ü"}');
  const target = `/fault.v1.Fault/Get?connect=v1&encoding=json&message=${message}`;
  const answer = await harness.send('GET', target);
  assert.deepEqual([answer.status, JSON.parse(answer.body)], [200, { name: 'ü' }]);
  assert.equal(answer.headers['vary'], 'accept-encoding');
});

test('gRPC over HTTP/1.1 is refused, and told what there is', async (t) => {
  const harness = await startFaultGateway(t);
  for (const type of ['application/grpc', 'application/grpc+json']) {
    const answer = await harness.send('POST', '/fault.v1.Fault/Talk', {
      headers: { 'content-type': type },
      body: envelope({ name: 'a' }),
    });
    assert.equal(answer.status, 415);
    assert.equal(answer.headers['grpc-status'], '3');
    assert.match(answer.headers['grpc-message'] ?? '', /needs HTTP\/2/);
  }
  assert.equal(harness.peer.calls, 0);
});
