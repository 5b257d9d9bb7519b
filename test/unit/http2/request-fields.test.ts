/** Which requests are malformed (RFC 9113 sections 8.1.1, 8.2 and 8.3, RFC 8441 section 4), and what the others say. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readRequest } from '../../../src/http2/request-fields.ts';

const GET = [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'a'];
const changed = (name: string, value: string): string[] => {
  const list = [...GET];
  const at = list.indexOf(name);
  if (at < 0) return [...list, name, value];
  list[at + 1] = value;
  return list;
};
const without = (name: string): string[] => {
  const at = GET.indexOf(name);
  return [...GET.slice(0, at), ...GET.slice(at + 2)];
};

describe('malformed requests', () => {
  for (const [name, list] of [
    ['no field at all', []],
    ['no :method', without(':method')],
    ['no :scheme', without(':scheme')],
    ['no :path', without(':path')],
    ['two :method', [':method', 'GET', ...GET]],
    ['two :path', [...GET, ':path', '/']],
    ['two :authority', [...GET, ':authority', 'a']],
    [':status', [...GET, ':status', '200']],
    ['an unknown pseudo-header', [...GET, ':x', '1']],
    ['a pseudo-header behind the others', [...without(':path'), 'x', '1', ':path', '/']],
    ['an empty method', changed(':method', '')],
    ['a method with a blank', changed(':method', 'GET /x')],
    ['a line break in the method', changed(':method', 'GET\r\nx')],
    ['an empty path', changed(':path', '')],
    ['a path without a slash', changed(':path', 'a')],
    ['a path in absolute form', changed(':path', 'http://b/')],
    ['a fragment', changed(':path', '/a#b')],
    ['a blank in the path', changed(':path', '/a b')],
    ['a line break in the path', changed(':path', '/a\r\nHost: b')],
    ['a NUL in the path', changed(':path', '/a\0')],
    ['a byte above ASCII in the path', changed(':path', '/\xe4')],
    ['an asterisk that is not of OPTIONS', changed(':path', '*')],
    ['a scheme that is none', changed(':scheme', 'ht tp')],
    ['userinfo in :authority', changed(':authority', 'u@a')],
    ['a slash in :authority', changed(':authority', 'a/b')],
    ['a line break in :authority', changed(':authority', 'a\r\nx: y')],
    ['an empty :authority', changed(':authority', '')],
    ['a host that is another', changed('host', 'b')],
    ['two hosts', [...GET, 'host', 'a', 'host', 'a']],
    ['a host that is none', [...without(':authority'), 'host', 'a b']],
    ['a name in upper case', changed('X-A', '1')],
    ['an empty name', changed('', '1')],
    ['a blank in a name', changed('x a', '1')],
    ['a colon in a name', changed('x:a', '1')],
    ['a line break in a name', changed('x\r\ny', '1')],
    ['a byte above ASCII in a name', changed('x\xe4', '1')],
    ['a NUL in a value', changed('x', 'a\0b')],
    ['a CR in a value', changed('x', 'a\rb')],
    ['an LF in a value', changed('x', 'a\nb')],
    ['a blank ahead of a value', changed('x', ' a')],
    ['a tab behind a value', changed('x', 'a\t')],
    ['connection', changed('connection', 'close')],
    ['keep-alive', changed('keep-alive', '1')],
    ['proxy-connection', changed('proxy-connection', 'close')],
    ['transfer-encoding', changed('transfer-encoding', 'chunked')],
    ['upgrade', changed('upgrade', 'websocket')],
    ['te of more than trailers', changed('te', 'trailers, gzip')],
    ['two lengths', [...GET, 'content-length', '1', 'content-length', '1']],
    ['a length with a sign', changed('content-length', '+1')],
    ['a list of lengths', changed('content-length', '1, 1')],
    ['a length beyond every body', changed('content-length', '1'.repeat(16))],
    ['CONNECT with a path', changed(':method', 'CONNECT')],
    ['CONNECT to nowhere', [':method', 'CONNECT']],
    [':protocol without CONNECT', [...GET, ':protocol', 'websocket']],
    [':protocol that is none', [...changed(':method', 'CONNECT'), ':protocol', 'web socket']],
  ] as const) {
    test(name, () => assert.ok('malformed' in readRequest(list)));
  }
});

describe('what requests say', () => {
  test('the authority is :authority, else host; both may be there', () => {
    assert.equal(read(GET).authority, 'a');
    assert.equal(read(changed('host', 'A')).authority, 'a');
    assert.equal(read([...without(':authority'), 'host', 'b:1']).authority, 'b:1');
    assert.equal(read(without(':authority')).authority, '');
  });

  test('OPTIONS may ask for the asterisk', () => {
    const list = [...changed(':method', 'OPTIONS')];
    list[list.indexOf(':path') + 1] = '*';
    assert.equal(read(list).pseudo.target, '*');
  });

  test('fields keep their order and repeats; crumbs of a cookie are one', () => {
    const list = [...GET, 'x', '1', 'cookie', 'a=1', 'y', '', 'cookie', 'b=2', 'x', '2'];
    assert.deepEqual(read(list).fields, ['x', '1', 'cookie', 'a=1; b=2', 'y', '', 'x', '2']);
  });

  test('length and expectation', () => {
    const list = [...GET, 'content-length', '012', 'expect', '100-Continue', 'te', 'Trailers'];
    const { contentLength, expectsContinue } = read(list);
    assert.deepEqual([contentLength, expectsContinue], [12, true]);
    assert.deepEqual([read(GET).contentLength, read(GET).expectsContinue], [-1, false]);
  });

  test('CONNECT, and the extended one', () => {
    const plain = read([':method', 'CONNECT', ':authority', 'a:1']);
    assert.deepEqual([plain.pseudo.verb, plain.pseudo.protocol], ['CONNECT', undefined]);
    const extended = read([...changed(':method', 'CONNECT'), ':protocol', 'WebSocket']);
    assert.deepEqual([extended.pseudo.target, extended.pseudo.protocol], ['/', 'websocket']);
  });
});

function read(
  list: readonly string[],
): Exclude<ReturnType<typeof readRequest>, { malformed: string }> {
  const got = readRequest(list);
  if ('malformed' in got) throw new Error(got.malformed);
  return got;
}
