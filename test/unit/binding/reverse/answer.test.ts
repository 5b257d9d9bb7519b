/** What a service has answered, as a message. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decoded, reverse } from '../../../support/reverse-binding.ts';
import { refusal } from '../../../support/vectors-schema.ts';

describe('a JSON answer', () => {
  for (const [responseBody, json, expected] of [
    ['', '{"fString":"x","book":{"page_count":3}}', { fString: 'x', book: { pageCount: 3 } }],
    ['', '', {}],
    ['', ' {} ', {}],
    ['', '{"grown":{"a":[1]},"fInt32":1,"book":{"grown":null}}', { fInt32: 1, book: {} }],
    ['book', '{"title":"T"}', { book: { title: 'T' } }],
    ['book', 'null', {}],
    ['r_int32', '[1,2]', { rInt32: [1, 2] }],
    ['r_book', '[{"title":"T"}]', { rBook: [{ title: 'T' }] }],
    ['m_string', '{"a":"b"}', { mString: { a: 'b' } }],
    ['f_string', '"x"', { fString: 'x' }],
  ] as const) {
    test(`${responseBody} ${json}`, () => {
      const bytes = reverse('GET /v1', { responseBody }).message(Buffer.from(json));
      assert.deepEqual(decoded(bytes), expected);
    });
  }

  for (const [json, expected] of [
    ['{', /line 1/],
    ['{"fInt32":"x"}', /fInt32/],
    ['{"book":{"pages":[{"number":1},{"number":"y"}]}}', /book\.pages\[1\]\.number/],
    ['[]', /Everything/],
    ['null', /Everything/],
    ['{"fString":"a"} x', /line 1/],
    ['<html>', /line 1/],
    [`${'{"self":'.repeat(200)}{}${'}'.repeat(200)}`, /nests deeper than 100/],
    [Buffer.from([0x22, 0xff, 0x22]), /UTF-8/],
  ] as const) {
    test(`that is none: ${String(json).slice(0, 50)}`, () => {
      const { pg, text } = refusal(() => reverse('GET /v1').message(Buffer.from(json)));
      assert.equal(pg, 'PG_RESPONSE_UNREADABLE');
      assert.match(text, expected);
    });
  }
});

describe('an answer of bytes', () => {
  test('is a google.api.HttpBody', () => {
    const rule = reverse('GET /v1', { method: 'Send' });
    assert.equal(rule.responseBody, 'raw');
    const bytes = rule.rawMessage('image/png', Uint8Array.of(0, 1, 2));
    assert.deepEqual(decoded(bytes, 'google.api.HttpBody'), {
      contentType: 'image/png',
      data: 'AAEC',
    });
  });

  test('or the field that response_body names', () => {
    const rule = reverse('GET /v1', { responseBody: 'w_body' });
    assert.equal(rule.responseBody, 'raw');
    const bytes = rule.rawMessage('text/plain', Buffer.from('x'));
    assert.deepEqual(decoded(bytes), { wBody: { contentType: 'text/plain', data: 'eA==' } });
  });
});
