import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bind, binding, bound, refusal } from '../../support/vectors-schema.ts';

const CONFLICTS: readonly (readonly [string, string, string, string, string])[] = [
  ['path against query', 'f_string', '', 'f_string=b', ''],
  ['path against query by JSON name', 'f_string', '', 'fString=b', ''],
  ['path against body *', 'f_string', '*', '', '{"f_string":"b"}'],
  ['path against body *, JSON name', 'f_string', '*', '', '{"fString":"b"}'],
  ['path inside the body field', 'book.title', 'book', '', '{"title":"b"}'],
  ['path against a set oneof member', 'c_string', '*', '', '{"c_int32":1}'],
  ['path against a oneof message', 'c_book.title', '*', '', '{"c_int32":1}'],
];

for (const [name, variable, body, query, text] of CONFLICTS) {
  test(`${name}: refused, and the path wins where that is allowed`, () => {
    const sent = { captures: ['a'], query, ...(text === '' ? {} : { body: text }) };
    const { pg, fields } = refusal(() => bind(binding(`POST /v1/{${variable}}`, { body }), sent));
    assert.deepEqual([pg, fields], ['PG_CONFLICTING_FIELD', [variable]]);
    const settings = { strictness: 'warn' } as const;
    const lenient = binding(`POST /v1/{${variable}}`, { body, settings });
    assert.deepEqual(bind(lenient, sent).unknown, [variable]);
    assert.deepEqual(
      bound(lenient, sent),
      bound(binding(`GET /v1/{${variable}}`), { captures: ['a'] }),
    );
  });
}

const AGREED: readonly (readonly [string, string, string, string])[] = [
  ['f_string', 'a', '{"f_string":"a"}', 'the same text'],
  ['f_int64', '5', '{"fInt64":5.0}', 'another spelling of a number'],
  ['f_color', 'GREEN', '{"f_color":2}', 'name and number of an enum'],
  ['f_bytes', '-_8', '{"f_bytes":"+/8="}', 'two alphabets of base64'],
  ['w_duration', '1.0s', '{"w_duration":"1s"}', 'two spellings of a duration'],
  ['f_string', 'a', '{"f_string":""}', 'a default without presence says nothing'],
  ['f_string', 'a', '{"f_string":null}', 'null says nothing'],
  ['book.title', 'a', '{"book":null}', 'null of a message'],
  ['c_string', 'a', '{"c_int32":null}', 'null of a oneof member'],
];

for (const [variable, capture, body, name] of AGREED) {
  test(`no disagreement: ${name}`, () => {
    const to = binding(`POST /v1/{${variable}}`, { body: '*' });
    const expected = bound(binding(`GET /v1/{${variable}}`), { captures: [capture] });
    assert.deepEqual(bound(to, { captures: [capture], body }), expected);
  });
}

test('a default with presence is a value', () => {
  const to = binding('POST /v1/{o_string}', { body: '*' });
  const run = (): unknown => bind(to, { captures: ['a'], body: '{"o_string":""}' });
  assert.equal(refusal(run).pg, 'PG_CONFLICTING_FIELD');
});

test('body field: path and query bind outside it, or inside it after it', () => {
  const to = binding('POST /v1/{f_string}/{book.name}', { body: 'book' });
  const sent = {
    captures: ['a', 'n'],
    query: 'f_int32=1&book.page_count=3&book.labels[y]=2&book.tags=t',
    body: '{"title":"x","labels":{"x":"1"}}',
  };
  assert.deepEqual(bound(to, sent), {
    fString: 'a',
    fInt32: 1,
    book: { name: 'n', title: 'x', pageCount: 3, tags: ['t'], labels: { x: '1', y: '2' } },
  });
});

test('query against body: refused, else the query wins', () => {
  const sent = { query: 'book.tags=q&book.labels[x]=2', body: '{"tags":["b"],"labels":{"x":"1"}}' };
  const { pg, fields } = refusal(() => bind(binding('POST /v1/x', { body: 'book' }), sent));
  assert.deepEqual([pg, fields], ['PG_CONFLICTING_FIELD', ['book.labels', 'book.tags']]);
  const settings = { strictness: 'ignore' } as const;
  assert.deepEqual(bound(binding('POST /v1/x', { body: 'book', settings }), sent), {
    book: { tags: ['q'], labels: { x: '2' } },
  });
});

test('a wrong value in the body is named, not hidden by the path', () => {
  const to = binding('POST /v1/{book.title}', { body: '*' });
  for (const [body, field] of [
    ['{"book":{"title":5}}', 'book.title'],
    ['{"book":"x"}', 'book'],
  ] as const) {
    const { pg, fields } = refusal(() => bind(to, { captures: ['a'], body }));
    assert.deepEqual([pg, fields], ['PG_INVALID_VALUE', [field]]);
  }
});
