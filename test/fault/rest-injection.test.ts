/** Nothing that a client says in a message or in metadata becomes a line of the HTTP/1.1 request to a plain service, or a request of its own. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { Metadata } from '../../src/call/metadata.ts';
import type { HttpRule } from '../../src/schema/model.ts';
import { allItems, bodyOf, type Target, targetOn } from '../contract/outbound/harness.ts';
import { goodAnswer, type RawService, startRawService } from '../support/raw-service.ts';
import { makeRestOutbound } from '../support/rest-outbound.ts';
import { answerJson, startScriptedHttp } from '../support/scripted-http.ts';

interface Harness extends Target {
  readonly service: RawService;
}

const REQUEST = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
/** The two letters behind the controls are CR and LF to who keeps the low byte of a character. */
const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ['CR LF', 'a\r\nx-smuggled: 1'],
  ['CR', 'a\rx-smuggled: 1'],
  ['LF', 'a\nx-smuggled: 1'],
  ['NUL', 'a\0b'],
  ['low bytes of CR and LF', 'a\u010D\u010Ax-smuggled: 1\u010D\u010A'],
  ['line separators', 'a\u0085\u2028\u2029x-smuggled: 1'],
  ['the end of the request line', `a HTTP/1.1\r\nHost: x\r\n\r\n${REQUEST}`],
  ['a query', 'a?x=1&y=2'],
  ['a fragment', 'a#b'],
  ['escapes', 'a%0d%0ax-smuggled:%201'],
  ['a backslash', 'a\\..\\b'],
];

const RULES: Readonly<Record<string, Partial<HttpRule>>> = {
  segment: { verb: 'GET', template: '/v1/{name}', body: '' },
  segments: { verb: 'GET', template: '/v1/{name=**}', body: '' },
  query: { verb: 'GET', template: '/v1/items', body: '' },
  body: { verb: 'POST', template: '/v1/items', body: '*' },
};

async function start(t: TestContext, rule: Partial<HttpRule>): Promise<Harness> {
  const service = await startRawService(t);
  service.script = (socket) => void socket.write(goodAnswer({ name: 'good' }));
  const target = targetOn(
    t,
    (endpoint, settings) => makeRestOutbound(endpoint, { ...settings, rules: { Get: rule } }),
    service.port,
    { maxMessageBytes: 100_000 },
  );
  return { service, ...target };
}

/** The only request, in its parts; every line of its head is a header that a request without the text has, too. */
function onlyRequest({ received }: RawService): { target: string; names: string[]; body: string } {
  assert.equal(received.length, 1);
  const [text = ''] = received;
  const at = text.indexOf('\r\n\r\n');
  const head = text.slice(0, at);
  assert.match(head, /^[\x20-\x7e\r\n]*$/);
  assert.doesNotMatch(head.replaceAll('\r\n', ''), /[\r\n]/);
  const [line = '', ...headers] = head.split('\r\n');
  const parts = line.split(' ');
  assert.equal(parts.length, 3);
  const names = headers.map((header) => header.slice(0, header.indexOf(':')).toLowerCase());
  return { target: parts[1] ?? '', names: names.sort(), body: text.slice(at + 4) };
}

const PLAIN = ['accept', 'accept-encoding', 'connection', 'host', 'user-agent'];

describe('a field', () => {
  for (const [name, text] of TEXTS) {
    test(`${name} in a segment, several segments, and a query`, async (t) => {
      for (const place of ['segment', 'segments', 'query'] as const) {
        const { service, send } = await start(t, RULES[place] ?? {});
        assert.deepEqual(await allItems(await send({ body: bodyOf({ name: text }) }).reply), [
          { name: 'good' },
        ]);
        const { target, names, body } = onlyRequest(service);
        assert.deepEqual([names, body], [PLAIN, '']);
        const url = new URL(target, 'http://h');
        assert.equal(url.hash, '');
        if (place === 'query') {
          assert.equal(url.pathname, '/v1/items');
          assert.deepEqual([...url.searchParams], [['name', text]]);
        } else {
          assert.equal(url.search, '');
          assert.equal(decodeURIComponent(url.pathname.slice('/v1/'.length)), text);
        }
      }
    });

    test(`${name} in a body`, async (t) => {
      const { service, send } = await start(t, RULES['body'] ?? {});
      await allItems(await send({ body: bodyOf({ name: text }) }).reply);
      const { target, names, body } = onlyRequest(service);
      assert.equal(target, '/v1/items');
      assert.deepEqual(names, [...PLAIN, 'content-length', 'content-type'].sort());
      assert.deepEqual(JSON.parse(Buffer.from(body, 'latin1').toString()), { name: text });
    });

    test(`${name} in an element of a stream is one line`, async (t) => {
      const peer = await startScriptedHttp();
      t.after(() => peer.close());
      const lines: string[] = [];
      peer.script = async (exchange) => {
        lines.push(...(await exchange.body).split('\n'));
        answerJson(exchange.response, {});
      };
      const { send } = targetOn(t, makeRestOutbound, peer.port, { maxMessageBytes: 100_000 });
      const body = bodyOf({ name: text }, { name: 'b' });
      await allItems(await send({ kind: 'client_stream', body }).reply);
      assert.equal(peer.calls, 1);
      assert.deepEqual(
        lines.map((line) => line && (JSON.parse(line) as unknown)),
        [{ name: text }, { name: 'b' }, ''],
      );
    });
  }
});

describe('metadata', () => {
  for (const [name, text] of TEXTS) {
    test(`${name} in a value, and in a name`, async (t) => {
      const { service, send } = await start(t, RULES['query'] ?? {});
      const metadata = new Metadata().append('x-good', '1').append('x-value', text);
      metadata.append(`x-${text}`, '1');
      await allItems(await send({ metadata }).reply);
      const { target, names } = onlyRequest(service);
      assert.equal(target, '/v1/items');
      // One that is harmless text may arrive.
      assert.deepEqual(
        names.filter((one) => one !== 'x-value'),
        [...PLAIN, 'x-good'].sort(),
      );
      if (!/^[\x20-\x7e]*$/.test(text)) assert.equal(names.includes('x-value'), false);
    });
  }
});
