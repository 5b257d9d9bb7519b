/**
 * Whatever a client of any protocol says in fields and metadata is one request at a service of plain HTTP, for readers that are not ours:
 * in its path, its query, its content and the headers that may pass. Nothing becomes a line, a header or a request of its own.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import { type PlainFront, startPlainFront } from '../support/plain-front.ts';
import { rawGrpcClient } from '../support/raw-grpc-client.ts';
import { rawRequest, request } from '../support/raw-http.ts';
import type { SeenRequest } from '../support/recording-service.ts';
import { readStrictRequests } from '../support/strict-http1.ts';

type Metadata = Readonly<Record<string, string>>;

interface Shape {
  readonly rpc: 'Get' | 'Create' | 'Upload' | 'Collect';
  /** The request of a client that knows the schema. */
  readonly message: (text: string) => Buffer;
  readonly rest: (text: string) => Buffer;
  /** Where the service finds the text again. */
  readonly found: (seen: SeenRequest) => readonly (string | null)[];
}

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
/** The two letters behind the controls are CR and LF to who keeps the low byte of a character. */
const TEXTS: Readonly<Record<string, string>> = {
  'CR LF': 'a\r\nx-smuggled: 1',
  CR: 'a\rx-smuggled: 1',
  LF: 'a\nx-smuggled: 1',
  NUL: 'a\0b',
  'low bytes of CR and LF': 'a\u010D\u010Ax-smuggled: 1\u010D\u010A',
  'line separators': 'a\u0085\u2028\u2029x-smuggled: 1',
  'the end of the request line': `a HTTP/1.1\r\nHost: x\r\n\r\n${SMUGGLED}`,
  'the end of a body': `\r\n0\r\n\r\n${SMUGGLED}`,
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a length': 'a\r\nContent-Length: 0\r\n\r\n',
  'a coding': 'a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a query': 'a?x=1&y=2',
  'a fragment': 'a#b',
  escapes: 'a%0d%0ax-smuggled:%201',
  'escapes of escapes': 'a%250d%250a',
  'a backslash': 'a\\..\\b',
  dots: 'a/../../b',
  blanks: ' a\tb ',
  'a line of JSON': '"}\n{"title":"smuggled',
};

const SHAPES: readonly Shape[] = [
  {
    rpc: 'Get',
    message: (text) =>
      Buffer.concat([string(1, `items/${text}`), string(2, text), string(4, text)]),
    rest: (text) => {
      const said = encodeURIComponent(text);
      return request('GET', `/v1/items/${said}?title=${said}&tags=${said}`);
    },
    found: ({ target }) => {
      const { pathname, searchParams } = new URL(target, 'http://h');
      const name = decodeURIComponent(pathname.slice('/v1/items/'.length));
      return [name, searchParams.get('title'), searchParams.get('tags')];
    },
  },
  {
    rpc: 'Create',
    message: (text) => Buffer.concat([bytes(1, string(2, text)), string(2, text)]),
    rest: (text) =>
      request('POST', `/v1/items?itemId=${encodeURIComponent(text)}`, {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ title: text }),
      }),
    found: ({ target, body }) => [
      new URL(target, 'http://h').searchParams.get('itemId'),
      titleOf(body),
    ],
  },
  {
    rpc: 'Upload',
    // The content type is the client's own word, the data its own bytes.
    message: (text) =>
      Buffer.concat([
        string(1, 'items/a'),
        bytes(2, Buffer.concat([string(1, `text/${text}`), string(2, text)])),
      ]),
    rest: (text) =>
      request('PUT', '/v1/items/a/file', { headers: { 'content-type': 'text/x' }, body: text }),
    found: ({ target, body }) => [
      target === '/v1/items/a/file' ? Buffer.from(body, 'latin1').toString() : null,
    ],
  },
  {
    rpc: 'Collect',
    message: (text) => string(2, text),
    rest: (text) =>
      request('POST', '/v1/items:collect', {
        headers: { 'content-type': 'application/x-ndjson' },
        body: `${JSON.stringify({ title: text })}\n${JSON.stringify({ title: 'last' })}\n`,
      }),
    found: ({ body }) => {
      const [first = '', last, end] = body.split('\n');
      return last === '{"title":"last"}' && end === '' ? [titleOf(first)] : [null];
    },
  },
];

type Send = (
  t: TestContext,
  port: number,
  shape: Shape,
  said: { readonly text: string; readonly metadata: Metadata },
) => Promise<unknown>;

/** The messages of a call in the envelopes of gRPC; streams have one more behind it. */
function envelopes({ rpc, message }: Shape, text: string): Buffer {
  const messages = [message(text), ...(rpc === 'Collect' ? [string(2, 'last')] : [])];
  return Buffer.concat(messages.map((one) => Buffer.concat([prefix(one.length), one])));
}

const CLIENTS: Readonly<Record<string, Send>> = {
  gRPC: async (t, port, shape, { text, metadata }) => {
    const client = rawGrpcClient(t, port);
    await client.send(`/golden.v1.Golden/${shape.rpc}`, envelopes(shape, text), metadata);
    client.session.destroy();
  },
  'gRPC-Web': (_t, port, shape, { text, metadata }) =>
    post(port, shape.rpc, envelopes(shape, text), {
      ...metadata,
      'content-type': 'application/grpc-web+proto',
    }),
  Connect: (_t, port, shape, { text, metadata }) =>
    shape.rpc === 'Collect'
      ? post(port, shape.rpc, envelopes(shape, text), {
          ...metadata,
          'content-type': 'application/connect+proto',
        })
      : post(port, shape.rpc, shape.message(text), {
          ...metadata,
          'content-type': 'application/proto',
        }),
  REST: (_t, port, shape, { text, metadata }) => {
    const bytesOf = shape.rest(text);
    const lines = Object.entries(metadata).map(([name, value]) => `${name}: ${value}\r\n`);
    const at = bytesOf.indexOf('\r\n') + 2;
    const more = Buffer.from(lines.join(''), 'latin1');
    return rawRequest(port, Buffer.concat([bytesOf.subarray(0, at), more, bytesOf.subarray(at)]));
  },
};

/** Headers that a client may send and that would be about framing, another connection or another request at the service. */
const METADATA: Metadata = {
  'x-good': 'g',
  'x-a-bin': Buffer.from('a\r\nx-smuggled: 1').toString('base64'),
  'x-latin': 'caf\u00e9',
  'grpc-metadata-transfer-encoding': 'chunked',
  'grpc-metadata-content-length': '5',
  'grpc-metadata-host': 'evil.test',
  'grpc-metadata-connection': 'x-good',
  'grpc-metadata-upgrade': 'h2c',
  'grpc-metadata-te': 'trailers',
  'grpc-metadata-x-http-method-override': 'DELETE',
  'grpc-metadata-x-original-url': '/smuggled',
  'x-http-method-override': 'DELETE',
  'x-original-url': '/smuggled',
  'x-rewrite-url': '/smuggled',
  trailer: 'x-good',
};

const BANNED =
  /^(?:connection|keep-alive|proxy-connection|upgrade|te|trailer|expect|http2-settings|x-smuggled|x-http-method.*|x-original-url|x-rewrite-url)$/;

for (const http of ['1.1', '2'] as const) {
  describe(`to a service of HTTP/${http}`, () => {
    let front: PlainFront;
    before(async () => (front = await startPlainFront(http)));
    after(() => front.close());
    for (const [protocol, send] of Object.entries(CLIENTS)) {
      for (const [name, text] of Object.entries(TEXTS)) {
        test(`${protocol}: ${name}`, async (t) => {
          for (const shape of SHAPES) {
            const { seen } = front.service;
            const from = seen.length;
            await send(t, front.gateway.port, shape, { text, metadata: {} });
            const [one, ...more] = seen.slice(from);
            assert.deepEqual(more, [], shape.rpc);
            // A slash has no place in one segment of a path; where a URL had it escaped, it still is (http.proto, "multiple path segments").
            const slashed = shape.rpc === 'Get' && text.includes('/');
            const refused = slashed && (protocol !== 'REST' || text.includes('..'));
            assert.equal(one === undefined, refused, `${shape.rpc} is refused`);
            if (one === undefined) continue;
            const [place, ...others] = shape.found(one);
            assert.equal(place, slashed ? text.replaceAll('/', '%2F') : text, shape.rpc);
            for (const other of others) assert.equal(other, text, shape.rpc);
            assertHarmless(one, front.service.port, http);
          }
        });
      }
      test(`${protocol}: metadata`, async (t) => {
        for (const shape of SHAPES) {
          const { seen } = front.service;
          const from = seen.length;
          await send(t, front.gateway.port, shape, { text: 'a', metadata: METADATA });
          assert.equal(seen.length, from + 1, shape.rpc);
          const [one] = seen.slice(from);
          assert.ok(one !== undefined);
          assertHarmless(one, front.service.port, http);
          assert.deepEqual(
            one.headers.filter(([name]) => name === 'x-good'),
            [['x-good', 'g']],
          );
        }
      });
    }
    test('every byte that has come is one request behind the other', () => {
      const { service } = front;
      assert.deepEqual([service.complaints, service.heads], [[], service.seen.length]);
      if (http === '2') return;
      const strict = service.raw().flatMap((one) => readStrictRequests(one));
      assert.deepEqual(
        strict.map(({ target, body }) => target + body).toSorted(),
        service.seen.map(({ target, body }) => target + body).toSorted(),
      );
    });
  });
}

/** HTTP/1.1 says how it keeps the connection; nothing else is about one, and framing is the gateway's. */
function assertHarmless({ headers, body }: SeenRequest, port: number, http: string): void {
  const names = headers.map(([name]) => name);
  const own = http === '1.1' ? ['connection'] : [];
  assert.deepEqual(
    names.filter((name) => BANNED.test(name)),
    own,
  );
  for (const [name, value] of headers) {
    assert.match(name, /^[!#$%&'*+.^_`|~0-9a-z-]+$/);
    assert.match(value, /^[\t\x20-\x7e\x80-\xff]*$/, name);
    if (name === 'host') assert.equal(value, `127.0.0.1:${port}`);
    if (name === 'content-length') assert.equal(value, String(body.length));
  }
  for (const once of ['host', 'content-length', 'transfer-encoding', 'content-type']) {
    assert.ok(names.filter((name) => name === once).length <= 1, once);
  }
}

async function post(port: number, rpc: string, body: Buffer, headers: Metadata): Promise<void> {
  // "trailer" is none that fetch may send.
  const { trailer: _, ...rest } = headers;
  const answer = await fetch(`http://127.0.0.1:${port}/golden.v1.Golden/${rpc}`, {
    method: 'POST',
    headers: rest,
    body,
  });
  await answer.arrayBuffer();
}

function string(field: number, text: string): Buffer {
  return bytes(field, Buffer.from(text));
}

/** A field of the wire type 2. */
function bytes(field: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...size]), content]);
}

function prefix(length: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return head;
}

function titleOf(json: string): string | null {
  return (JSON.parse(Buffer.from(json, 'latin1').toString()) as { title?: string }).title ?? null;
}
