import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError, type PgCodeName } from '../../../../src/call/error.ts';
import {
  checkJson,
  isNdjson,
  streamFormat,
  wantsProblem,
} from '../../../../src/protocols/rest/media-type.ts';
import { headWith } from './head.ts';

const ALWAYS = [
  undefined,
  'application/json',
  'Application/JSON',
  ' application/json ; charset=utf-8',
  'application/json;charset="UTF-8"',
  'application/json; charset=utf8; x=y',
  'application/vnd.example.v1+json',
  'application/merge-patch+json',
];
const STREAMED = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];
const NEVER = [
  '',
  'json',
  'text/plain',
  'text/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  'application/json-seq',
  'application/json, text/plain',
  'text/plain; application/json',
  'text/plain;x=application/json',
  'application/+json/x',
  'application/json; charset=utf-16',
  'application/json; charset=latin1',
];

describe('the content type of a JSON body', () => {
  for (const type of ALWAYS) {
    test(`${type} is JSON`, () => {
      checkJson(headOf('content-type', type), false);
      checkJson(headOf('content-type', type), true);
      assert.equal(isNdjson(headOf('content-type', type)), false);
    });
  }

  for (const type of STREAMED) {
    test(`${type} is for streams alone`, () => {
      checkJson(headOf('content-type', type), true);
      assert.equal(isNdjson(headOf('content-type', `${type}; charset=utf-8`)), true);
      assertRefuses(
        () => checkJson(headOf('content-type', type), false),
        'PG_UNSUPPORTED_MEDIA_TYPE',
      );
    });
  }

  for (const type of NEVER) {
    test(`${JSON.stringify(type)} is refused`, () => {
      for (const streamed of [true, false]) {
        assertRefuses(
          () => checkJson(headOf('content-type', type), streamed),
          'PG_UNSUPPORTED_MEDIA_TYPE',
        );
      }
    });
  }

  test('the refusal names the header, shortened, and what to do', () => {
    const long = `text/${'x'.repeat(500)}`;
    const message = assertRefuses(
      () => checkJson(headOf('content-type', long), false),
      'PG_UNSUPPORTED_MEDIA_TYPE',
    );
    assert.match(message, /^Content-Type is "text\/x+…".*curl --json/);
    assert.ok(message.length < 250, message);
  });
});

describe('what a stream is sent as', () => {
  for (const [accept, expected] of [
    [undefined, 'sse'],
    ['*/*', 'sse'],
    ['', 'sse'],
    ['text/html', 'sse'],
    ['application/x-ndjson', 'ndjson'],
    ['application/jsonl', 'ndjson'],
    ['application/json', 'json-array'],
    ['text/event-stream', 'sse'],
    ['Application/JSON;q=0.9', 'json-array'],
    ['text/html, application/json', 'json-array'],
    ['application/json;q=0.5, application/x-ndjson', 'ndjson'],
    ['application/json;q=0.5, application/x-ndjson;q=0.4', 'json-array'],
    ['application/json, application/x-ndjson', 'json-array'],
    ['application/x-ndjson, application/json', 'ndjson'],
    ['application/json;q=0, */*', 'sse'],
    ['application/json;q=0', 'sse'],
    ['application/json;q=0.1, */*;q=0.5', 'sse'],
    ['application/json;q=x, application/x-ndjson;q=0.1', 'json-array'],
    [`${'a/b,'.repeat(1_000)}application/json`, 'sse'],
  ] as const) {
    test(`Accept: ${String(accept).slice(0, 80)} is ${expected}`, () => {
      assert.equal(streamFormat(headOf('accept', accept), 'sse'), expected);
    });
  }

  test('the fallback is what the route says', () => {
    assert.equal(streamFormat(headOf('accept', undefined), 'json-array'), 'json-array');
    assert.equal(streamFormat(headOf('accept', '*/*'), 'ndjson'), 'ndjson');
  });
});

test('problem details are sent to those who name them', () => {
  for (const [accept, expected] of [
    [undefined, false],
    ['*/*', false],
    ['application/json', false],
    ['application/problem+json', true],
    ['application/json, Application/Problem+JSON;q=0.9', true],
    ['application/problem+json;q=0', false],
    ['application/problem+json;q=0.0, */*', false],
    ['application/problem+json;q=0.1, application/json;q=0.2', false],
    ['application/problem+json;q=0.2, application/json;q=0.2', true],
    ['application/problem+jsonx', false],
  ] as const) {
    assert.equal(wantsProblem(headOf('accept', accept)), expected, String(accept));
  }
});

function headOf(name: string, value: string | undefined): ReturnType<typeof headWith> {
  return headWith(value === undefined ? {} : { [name]: value });
}

function assertRefuses(work: () => void, code: PgCodeName): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.pg, code);
    return error.message;
  }
  throw new assert.AssertionError({ message: `expected ${code}` });
}
