/** What a client can get wrong: the right refusal, nothing reaches the service, and the next good call succeeds. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reasonOf, startFaultGateway } from '../support/fault-gateway.ts';
import { request, type RawAnswer } from '../support/raw-http.ts';

const json = { 'content-type': 'application/json' };

interface BadCase {
  readonly name: string;
  readonly bytes: string | Uint8Array;
  readonly status: number;
  readonly reason: string;
  /** A part of the message that helps. */
  readonly says?: RegExp;
  readonly halfClose?: boolean;
}

function post(body: string | Uint8Array, headers: Record<string, string> = json): Buffer {
  return request('POST', '/v1/items', { headers, body });
}

const CASES: readonly BadCase[] = [
  {
    name: 'truncated JSON',
    bytes: post('{"name": "a'),
    status: 400,
    reason: 'PG_MALFORMED_JSON',
    says: /line 1, column/,
  },
  {
    name: 'JSON that breaks off on its second line',
    bytes: post('{\n"name": }'),
    status: 400,
    reason: 'PG_MALFORMED_JSON',
    says: /line 2, column 9/,
  },
  {
    name: 'invalid UTF-8 in JSON',
    bytes: post(Buffer.from('{"name":"\xff"}', 'latin1')),
    status: 400,
    reason: 'PG_NOT_UTF8',
  },
  {
    name: 'overlong UTF-8 in JSON',
    bytes: post(Buffer.from('{"name":"\xc0\xaf"}', 'latin1')),
    status: 400,
    reason: 'PG_NOT_UTF8',
  },
  {
    name: 'a string where a message belongs',
    bytes: post('{"child":"x"}'),
    status: 400,
    reason: 'PG_INVALID_VALUE',
    says: /child/,
  },
  {
    name: 'a message where a number belongs',
    bytes: post('{"count":{}}'),
    status: 400,
    reason: 'PG_INVALID_VALUE',
    says: /count/,
  },
  {
    name: 'a number beyond int32',
    bytes: post('{"count":2147483648}'),
    status: 400,
    reason: 'PG_INVALID_VALUE',
    says: /count/,
  },
  {
    name: 'a number beyond uint64',
    bytes: post('{"total":"18446744073709551616"}'),
    status: 400,
    reason: 'PG_INVALID_VALUE',
    says: /total/,
  },
  {
    name: 'a fraction where an integer belongs',
    bytes: post('{"child":{"count":1.5}}'),
    status: 400,
    reason: 'PG_INVALID_VALUE',
    says: /child\.count/,
  },
  {
    name: 'an unknown enum value',
    bytes: post('{"kind":"KIND_SMAL"}'),
    status: 400,
    reason: 'PG_INVALID_VALUE',
    says: /kind/,
  },
  {
    name: 'an unknown field',
    bytes: post('{"child":{"nmae":"x"}}'),
    status: 400,
    reason: 'PG_UNKNOWN_FIELD',
    says: /child\.nmae.*"name"/,
  },
  {
    name: 'a body that nests too deep',
    bytes: post(`${'{"child":'.repeat(200)}{}${'}'.repeat(200)}`),
    status: 400,
    reason: 'PG_TOO_DEEP',
  },
  {
    name: 'an array that nests too deep',
    bytes: post('['.repeat(100_000)),
    status: 400,
    reason: 'PG_TOO_DEEP',
  },
  {
    name: 'a body larger than the limit, declared',
    bytes: post(`{"name":"${'x'.repeat(200_000)}"}`),
    status: 413,
    reason: 'PG_BODY_TOO_LARGE',
  },
  {
    name: 'a body larger than the limit, chunked',
    bytes: `POST /v1/items HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n30d40\r\n${'x'.repeat(200_000)}\r\n0\r\n\r\n`,
    status: 413,
    reason: 'PG_BODY_TOO_LARGE',
  },
  {
    name: 'a body smaller than declared',
    bytes: 'POST /v1/items HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{"name":"a"}',
    status: 400,
    reason: 'PG_BODY_INCOMPLETE',
    halfClose: true,
  },
  {
    name: 'a chunk size that is no number',
    bytes:
      'POST /v1/items HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n',
    status: 400,
    reason: 'PG_BAD_REQUEST',
  },
  {
    name: 'a broken percent escape in the path',
    bytes: request('GET', '/v1/items/a%zz'),
    status: 400,
    reason: 'PG_BAD_TARGET',
  },
  {
    name: 'a broken percent escape in the query',
    bytes: request('GET', '/v1/items/a?kind=%4'),
    status: 400,
    reason: 'PG_BAD_TARGET',
  },
  {
    name: 'a path that is not UTF-8',
    bytes: request('GET', '/v1/items/a%ff'),
    status: 400,
    reason: 'PG_NOT_UTF8',
  },
  {
    name: 'a query that is not UTF-8',
    bytes: request('GET', '/v1/items/a?child.name=%ff'),
    status: 400,
    reason: 'PG_NOT_UTF8',
  },
  {
    name: 'a dot segment',
    bytes: request('GET', '/v1/items/..'),
    status: 400,
    reason: 'PG_BAD_TARGET',
  },
  {
    name: 'an escaped dot segment',
    bytes: request('GET', '/v1/items/%2e%2E'),
    status: 400,
    reason: 'PG_BAD_TARGET',
  },
  {
    name: 'a dot segment in the middle',
    bytes: request('GET', '/v1/../v1/items/a'),
    status: 400,
    reason: 'PG_BAD_TARGET',
  },
  {
    name: 'a header flood by size',
    bytes: request('GET', '/v1/items/a', { headers: { 'x-flood': 'x'.repeat(64 * 1024) } }),
    status: 431,
    reason: 'PG_HEADERS_TOO_LARGE',
  },
  {
    name: 'a header flood by number',
    bytes: request('GET', '/v1/items/a', {
      headers: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`x-${i}`, '1'])),
    }),
    status: 431,
    reason: 'PG_HEADERS_TOO_LARGE',
  },
  {
    name: 'a form',
    bytes: post('name=a', { 'content-type': 'application/x-www-form-urlencoded' }),
    status: 415,
    reason: 'PG_UNSUPPORTED_MEDIA_TYPE',
    says: /curl --json/,
  },
  {
    name: 'a text type',
    bytes: post('{}', { 'content-type': 'text/plain' }),
    status: 415,
    reason: 'PG_UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'another charset',
    bytes: post('{}', { 'content-type': 'application/json; charset=utf-16' }),
    status: 415,
    reason: 'PG_UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'a body compressed with what is not known',
    bytes: post('{}', { ...json, 'content-encoding': 'compress' }),
    status: 415,
    reason: 'PG_UNSUPPORTED_ENCODING',
  },
  {
    name: 'a body that is not compressed with what it says',
    bytes: post('{}', { ...json, 'content-encoding': 'gzip' }),
    status: 400,
    reason: 'PG_MALFORMED_ENCODING',
  },
  {
    name: 'a timeout that is none',
    bytes: request('GET', '/v1/items/a', { headers: { 'grpc-timeout': 'soon' } }),
    status: 400,
    reason: 'PG_BAD_TIMEOUT',
  },
  {
    name: 'an unknown verb',
    bytes: request('FROB', '/v1/items/a'),
    status: 501,
    reason: 'PG_UNKNOWN_VERB',
  },
  {
    name: 'a verb that the path does not answer',
    bytes: request('DELETE', '/v1/items/a'),
    status: 405,
    reason: 'PG_METHOD_NOT_ALLOWED',
    says: /GET/,
  },
  {
    name: 'a path that no rule matches',
    bytes: request('GET', '/v2/items/a'),
    status: 404,
    reason: 'PG_ROUTE_NOT_FOUND',
  },
  {
    name: 'a trailing slash',
    bytes: request('GET', '/v1/items/a/'),
    status: 404,
    reason: 'PG_ROUTE_NOT_FOUND',
  },
  {
    name: 'no Host',
    bytes: 'GET /v1/items/a HTTP/1.1\r\n\r\n',
    status: 400,
    reason: 'PG_BAD_REQUEST',
  },
  {
    name: 'two Hosts',
    bytes: 'GET /v1/items/a HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n',
    status: 400,
    reason: 'PG_BAD_REQUEST',
  },
  {
    name: 'a space in the target',
    bytes: 'GET /v1/items/a b HTTP/1.1\r\nhost: a\r\n\r\n',
    status: 400,
    reason: 'PG_BAD_REQUEST',
  },
  {
    name: 'Content-Length and Transfer-Encoding',
    bytes:
      'POST /v1/items HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}',
    status: 400,
    reason: 'PG_BAD_REQUEST',
  },
];

describe('bad requests', () => {
  for (const { name, bytes, status, reason, says, halfClose } of CASES) {
    test(name, async (t) => {
      const harness = await startFaultGateway(t, { limits: { body: '128kb', depth: 100 } });
      const answer = await harness.sendRaw(bytes, halfClose);
      assert.equal(answer.status, status, answer.body);
      assert.equal(answer.headers['content-type'], 'application/json');
      assert.equal(reasonOf(answer), reason);
      if (says !== undefined) assert.match(JSON.parse(answer.body).message, says);
      assert.equal(harness.peer.calls, 0, 'the service must not have been called');
      assertNextCallSucceeds(await harness.send('GET', '/v1/items/good'));
      assert.equal(harness.peer.calls, 1);
    });
  }

  test('a body larger than declared is no part of the call, and what follows it is refused', async (t) => {
    const harness = await startFaultGateway(t);
    const answer = await harness.sendRaw(
      'POST /v1/items HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n{"name":"a"}{"name":"b"}',
    );
    assert.deepEqual([answer.status, JSON.parse(answer.body)], [200, { name: 'a' }]);
    assert.equal(harness.peer.calls, 1);
    assertNextCallSucceeds(await harness.send('GET', '/v1/items/good'));
    assert.equal(harness.peer.calls, 2);
  });
});

function assertNextCallSucceeds(answer: RawAnswer): void {
  assert.equal(answer.status, 200, answer.body);
  assert.deepEqual(JSON.parse(answer.body), { name: 'good' });
}
