/** RequestHead over HTTP/1.1: everything as it was sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestHead } from '../../../src/call/types.ts';
import { type OpenExchangeHost, startHost } from './host.ts';

interface TargetCase {
  readonly target: string;
  readonly path: string;
  readonly query: string;
}

const TARGETS: readonly TargetCase[] = [
  { target: '/', path: '/', query: '' },
  { target: '/a%2Fb/c;d=1/%zz', path: '/a%2Fb/c;d=1/%zz', query: '' },
  { target: '/a?', path: '/a', query: '' },
  { target: '/a?b=c?d&e=%20+%', path: '/a', query: 'b=c?d&e=%20+%' },
  { target: '//a/../b/./c', path: '//a/../b/./c', query: '' },
  { target: '/a:b', path: '/a:b', query: '' },
  { target: '/?x', path: '/', query: 'x' },
  { target: 'http://other.test/a/b?c', path: '/a/b', query: 'c' },
  { target: 'http://other.test', path: '/', query: '' },
  { target: 'http://other.test?q', path: '/', query: 'q' },
  { target: 'HTTP://other.test/A', path: '/A', query: '' },
];

export function headCases(open: OpenExchangeHost): void {
  test('path and query are those of the target, undecoded', async (t) => {
    const host = await startHost(t, open);
    for (const { target, path, query } of TARGETS) {
      const connection = host.connect();
      void connection.write(`GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`);
      const { exchange } = await host.next();
      assert.deepEqual([exchange.head.path, exchange.head.query], [path, query], target);
      connection.socket.destroy();
    }
  });

  test('the asterisk of OPTIONS is its path', async (t) => {
    const head = await headOf(t, open, 'OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n');
    assert.deepEqual([head.verb, head.path, head.query], ['OPTIONS', '*', '']);
  });

  test('the authority is Host, and that of the target where it is in absolute form (RFC 9112 section 3.2.2)', async (t) => {
    const origin = await headOf(t, open, 'GET / HTTP/1.1\r\nhost: a.test:81\r\n\r\n');
    assert.equal(origin.authority, 'a.test:81');
    const absolute = await headOf(
      t,
      open,
      'GET http://b.test:82/x HTTP/1.1\r\nhost: a.test\r\n\r\n',
    );
    assert.equal(absolute.authority, 'b.test:82');
  });

  test('verb, version, scheme and peer', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write('PATCH / HTTP/1.1\r\nhost: a\r\n\r\n');
    const { head } = (await host.next()).exchange;
    assert.deepEqual(
      [head.verb, head.httpVersion, head.scheme, head.peer],
      ['PATCH', '1.1', 'http', '127.0.0.1'],
    );
  });

  test('headers come in order, in lower case, repeats one by one; header() joins repeats', async (t) => {
    const head = await headOf(
      t,
      open,
      'GET / HTTP/1.1\r\nHost: a\r\nX-B: 1\r\nx-a: \tspaced out \r\nX-b: 2\r\nX-Empty:\r\nx-B: 3\r\n\r\n',
    );
    const seen: [string, string][] = [];
    head.eachHeader((name, value) => seen.push([name, value]));
    assert.deepEqual(seen, [
      ['host', 'a'],
      ['x-b', '1'],
      ['x-a', 'spaced out'],
      ['x-b', '2'],
      ['x-empty', ''],
      ['x-b', '3'],
    ]);
    assert.equal(head.header('x-b'), '1, 2, 3');
    assert.equal(head.header('x-a'), 'spaced out');
    assert.equal(head.header('x-empty'), '');
    assert.equal(head.header('x-none'), undefined);
  });

  test('a header that may be there once is joined as well: half of a contradiction must not look like the whole', async (t) => {
    const head = await headOf(
      t,
      open,
      'GET / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-type: text/plain\r\nauthorization: a\r\nauthorization: b\r\n\r\n',
    );
    assert.equal(head.header('content-type'), 'application/json, text/plain');
    assert.equal(head.header('authorization'), 'a, b');
  });

  test('cookies are joined as RFC 6265 says', async (t) => {
    const head = await headOf(
      t,
      open,
      'GET / HTTP/1.1\r\nhost: a\r\ncookie: a=1\r\ncookie: b=2\r\n\r\n',
    );
    assert.equal(head.header('cookie'), 'a=1; b=2');
  });

  for (const [name, headers, expected] of [
    ['no length', '', false],
    ['a length of 0', 'content-length: 0\r\n', false],
    ['a length', 'content-length: 1\r\n', true],
    ['chunks', 'transfer-encoding: chunked\r\n', true],
  ] as const) {
    test(`hasBody with ${name} is ${expected}`, async (t) => {
      const head = await headOf(t, open, `POST / HTTP/1.1\r\nhost: a\r\n${headers}\r\n`);
      assert.equal(head.hasBody, expected);
    });
  }
}

async function headOf(
  t: Parameters<typeof startHost>[0],
  open: OpenExchangeHost,
  bytes: string,
): Promise<RequestHead> {
  const host = await startHost(t, open);
  void host.connect().write(bytes);
  return (await host.next()).exchange.head;
}
