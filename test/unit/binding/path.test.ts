import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binding, bound, refusal } from '../../support/vectors-schema.ts';

const VALUES: readonly (readonly [string, string, unknown])[] = [
  ['f_double', '1.5e3', { fDouble: 1500 }],
  ['f_double', '-Infinity', { fDouble: '-Infinity' }],
  ['f_float', '0.5', { fFloat: 0.5 }],
  ['f_int32', '-2147483648', { fInt32: -2147483648 }],
  ['f_int64', '9007199254740993', { fInt64: '9007199254740993' }],
  ['f_uint32', '4294967295', { fUint32: 4294967295 }],
  ['f_uint64', '18446744073709551615', { fUint64: '18446744073709551615' }],
  ['f_sint32', '-1', { fSint32: -1 }],
  ['f_sint64', '-1', { fSint64: '-1' }],
  ['f_fixed32', '1', { fFixed32: 1 }],
  ['f_fixed64', '1', { fFixed64: '1' }],
  ['f_sfixed32', '-1', { fSfixed32: -1 }],
  ['f_sfixed64', '-9223372036854775808', { fSfixed64: '-9223372036854775808' }],
  ['f_bool', 'true', { fBool: true }],
  ['f_string', 'a+b%', { fString: 'a+b%' }],
  ['f_bytes', '-_8', { fBytes: '+/8=' }],
  ['f_bytes', '+/8=', { fBytes: '+/8=' }],
  ['f_color', 'GRASS', { fColor: 'GREEN' }],
  ['f_color', '-3', { fColor: 'BLUE' }],
  ['f_color', '77', { fColor: 77 }],
  ['o_int32', '0', { oInt32: 0 }],
  ['book.author.mentor.name', 'Ada', { book: { author: { mentor: { name: 'Ada' } } } }],
  ['book.pageCount', '7', { book: { pageCount: 7 } }],
  ['c_book.title', 'x', { cBook: { title: 'x' } }],
  ['w_time', '2026-01-02T03:04:05.5Z', { wTime: '2026-01-02T03:04:05.500Z' }],
  ['w_duration', '-1.5s', { wDuration: '-1.500s' }],
  ['w_mask', 'aB,cD.eF', { wMask: 'aB,cD.eF' }],
  ['w_mask', 'a_b', { wMask: 'aB' }],
  ['w_double', '1', { wDouble: 1 }],
  ['w_int64', '0', { wInt64: '0' }],
  ['w_uint64.value', '5', { wUint64: '5' }],
  ['w_bool', 'false', { wBool: false }],
  ['w_string', '', { wString: '' }],
  ['w_bytes', 'YQ', { wBytes: 'YQ==' }],
  ['odd.constructor', 'x', { odd: { constructor: 'x' } }],
  ['otherName', 'x', { otherName: 'x' }],
];

for (const [path, capture, expected] of VALUES) {
  test(`{${path}} takes ${JSON.stringify(capture)}`, () => {
    assert.deepEqual(bound(binding(`GET /v1/{${path}}`), { captures: [capture] }), expected);
  });
}

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['f_int32', '2147483648', /out of range for int32/],
  ['f_int32', '1.0', /expected a decimal integer, found "1\.0"/],
  ['f_int32', '1e3', /expected a decimal integer/],
  ['f_int32', '', /expected a decimal integer/],
  ['f_int32', ' 1', /expected a decimal integer/],
  ['f_uint32', '-1', /out of range for uint32/],
  ['f_uint64', '18446744073709551616', /out of range for uint64/],
  ['f_float', '1e39', /out of range for float/],
  ['f_double', '0x10', /expected a number/],
  ['f_double', '1e400', /out of range for double/],
  ['f_bool', '1', /expected true or false/],
  ['f_bool', 'True', /expected true or false/],
  ['f_bytes', 'a*b', /expected base64/],
  ['f_bytes', 'a', /expected base64/],
  [
    'f_color',
    'GRREN',
    /expected a value of vectors\.v1\.Color, found "GRREN"; did you mean GREEN\?/,
  ],
  ['f_color', '2147483648', /expected a value of vectors.v1.Color/],
  ['w_time', '2026-02-30T00:00:00Z', /expected a time as/],
  ['w_duration', '1', /expected seconds as/],
  ['w_mask', 'a_1', /expected paths in camelCase or snake_case/],
  ['w_int32', 'x', /expected a decimal integer/],
  ['book.page_count', 'x', /expected a decimal integer/],
];

for (const [path, capture, reason] of REFUSED) {
  test(`{${path}} refuses ${JSON.stringify(capture)}`, () => {
    const run = (): unknown => bound(binding(`GET /v1/{${path}}`), { captures: [capture] });
    const { pg, text, fields } = refusal(run);
    assert.equal(pg, 'PG_INVALID_VALUE');
    assert.deepEqual(fields, [path]);
    assert.match(text, reason);
  });
}

test('captures go to their variables in template order', () => {
  const to = binding('GET /v1/{f_string=shelves/*}/books/{book.title}:read');
  assert.deepEqual(bound(to, { captures: ['shelves/1', 'x'] }), {
    fString: 'shelves/1',
    book: { title: 'x' },
  });
});
