/** HTTP statuses and error bodies of a service as google.rpc.Status. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Status } from '../../../../src/call/status.ts';
import { statusJson } from '../../../../src/codecs/status.ts';
import { codeOfHttp, statusOfAnswer } from '../../../../src/protocols/rest/outbound-status.ts';
import { schema } from '../../../support/vectors-schema.ts';

const NOW_MS = Date.parse('2026-01-02T03:04:05Z');

function statusOf(
  httpStatus: number,
  body: unknown,
  headers: readonly string[] = ['content-type', 'application/json'],
): Status {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return statusOfAnswer({ httpStatus, headers, body: bytes, trailers: null }, schema, NOW_MS);
}

describe('the code for an HTTP status alone', () => {
  const page = readFileSync(new URL('../../../../docs/status-mapping.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| (\d{3}) \| ([A-Z_]+) \|$/gm)];

  test('is what docs/status-mapping.md says', () => {
    assert.ok(rows.length >= 16);
    for (const [, http, code] of rows) assert.equal(codeOfHttp(Number(http)), code, http);
  });

  for (const [http, code] of [
    [300, 'UNKNOWN'],
    [304, 'UNKNOWN'],
    [402, 'FAILED_PRECONDITION'],
    [418, 'FAILED_PRECONDITION'],
    [500, 'INTERNAL'],
    [511, 'INTERNAL'],
    [599, 'INTERNAL'],
  ] as const) {
    test(`${http} is ${code}`, () => assert.equal(codeOfHttp(http), code));
  }
});

describe('an error body', () => {
  for (const [name, http, body, code, message] of [
    ['google.rpc.Status', 404, { code: 9, message: 'm' }, 'FAILED_PRECONDITION', 'm'],
    [
      "Google's APIs",
      404,
      { error: { code: 404, status: 'NOT_FOUND', message: 'm' } },
      'NOT_FOUND',
      'm',
    ],
    [
      'by status name',
      400,
      { error: { code: 400, status: 'OUT_OF_RANGE', message: 'm' } },
      'OUT_OF_RANGE',
      'm',
    ],
    ['in error', 500, { error: { code: 16, message: 'm' } }, 'UNAUTHENTICATED', 'm'],
    ['early grpc-gateway', 404, { error: 'm', code: 5 }, 'NOT_FOUND', 'm'],
    [
      'problem details',
      409,
      { type: 'about:blank', title: 't', status: 409, detail: 'm' },
      'ABORTED',
      'm',
    ],
    ['problem details without detail', 409, { title: 't' }, 'ABORTED', 't'],
    ['of fastify', 404, { statusCode: 404, error: 'Not Found', message: 'm' }, 'NOT_FOUND', 'm'],
    ['that says OK', 503, { code: 0, message: 'm' }, 'UNAVAILABLE', 'm'],
    [
      'that says OK by name',
      503,
      { error: { status: 'OK' } },
      'UNAVAILABLE',
      'the service answered with the HTTP status 503',
    ],
    ['an HTTP status as its code', 404, { code: 404, message: 'm' }, 'NOT_FOUND', 'm'],
    [
      'a code that is no number',
      404,
      { code: '5', message: 7 },
      'NOT_FOUND',
      'the service answered with the HTTP status 404',
    ],
    ['no object', 404, [1], 'NOT_FOUND', 'the service answered with the HTTP status 404'],
    ['no JSON', 404, '{', 'NOT_FOUND', 'the service answered with the HTTP status 404'],
    [
      'nested beyond reason',
      404,
      '['.repeat(50_000),
      'NOT_FOUND',
      'the service answered with the HTTP status 404',
    ],
    ['empty', 401, '', 'UNAUTHENTICATED', 'the service answered with the HTTP status 401'],
  ] as const) {
    test(name, () => {
      const status = statusOf(http, body);
      assert.deepEqual([status.code, status.message, status.error], [code, message, null]);
    });
  }

  test('plain text is the message, HTML is not', () => {
    assert.equal(
      statusOf(404, ' no such book\n', ['content-type', 'text/plain; charset=utf-8']).message,
      'no such book',
    );
    assert.equal(
      statusOf(404, 'x'.repeat(5_000), ['content-type', 'text/plain']).message.length,
      1_000,
    );
    assert.match(statusOf(404, '<h1>', ['content-type', 'text/html']).message, /HTTP status 404/);
  });

  test('details of known and unknown types arrive; what is none is left out', () => {
    const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'R', domain: 'd' };
    const book = { '@type': 'type.googleapis.com/vectors.v1.Book', title: 'T' };
    const other = { '@type': 'example.com/a.B', value: 'AQI=' };
    const broken = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 5 };
    const status = statusOf(400, {
      code: 3,
      message: 'm',
      details: [info, broken, 7, {}, book, other],
    });
    assert.deepEqual(statusJson(status, schema), {
      code: 3,
      message: 'm',
      details: [info, book, other],
    });
  });
});

describe('Retry-After', () => {
  for (const [value, delay] of [
    ['3', '3s'],
    ['0', '0s'],
    ['Fri, 02 Jan 2026 03:04:07 GMT', '2s'],
    ['Fri, 02 Jan 2026 03:04:00 GMT', '0s'],
    ['soon', undefined],
    ['-1', undefined],
  ] as const) {
    test(value, () => {
      const headers = ['content-type', 'application/json', 'retry-after', value];
      const { details } = statusJson(statusOf(503, {}, headers), schema) as {
        details: { retryDelay?: string }[];
      };
      assert.deepEqual(
        details.map((detail) => detail.retryDelay),
        delay === undefined ? [] : [delay],
      );
    });
  }

  test('what the body says of it stays', () => {
    const own = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' };
    const status = statusOf(503, { code: 14, details: [own] }, [
      'content-type',
      'application/json',
      'retry-after',
      '3',
    ]);
    assert.deepEqual(statusJson(status, schema)['details'], [own]);
  });
});
