import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Binding } from '../../../src/binding/types.ts';
import { bind, binding, PLAIN_JSON, refusal } from '../../support/vectors-schema.ts';

const BOOK = {
  name: 'books/1',
  title: 'Dune',
  pageCount: 412,
  author: { name: 'Frank', born: '1920', mentor: { name: 'Jack' } },
  pages: [{ number: 1, text: 'a' }, { number: 2 }],
  labels: { en: 'Dune', 'a.b': 'x', '*': 'y' },
};
const bytes = bind(binding('POST /v1/x', { body: '*' }), {
  body: JSON.stringify({ book: BOOK, rBook: [BOOK, {}], mBook: { a: BOOK }, fString: 'x' }),
}).bytes;

/** What a client gets that asks for `fields`, in the header where it is not in the query. */
function part(to: Binding, query: string, header?: string): unknown {
  const mask = to.mask({ query, header });
  return JSON.parse(Buffer.from(to.json(bytes, mask)).toString());
}

const of = (responseBody: string): Binding => binding('GET /v1/x', { responseBody });
const fields = (text: string): string => `$fields=${encodeURIComponent(text)}`;

const KEPT: readonly (readonly [responseBody: string, text: string, expected: unknown])[] = [
  ['', 'f_string', { fString: 'x' }],
  ['', 'fString, book.title', { fString: 'x', book: { title: 'Dune' } }],
  ['', 'f_int32', {}],
  ['', 'book.author.mentor.name', { book: { author: { mentor: { name: 'Jack' } } } }],
  ['', 'r_book.title', { rBook: [{ title: 'Dune' }, {}] }],
  ['', 'rBook.*.pages.number', { rBook: [{ pages: [{ number: 1 }, { number: 2 }] }, {}] }],
  ['', 'm_book.a.title', { mBook: { a: { title: 'Dune' } } }],
  ['', 'm_book.b.title', { mBook: {} }],
  ['', 'm_book.*.pageCount', { mBook: { a: { pageCount: 412 } } }],
  ['', 'book.labels.en', { book: { labels: { en: 'Dune' } } }],
  ['', 'book.labels.`a.b`,book.labels.`*`', { book: { labels: { 'a.b': 'x', '*': 'y' } } }],
  ['', 'book.author,book.author.name', { book: { author: BOOK.author } }],
  ['book', 'title,author.born', { title: 'Dune', author: { born: '1920' } }],
  ['book', '*', BOOK],
  ['r_book', 'name', [{ name: 'books/1' }, {}]],
  ['r_book', '*.name', [{ name: 'books/1' }, {}]],
  ['m_book', 'a.name', { a: { name: 'books/1' } }],
  ['m_book', '*.title', { a: { title: 'Dune' } }],
  ['f_string', '*', 'x'],
  ['o_string', '*', null],
  ['self', 'book.title', null],
];

for (const [responseBody, text, expected] of KEPT) {
  test(`response_body "${responseBody}", ${text}`, () => {
    assert.deepEqual(part(of(responseBody), fields(text)), expected);
    assert.deepEqual(part(of(responseBody), 'x=1&', text), expected);
  });
}

test('everything where nothing is asked for', () => {
  const all = part(of(''), '');
  for (const query of ['$fields=', '$fields', '$fields=%20', fields('*'), fields('*,book.title')]) {
    assert.deepEqual(part(of(''), query), all, query);
  }
  assert.deepEqual(part(of(''), '', ' '), all);
});

test('the parameter wins over the header, also where it is empty', () => {
  assert.deepEqual(part(of('book'), fields('title'), 'name'), { title: 'Dune' });
  assert.deepEqual(part(of('book'), '$fields=', 'name'), BOOK);
  assert.deepEqual(part(of('book'), '%24fields=title', 'name'), { title: 'Dune' });
  assert.deepEqual(part(of('book'), '%24%66ields=title'), { title: 'Dune' });
});

test('a header that comes in bytes of UTF-8', () => {
  const header = Buffer.from('labels.é').toString('latin1');
  const { bytes: message } = bind(binding('POST /v1/x', { body: '*' }), {
    body: JSON.stringify({ book: { labels: { é: '1', e: '2' } } }),
  });
  const to = of('book');
  const json = to.json(message, to.mask({ query: '', header }));
  assert.deepEqual(JSON.parse(Buffer.from(json).toString()), { labels: { é: '1' } });
});

const REFUSED: readonly (readonly [responseBody: string, text: string, says: RegExp])[] = [
  [
    '',
    'fString,book.titel',
    /"book\.titel": vectors\.v1\.Book has no field "titel"; did you mean "title"\?/,
  ],
  ['', 'book.title.x', /"book\.title\.x": it is no message \(string\)/],
  ['', 'book.publishTime.seconds', /a google\.protobuf\.Timestamp is one value/],
  ['', 'a,,b', /vectors\.v1\.Everything has no field "a".*2 more/],
  ['', 'book.', /"book\." is no path/],
  ['', '.book', /"\.book" is no path/],
  ['', 'book..title', /is no path/],
  ['', 'book.labels.`a', /is no path/],
  ['', 'book.labels.`a`b', /is no path/],
  ['', 'book(title)', /parted by ","/],
  ['', '*.title', /"\*" stands for/],
  ['', '__proto__', /has no field "__proto__"/],
  ['', 'toString', /has no field "toString"/],
  ['book', 'book.title', /vectors\.v1\.Book has no field "book"/],
  ['f_string', 'x', /it is no message/],
  ['w_struct', 'a', /a google\.protobuf\.Struct is one value/],
  ['', 'self.'.repeat(100) + 'self', /deeper than 100 levels/],
  ['', 'a,'.repeat(256), /more than 256 paths/],
  ['', 'a'.repeat(8193), /longer than 8192 characters/],
];

describe('refused with PG_INVALID_VALUE', () => {
  for (const [responseBody, text, says] of REFUSED) {
    test(`response_body "${responseBody}", ${text.slice(0, 40)}`, () => {
      const to = of(responseBody);
      const byQuery = refusal(() => to.mask({ query: fields(text), header: undefined }));
      assert.equal(byQuery.pg, 'PG_INVALID_VALUE');
      assert.match(byQuery.text, says);
      assert.ok(byQuery.fields.every((name) => name === '$fields'));
      const byHeader = refusal(() => to.mask({ query: '', header: text }));
      assert.ok(byHeader.fields.every((name) => name === 'x-goog-fieldmask'));
    });
  }

  test('the parameter twice', () => {
    const found = refusal(() => of('').mask({ query: '$fields=a&$fields=b', header: undefined }));
    assert.deepEqual([found.pg, found.fields], ['PG_INVALID_VALUE', ['$fields']]);
  });

  test('under every strictness', () => {
    const to = binding('GET /v1/x', { settings: { strictness: 'ignore' } });
    assert.equal(
      refusal(() => to.mask({ query: '$fields=x', header: undefined })).pg,
      'PG_INVALID_VALUE',
    );
  });
});

test('the parameter is none of the request, with or without a body', () => {
  assert.equal(bind(binding('GET /v1/x'), { query: '$fields=fString' }).bytes.length, 0);
  const to = binding('POST /v1/x', { body: '*' });
  assert.equal(bind(to, { query: '%24fields=fString', body: '{}' }).bytes.length, 0);
});

test('google.api.HttpBody has no parts: the parameter is unknown, the header is metadata alone', () => {
  const to = binding('POST /v1/x', { body: '*', method: 'Send' });
  assert.equal(to.mask({ query: '$fields=x', header: 'x' }), undefined);
  const { pg, fields: named } = refusal(() => bind(to, { query: '$fields=data' }));
  assert.deepEqual([pg, named], ['PG_UNKNOWN_FIELD', ['$fields']]);
});

describe('options', () => {
  const styled = (json: Partial<typeof PLAIN_JSON>): Binding =>
    binding('GET /v1/x', { responseBody: 'book', settings: { json: { ...PLAIN_JSON, ...json } } });

  test('go together with a mask', () => {
    const to = styled({ protoNames: true, int64: 'number', emitDefaults: true });
    assert.deepEqual(part(to, fields('pageCount,author.born,tags')), {
      page_count: 412,
      author: { born: 1920 },
      tags: [],
    });
  });

  test('pretty', () => {
    const to = styled({ pretty: true });
    const json = to.json(bytes, to.mask({ query: fields('author.name'), header: undefined }));
    assert.equal(
      Buffer.from(json).toString(),
      JSON.stringify({ author: { name: 'Frank' } }, null, 2),
    );
    assert.equal(Buffer.from(to.json(bytes)).toString(), JSON.stringify(BOOK, null, 2));
  });
});
