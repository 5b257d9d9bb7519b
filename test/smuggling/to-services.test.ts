/**
 * The corpus of requests through the running gateway to a service of plain HTTP, over HTTP/1.1 and HTTP/2: what the listener refuses reaches
 * no service, and what it accepts is one request for llhttp or nghttp2, and over HTTP/1.1 for a reader by the letter of RFC 9112 as well.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test, type TestContext } from 'node:test';
import { rawFrame } from '../support/http2-frames.ts';
import { literalBlock, openRawClient, Type } from '../support/http2-raw-client.ts';
import { type PlainFront, startPlainFront } from '../support/plain-front.ts';
import { openConnection } from '../support/raw-connection.ts';
import { readStrictRequests } from '../support/strict-http1.ts';

interface Case {
  readonly name: string;
  readonly request: string;
  readonly expect: number | readonly number[] | 'broken' | { readonly body: string };
}

interface Http2Case {
  readonly name: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const END = 5;
const BEHIND = 'GET /v1/items/behind HTTP/1.1\r\nhost: a\r\n\r\n';
const FILES = ['lengths', 'codings', 'fields', 'request-lines', 'hosts', 'chunks', 'legal'];
const corpus = FILES.flatMap((file) =>
  read<Case>(file).map((one) => ({ ...one, name: `${file}: ${one.name}` })),
);
const corpus2 = ['names', 'values', 'pseudo-headers'].flatMap((file) =>
  read<Http2Case>(`h2-${file}`).map((one) => ({ ...one, name: `${file}: ${one.name}` })),
);

for (const http of ['1.1', '2'] as const) {
  describe(`to a service of HTTP/${http}`, () => {
    let front: PlainFront;
    before(async () => (front = await startPlainFront(http)));
    after(() => front.close());
    for (const one of corpus) {
      test(one.name, (t) => sendHttp1(t, front, one));
    }
    for (const one of corpus2) {
      test(one.name, (t) => sendHttp2(t, front, one));
    }
    test('every byte that has come is one request behind the other', () => {
      const { service } = front;
      assert.deepEqual(service.complaints, []);
      assert.ok(service.seen.length >= corpus2.length);
      if (http === '2') return;
      const strict = service.raw().flatMap((bytes) => readStrictRequests(bytes));
      assert.deepEqual(strict.map(summary).toSorted(), service.seen.map(summary).toSorted());
    });
  });
}

/** The case with a request behind it in the same bytes; as many reach the service as are answered with 200. */
async function sendHttp1(
  t: TestContext,
  { gateway: { port }, service }: PlainFront,
  { request, expect }: Case,
): Promise<void> {
  const from = service.seen.length;
  const legal = typeof expect === 'object' && 'body' in expect;
  const connection = openConnection(t, port);
  void connection.write(Buffer.from(`${routed(request)}${BEHIND}`, 'latin1'));
  const good: string[] = [];
  for (let i = 0; i < (legal ? 2 : 1); i++) {
    const { status, body } = await connection.answer();
    if (status === 200) good.push((JSON.parse(body) as { title: string }).title);
  }
  if (!legal) {
    await connection.closed;
    assert.deepEqual(good, []);
  } else {
    assert.equal(good.at(-1), '/v1/items/behind');
  }
  const seen = service.seen.slice(from);
  assert.deepEqual(
    seen.map(({ target }) => target),
    good,
  );
  if (legal && good[0] === '/v1/items/a/file') assert.equal(seen[0]?.body, expect.body);
  assert.equal(service.heads, service.seen.length, 'nothing has come in part');
  connection.socket.destroy();
}

/** Places where the requests of the corpus, all for `/`, reach the service. */
function routed(request: string): string {
  return request
    .replace(/^POST \/ /, 'PUT /v1/items/a/file ')
    .replace(/^GET \/ /, 'GET /v1/items/a ')
    .replace(/^(GET|POST) \/\?/, '$1 /v1/items/a?');
}

async function sendHttp2(
  t: TestContext,
  { gateway: { port }, service }: PlainFront,
  { fields }: Http2Case,
): Promise<void> {
  const from = service.seen.length;
  const client = openRawClient(t, port);
  const at = fields.map(
    ([name, value]) => [name, value === '/bad' ? '/v1/items/bad' : value] as const,
  );
  client.write(rawFrame(Type.headers, END, 1, literalBlock(...at)));
  const good = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/v1/items/good'],
    [':authority', 'a.test'],
  ] as const;
  client.write(rawFrame(Type.headers, END, 3, literalBlock(...good)));
  await client.until(({ type, id, flags }) => type === Type.data && id === 3 && (flags & 1) === 1);
  assert.deepEqual(
    service.seen.slice(from).map(({ target }) => target),
    ['/v1/items/good'],
  );
}

function summary({ verb, target, body }: { verb: string; target: string; body: string }): string {
  return JSON.stringify([verb, target, body]);
}

function read<Of>(file: string): Of[] {
  return JSON.parse(readFileSync(new URL(`${file}.json`, import.meta.url), 'utf8')) as Of[];
}
