import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bind, binding, bound, refusal } from '../../support/vectors-schema.ts';

const whole = binding('POST /v1/things', { body: '*' });
const field = (body: string): ReturnType<typeof binding> => binding('POST /v1/things', { body });

test('body *: the message is the JSON body; nothing is the empty message', () => {
  assert.deepEqual(bound(whole, { body: '{"f_int32":5,"book":{"pageCount":3}}' }), {
    fInt32: 5,
    book: { pageCount: 3 },
  });
  assert.deepEqual(bound(whole, {}), {});
  assert.deepEqual(bound(whole, { body: '' }), {});
  assert.deepEqual(bound(whole, { body: ' {} ' }), {});
});

test('numbers keep every digit', () => {
  const body = `{"f_int64":9007199254740993,"f_uint64":18446744073709551615,"f_sint64":-9007199254740993.0,
    "f_double":9007199254740993,"f_fixed64":"9007199254740993.0","r_int64":[9007199254740993],
    "m_bool":{"true":9007199254740993},"w_int64":9007199254740993,"w_value":9007199254740993,
    "book":{"author":{"born":1e18}}}`;
  assert.deepEqual(bound(whole, { body }), {
    fInt64: '9007199254740993',
    fUint64: '18446744073709551615',
    fSint64: '-9007199254740993',
    fDouble: 9007199254740992,
    fFixed64: '9007199254740993',
    rInt64: ['9007199254740993'],
    mBool: { true: '9007199254740993' },
    wInt64: '9007199254740993',
    wValue: 9007199254740992,
    book: { author: { born: '1000000000000000000' } },
  });
});

test('special types inside a body', () => {
  const json = {
    wStruct: { a: { b: [1, null, 'x'] }, unknown: true },
    wValue: [{ any: 'thing' }],
    wList: [1, [2]],
    wAny: { '@type': 'type.googleapis.com/vectors.v1.Book', title: 'x' },
    wMask: 'pageCount',
    wString: '',
    mBook: { k: { title: 'x' } },
    otherName: 'x',
    odd: { constructor: 'y' },
  };
  assert.deepEqual(bound(whole, { body: JSON.stringify(json) }), json);
  const any = { wAny: { '@type': 'type.googleapis.com/google.protobuf.Duration', value: '1s' } };
  assert.deepEqual(bound(whole, { body: JSON.stringify(any) }), any);
  const proto = '{"w_struct":{"__proto__":{"x":1}},"m_string":{"__proto__":"y"}}';
  const bytes = JSON.stringify(bound(whole, { body: proto }));
  assert.equal(bytes, '{"wStruct":{"__proto__":{"x":1}},"mString":{"__proto__":"y"}}');
  assert.equal(Reflect.get({}, 'x'), undefined);
});

const FIELDS: readonly (readonly [string, string, unknown])[] = [
  ['book', '{"title":"x"}', { book: { title: 'x' } }],
  ['book', '{}', { book: {} }],
  ['book', 'null', {}],
  ['f_string', '"x"', { fString: 'x' }],
  ['fString', '"x"', { fString: 'x' }],
  ['f_int64', '9007199254740993', { fInt64: '9007199254740993' }],
  ['f_color', '"RED"', { fColor: 'RED' }],
  ['r_string', '["a","b"]', { rString: ['a', 'b'] }],
  ['r_book', '[{"title":"x"},{}]', { rBook: [{ title: 'x' }, {}] }],
  ['m_string', '{"a":"b"}', { mString: { a: 'b' } }],
  ['w_time', '"2026-01-01T00:00:00Z"', { wTime: '2026-01-01T00:00:00Z' }],
  ['w_struct', '{"a":1}', { wStruct: { a: 1 } }],
  ['w_value', 'null', { wValue: null }],
  ['w_string', '""', { wString: '' }],
  ['o_string', '""', { oString: '' }],
];

for (const [name, body, expected] of FIELDS) {
  test(`body "${name}": ${body}`, () => {
    assert.deepEqual(bound(field(name), { body }), expected);
  });
}

test('body of a field that was not sent leaves the field unset', () => {
  assert.deepEqual(bound(field('book'), {}), {});
});

const REFUSED: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['*', '{"f_int32":"x"}', 'PG_INVALID_VALUE', ['f_int32']],
  ['*', '{"f_int32":2147483648,"f_bool":"true"}', 'PG_INVALID_VALUE', ['f_int32', 'f_bool']],
  ['*', '{"f_int64":9223372036854775808}', 'PG_INVALID_VALUE', ['f_int64']],
  ['*', '{"f_int64":"9007199254740993.5"}', 'PG_INVALID_VALUE', ['f_int64']],
  ['*', '{"f_int32":1.0000000000000001}', 'PG_INVALID_VALUE', ['f_int32']],
  ['*', '{"f_double":1e400}', 'PG_INVALID_VALUE', ['f_double']],
  ['*', '{"w_value":{"a":[1e400]}}', 'PG_INVALID_VALUE', ['w_value.a[0]']],
  ['*', '{"f_string":12345678901234567890}', 'PG_INVALID_VALUE', ['f_string']],
  ['*', '{"f_string":"\\ud800"}', 'PG_INVALID_VALUE', ['f_string']],
  ['*', '{"f_bytes":"a"}', 'PG_INVALID_VALUE', ['f_bytes']],
  ['*', '{"f_color":"PURPLE"}', 'PG_INVALID_VALUE', ['f_color']],
  ['*', '{"r_int32":[1,null]}', 'PG_INVALID_VALUE', ['r_int32[1]']],
  [
    '*',
    '{"r_book":[{},{"pages":[{"number":[]}]}]}',
    'PG_INVALID_VALUE',
    ['r_book[1].pages[0].number'],
  ],
  ['*', '{"m_book":{"a b":{"pageCount":{}}}}', 'PG_INVALID_VALUE', ['m_book["a b"].pageCount']],
  ['*', '{"m_int32":{"1":"a","01":"b"}}', 'PG_INVALID_VALUE', ['m_int32']],
  ['*', '{"book":5}', 'PG_INVALID_VALUE', ['book']],
  ['*', '{"book":[]}', 'PG_INVALID_VALUE', ['book']],
  ['*', '{"f_int32":1,"fInt32":1}', 'PG_INVALID_VALUE', ['fInt32']],
  ['*', '{"book":{"title":"a","title":"a"}}', 'PG_INVALID_VALUE', ['book.title']],
  ['*', '{"c_string":"a","c_int32":1}', 'PG_INVALID_VALUE', ['c_int32']],
  ['*', '{"w_any":{"@type":"no.such"}}', 'PG_INVALID_VALUE', ['w_any.@type']],
  ['*', '{"w_any":{"title":"x"}}', 'PG_INVALID_VALUE', ['w_any']],
  ['*', '{"w_mask":"a_b"}', 'PG_INVALID_VALUE', ['w_mask']],
  ['*', '[]', 'PG_INVALID_VALUE', ['']],
  ['*', 'null', 'PG_INVALID_VALUE', ['']],
  ['book', '5', 'PG_INVALID_VALUE', ['book']],
  ['r_string', '"x"', 'PG_INVALID_VALUE', ['r_string']],
  [
    '*',
    '{"a":1,"book":{"b":2,"pages":[{"c":3}]}}',
    'PG_UNKNOWN_FIELD',
    ['a', 'book.b', 'book.pages[0].c'],
  ],
  [
    '*',
    '{"m_book":{"k":{"d":1}},"w_any":{"@type":"/vectors.v1.Book","e":1}}',
    'PG_UNKNOWN_FIELD',
    ['m_book["k"].d', 'w_any.e'],
  ],
  ['*', '{"__proto__":{}}', 'PG_UNKNOWN_FIELD', ['__proto__']],
  ['book', '{"titel":"x"}', 'PG_UNKNOWN_FIELD', ['book.titel']],
  ['*', '{"f_int32":1', 'PG_MALFORMED_JSON', []],
  ['*', ' ', 'PG_MALFORMED_JSON', []],
  ['*', '\ufeff{}', 'PG_MALFORMED_JSON', []],
  ['*', '['.repeat(101), 'PG_TOO_DEEP', []],
  ['*', `{"w_value":${'['.repeat(99)}${']'.repeat(99)}}`, 'PG_TOO_DEEP', []],
];

for (const [body, text, code, names] of REFUSED) {
  test(`body "${body}" refuses ${text.slice(0, 60)}`, () => {
    const { pg, fields } = refusal(() => bound(field(body), { body: text }));
    assert.deepEqual([pg, fields], [code, names]);
  });
}

test('not UTF-8 is refused with its offset', () => {
  const body = Buffer.concat([Buffer.from('{"f_string":"'), Buffer.of(0xff), Buffer.from('"}')]);
  const { pg, text } = refusal(() => bind(whole, { body }));
  assert.equal(pg, 'PG_NOT_UTF8');
  assert.match(text, /byte 13$/);
});

test('body *: a query parameter is an unknown parameter', () => {
  const { pg, fields } = refusal(() => bind(whole, { body: '{}', query: 'f_int32=1' }));
  assert.deepEqual([pg, fields], ['PG_UNKNOWN_FIELD', ['f_int32']]);
});

test('no body in the rule: one that is sent is refused, warned of or ignored', () => {
  const get = binding('GET /v1/x');
  assert.equal(refusal(() => bind(get, { body: '{}' })).pg, 'PG_UNEXPECTED_BODY');
  assert.deepEqual(bind(get, { body: '' }).unknown, []);
  const warning = binding('GET /v1/x', { settings: { strictness: 'warn' } });
  assert.deepEqual(bind(warning, { body: '{' }).unknown, ['(body)']);
  const ignoring = binding('GET /v1/x', { settings: { strictness: 'ignore' } });
  assert.deepEqual(bound(ignoring, { body: '{', query: 'f_int32=1' }), { fInt32: 1 });
});

test('warn lists what was dropped once, and no more than a hundred', () => {
  const warning = binding('POST /v1/x', { body: '*', settings: { strictness: 'warn' } });
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`x${at}`, at]));
  const { unknown } = bind(warning, { body: JSON.stringify({ f_int32: 1, ...many }) });
  assert.equal(unknown.length, 100);
  const { fields } = refusal(() => bind(whole, { body: JSON.stringify(many) }));
  assert.equal(fields.length, 101);
});

test('a later message of a stream is its body alone', () => {
  const to = binding('POST /v1/{f_string}/x', { body: 'book' });
  const first = bound(to, { captures: ['a'], query: 'f_int32=1', body: '{"title":"x"}' });
  assert.deepEqual(first, { fString: 'a', fInt32: 1, book: { title: 'x' } });
  const { bytes } = to.bindNext(Buffer.from('{"title":"y"}'), undefined);
  assert.equal(Buffer.from(bytes).toString('hex'), '8a0103120179');
});

test('messages that are no object in JSON', () => {
  const to = binding('POST /v1/x', { body: '*', method: 'Wrapped' });
  const name = 'google.protobuf.StringValue';
  assert.equal(bound(to, { body: '"x"' }, name), 'x');
  assert.equal(bound(to, {}, name), '');
  assert.equal(refusal(() => bound(to, { body: '5' }, name)).pg, 'PG_INVALID_VALUE');
});
