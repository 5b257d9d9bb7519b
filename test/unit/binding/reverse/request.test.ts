/** A message as the request that its http rule asks for. Source: google/api/http.proto. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BindingError } from '../../../../src/binding/types.ts';
import { encoded, line, reverse } from '../../../support/reverse-binding.ts';
import { refusal } from '../../../support/vectors-schema.ts';

const BOOK = { name: 'shelves/1/books/2', title: 'T', pageCount: 3 };

describe('the path', () => {
  for (const [template, json, expected] of [
    ['/v1/{f_string}', { fString: 'abc' }, '/v1/abc'],
    // http.proto: "all characters except `[-_.~0-9a-zA-Z]` are percent-encoded".
    [
      '/v1/{f_string}',
      { fString: "a/b c%?#&=+!*'()~" },
      '/v1/a%2Fb%20c%25%3F%23%26%3D%2B%21%2A%27%28%29~',
    ],
    ['/v1/{f_string=*}', { fString: 'x/y' }, '/v1/x%2Fy'],
    ['/v1/{f_string}', { fString: 'Grüße 𝄞' }, '/v1/Gr%C3%BC%C3%9Fe%20%F0%9D%84%9E'],
    ['/v1/{f_string}:go', { fString: 'a:b' }, '/v1/a%3Ab:go'],
    ['/v1/{f_string}', { fString: '...' }, '/v1/...'],
    // "all characters except `[-_.~/0-9a-zA-Z]` are percent-encoded".
    ['/v1/{f_string=things/*}', { fString: 'things/a b' }, '/v1/things/a%20b'],
    ['/v1/{f_string=things/**}', { fString: 'things/a/b/c' }, '/v1/things/a/b/c'],
    ['/v1/{f_string=things/**}', { fString: 'things' }, '/v1/things'],
    ['/v1/{f_string=**}', { fString: 'a%2Fb/c' }, '/v1/a%252Fb/c'],
    ['/v1/{f_string=**/end}', { fString: 'a/b/end' }, '/v1/a/b/end'],
    [
      '/v1/{book.name=shelves/*/books/*}:x',
      { book: BOOK },
      '/v1/shelves/1/books/2:x?book.title=T&book.pageCount=3',
    ],
    [
      '/v1/{f_int32}/{f_int64}',
      { fInt32: -7, fInt64: '9007199254740993' },
      '/v1/-7/9007199254740993',
    ],
    ['/v1/{f_int32}', {}, '/v1/0'],
    ['/v1/{f_bool}/{f_color}', { fBool: true, fColor: 'GREEN' }, '/v1/true/GREEN'],
    ['/v1/{f_color}', {}, '/v1/COLOR_UNSPECIFIED'],
    ['/v1/{f_double}', { fDouble: 'NaN' }, '/v1/NaN'],
    ['/v1/{f_bytes}', { fBytes: '+/8=' }, '/v1/%2B%2F8%3D'],
    ['/v1/{w_time}', { wTime: '2026-01-02T03:04:05.5Z' }, '/v1/2026-01-02T03%3A04%3A05.500Z'],
    ['/v1/{w_string}/{w_int64}', { wString: 'a b', wInt64: '5' }, '/v1/a%20b/5'],
    ['/v1/a%20b/{f_string}', { fString: 'x' }, '/v1/a%20b/x'],
    ['/', {}, '/'],
  ] as const) {
    test(`${template} of ${JSON.stringify(json)}`, () => {
      assert.equal(line(reverse(`GET ${template}`), encoded(json)), `GET ${expected}`);
    });
  }

  for (const [template, json, field] of [
    ['/v1/{f_string}', {}, 'f_string'],
    ['/v1/{o_int32}', {}, 'o_int32'],
    ['/v1/{w_time}', {}, 'w_time'],
    ['/v1/{book.name}', {}, 'book.name'],
    ['/v1/{f_string}', { fString: '.' }, 'f_string'],
    ['/v1/{f_string}', { fString: 'a/../b' }, 'f_string'],
    ['/v1/{f_string=**}', { fString: '../admin' }, 'f_string'],
    ['/v1/{f_string=**}', { fString: 'a/..' }, 'f_string'],
    ['/v1/{f_string=**}', { fString: '/evil.example' }, 'f_string'],
    ['/v1/{f_string=**}', { fString: 'a//b' }, 'f_string'],
    ['/v1/{f_string=things/*}', { fString: 'things' }, 'f_string'],
    ['/v1/{f_string=things/*}', { fString: 'things/' }, 'f_string'],
    ['/v1/{f_string=things/*}', { fString: 'things/a/b' }, 'f_string'],
    ['/v1/{f_string=things/*}', { fString: 'others/a' }, 'f_string'],
    ['/v1/{f_string=a/**/z}', { fString: 'a' }, 'f_string'],
  ] as const) {
    test(`${template} has no place for ${JSON.stringify(json)}`, () => {
      const { pg, fields } = refusal(() => reverse(`GET ${template}`).request(encoded(json)));
      assert.deepEqual([pg, fields], ['PG_INVALID_VALUE', [field]]);
    });
  }
});

describe('the query', () => {
  for (const [json, expected] of [
    [{}, ''],
    [{ fString: '', fInt32: 0, fBool: false }, ''],
    [{ oString: '', oInt32: 0, oBool: false }, '?oString=&oInt32=0&oBool=false'],
    [{ fString: 'a&b=c d+e#é\r\nX: y' }, '?fString=a%26b%3Dc%20d%2Be%23%C3%A9%0D%0AX%3A%20y'],
    [
      { rString: ['b', 'a', ''], rInt32: [1, 0, 2] },
      '?rString=b&rString=a&rString=&rInt32=1&rInt32=0&rInt32=2',
    ],
    [
      { rColor: ['RED', 77], rTime: ['2026-01-02T03:04:05Z'] },
      '?rColor=RED&rColor=77&rTime=2026-01-02T03%3A04%3A05Z',
    ],
    [
      { book: { author: { name: 'A', born: '5' }, tags: ['x'] } },
      '?book.author.name=A&book.author.born=5&book.tags=x',
    ],
    [{ cInt32: 0 }, '?cInt32=0'],
    [
      { wDuration: '1.5s', wMask: 'pageCount,author.name' },
      '?wDuration=1.500s&wMask=pageCount%2Cauthor.name',
    ],
    [{ wBool: false, wString: '', wInt64: '1' }, '?wInt64=1&wBool=false&wString='],
    [{ otherName: 'x', self: { otherName: 'y' } }, '?otherName=x&self.otherName=y'],
    [{ mString: {}, rBook: [], book: {} }, ''],
  ] as const) {
    test(`of ${JSON.stringify(json)}`, () => {
      assert.equal(line(reverse('GET /v1'), encoded(json)), `GET /v1${expected}`);
    });
  }

  for (const [json, field] of [
    [{ mString: { a: 'b' } }, 'mString'],
    [{ book: { labels: { a: 'b' } } }, 'book.labels'],
    [{ rBook: [{ title: 'x' }] }, 'rBook'],
    [{ wStruct: {} }, 'wStruct'],
    [{ wValue: 1 }, 'wValue'],
    [{ wAny: {} }, 'wAny'],
  ] as const) {
    test(`has no place for ${JSON.stringify(json)}`, () => {
      const { pg, fields } = refusal(() => reverse('GET /v1').request(encoded(json)));
      assert.deepEqual([pg, fields], ['PG_INVALID_VALUE', [field]]);
    });
  }

  test('leaves out what stands in path and body', () => {
    const rule = reverse('PATCH /v1/{book.name=shelves/*/books/*}', {
      method: 'Update',
      body: 'book',
    });
    const bytes = encoded(
      { book: BOOK, updateMask: 'title', dryRun: true },
      'vectors.v1.UpdateRequest',
    );
    assert.equal(
      line(rule, bytes),
      'PATCH /v1/shelves/1/books/2?updateMask=title&dryRun=true {"name":"shelves/1/books/2","title":"T","pageCount":3}',
    );
  });

  test('a message too large for a URL is refused, not cut', () => {
    const { pg } = refusal(() =>
      reverse('GET /v1').request(encoded({ fString: 'x'.repeat(65_536) })),
    );
    assert.equal(pg, 'PG_BODY_TOO_LARGE');
  });
});

describe('the body', () => {
  for (const [rule, body, json, expected] of [
    ['POST /v1', '*', {}, '/v1 {}'],
    [
      'POST /v1',
      '*',
      { fString: 'x', mString: { a: 'b' } },
      '/v1 {"fString":"x","mString":{"a":"b"}}',
    ],
    ['PUT /v1/{f_string}', '*', { fString: 'x', fInt32: 1 }, '/v1/x {"fInt32":1}'],
    [
      'PUT /v1/{book.name=**}',
      '*',
      { book: { ...BOOK, author: { name: 'A' } }, fInt32: 1 },
      '/v1/shelves/1/books/2 {"fInt32":1,"book":{"title":"T","pageCount":3,"author":{"name":"A"}}}',
    ],
    ['POST /v1', 'book', { book: { title: 'T' }, fInt32: 1 }, '/v1?fInt32=1 {"title":"T"}'],
    ['POST /v1', 'book', { fInt32: 1 }, '/v1?fInt32=1'],
    ['POST /v1', 'book', { book: {} }, '/v1 {}'],
    ['POST /v1', 'r_int32', { rInt32: [1, 2] }, '/v1 [1,2]'],
    ['POST /v1', 'r_int32', {}, '/v1 []'],
    ['POST /v1', 'f_string', {}, '/v1 ""'],
    ['POST /v1', 'm_string', { mString: { a: 'b' } }, '/v1 {"a":"b"}'],
    ['DELETE /v1/{f_string}', '', { fString: 'x' }, '/v1/x'],
  ] as const) {
    test(`${rule} ${body} of ${JSON.stringify(json)}`, () => {
      const to = reverse(rule, { body });
      assert.equal(line(to, encoded(json)), `${rule.split(' ')[0]} ${expected}`);
    });
  }

  test('google.api.HttpBody goes as its bytes', () => {
    const whole = reverse('POST /v1', { method: 'Send', body: '*' });
    const bytes = encoded({ contentType: 'image/png', data: 'AAEC' }, 'google.api.HttpBody');
    const sent = whole.request(bytes);
    assert.deepEqual([sent.contentType, [...(sent.body ?? [])]], ['image/png', [0, 1, 2]]);
    const field = reverse('POST /v1/{name}', { method: 'Upload', body: 'cover' });
    const upload = encoded(
      { name: 'n', size: 2, cover: { data: 'AA==' } },
      'vectors.v1.UploadRequest',
    );
    const { target, body, contentType } = field.request(upload);
    assert.deepEqual([target, [...(body ?? [])], contentType], ['/v1/n?size=2', [0], '']);
  });

  test('a later message of a stream is its body alone, path fields and all', () => {
    const rule = reverse('POST /v1/{f_string}', { method: 'Collect', body: '*' });
    const bytes = encoded({ fString: 'x', fInt32: 1 });
    assert.equal(line(rule, bytes), 'POST /v1/x {"fInt32":1}');
    assert.equal(Buffer.from(rule.next(bytes)).toString(), '{"fString":"x","fInt32":1}');
  });
});

describe('bytes that are no message', () => {
  for (const [name, bytes] of [
    ['cut off', [0x72, 0x05, 0x61]],
    ['field number 0', [0x02, 0x01]],
    ['a string that is not UTF-8', [0x72, 0x01, 0xff]],
    ['a Timestamp beyond its range', [0xe2, 0x03, 0x06, 0x10, 0xff, 0xff, 0xff, 0xff, 0x07]],
  ] as const) {
    test(name, () => {
      for (const [rule, body] of [
        ['GET /v1', ''],
        ['POST /v1', '*'],
        ['POST /v1/{f_int32}', '*'],
      ] as const) {
        const { pg } = refusal(() => reverse(rule, { body }).request(Uint8Array.from(bytes)));
        assert.equal(pg, 'PG_INVALID_VALUE', rule);
      }
    });
  }
});

describe('rules that no request can be made by', () => {
  for (const [rule, options, expected] of [
    ['GET /v1/*/x', {}, /"\*" outside of a variable/],
    ['GET /v1/**', {}, /"\*\*" outside of a variable/],
    ['CONNECT /v1', {}, /by CONNECT/],
    ['TRACE /v1', {}, /by TRACE/],
    ['GET /v1', { method: 'Collect' }, /client stream .* add body: "\*"/],
    ['GET /v1/{nothing}', {}, /nothing/],
  ] as const) {
    test(rule, () => {
      assert.throws(
        () => reverse(rule, options),
        (error) => error instanceof BindingError && expected.test(error.message),
      );
    });
  }

  test('any verb is the plainest one', () => {
    assert.equal(reverse('* /v1').verb, 'GET');
    assert.equal(reverse('* /v1', { body: '*' }).verb, 'POST');
  });
});
