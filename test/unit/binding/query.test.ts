import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bind, binding, bound, refusal } from '../../support/vectors-schema.ts';

const get = binding('GET /v1/things');

const VALUES: readonly (readonly [string, unknown])[] = [
  ['', {}],
  ['&&', {}],
  ['f_string=a+b%2Bc%26', { fString: 'a b+c&' }],
  ['fString=%C3%A9', { fString: 'é' }],
  ['f_string=\u00c3\u00a9', { fString: 'é' }],
  ['f%5Fstring=x', { fString: 'x' }],
  ['f_string=a=b', { fString: 'a=b' }],
  ['o_string=', { oString: '' }],
  ['o_string', { oString: '' }],
  ['f_string=', {}],
  ['o_int32=0&o_bool=false&oColor=0', { oInt32: 0, oBool: false, oColor: 'COLOR_UNSPECIFIED' }],
  ['book.title=x&book.pageCount=3', { book: { title: 'x', pageCount: 3 } }],
  ['book.author.mentor.born=5', { book: { author: { mentor: { born: '5' } } } }],
  ['r_string=a&rString=b&r_string=', { rString: ['a', 'b', ''] }],
  ['r_int32=1&r_int32=2', { rInt32: [1, 2] }],
  ['r_color=RED&r_color=2', { rColor: ['RED', 'GREEN'] }],
  ['r_time=2026-01-01T00:00:00Z', { rTime: ['2026-01-01T00:00:00Z'] }],
  ['r_int64=9007199254740993', { rInt64: ['9007199254740993'] }],
  ['book.tags=a&book.tags=b', { book: { tags: ['a', 'b'] } }],
  ['m_string[a.b]=c&mString%5Bd%5D=e&m_string[]=f', { mString: { 'a.b': 'c', d: 'e', '': 'f' } }],
  ['m_int32[-5]=x', { mInt32: { '-5': 'x' } }],
  ['m_bool[true]=5', { mBool: { true: '5' } }],
  ['m_color[a]=RED', { mColor: { a: 'RED' } }],
  ['book.labels[k]=v', { book: { labels: { k: 'v' } } }],
  ['w_time=2026-01-01T00:00:00%2B01:00', { wTime: '2025-12-31T23:00:00Z' }],
  ['w_mask=pageCount,author.name', { wMask: 'pageCount,author.name' }],
  ['w_mask=', { wMask: '' }],
  ['w_string=', { wString: '' }],
  ['w_string.value=x', { wString: 'x' }],
  ['w_struct={"a":[1,null]}', { wStruct: { a: [1, null] } }],
  ['w_value=null', { wValue: null }],
  ['w_value="x"', { wValue: 'x' }],
  ['w_list=[1,"a"]', { wList: [1, 'a'] }],
  ['c_int32=0', { cInt32: 0 }],
  ['odd.constructor=x&odd.to_string=y', { odd: { constructor: 'x', toString: 'y' } }],
];

for (const [query, expected] of VALUES) {
  test(`?${query}`, () => {
    assert.deepEqual(bound(get, { query }), expected);
  });
}

const REFUSED: readonly (readonly [string, string, readonly string[], RegExp])[] = [
  ['f_strin=x', 'PG_UNKNOWN_FIELD', ['f_strin'], /did you mean "f_string"\?/],
  ['x=1&book.y=2&f_int32=z', 'PG_UNKNOWN_FIELD', ['x', 'book.y'], /and 1 more/],
  ['__proto__=x', 'PG_UNKNOWN_FIELD', ['__proto__'], /no field "__proto__"/],
  ['__proto__.x=x', 'PG_UNKNOWN_FIELD', ['__proto__.x'], /no field "__proto__"/],
  ['odd.toString.x=x', 'PG_INVALID_VALUE', ['odd.toString.x'], /to_string is no message/],
  ['constructor=x', 'PG_UNKNOWN_FIELD', ['constructor'], /no field "constructor"/],
  ['$alt=x', 'PG_UNKNOWN_FIELD', ['$alt'], /no field/],
  ['=x', 'PG_UNKNOWN_FIELD', [''], /no field/],
  ['f_int32=1&fInt32=1', 'PG_INVALID_VALUE', ['fInt32'], /more than once/],
  ['w_string=a&w_string.value=a', 'PG_INVALID_VALUE', ['w_string.value'], /more than once/],
  ['m_string[a]=1&m_string[a]=2', 'PG_INVALID_VALUE', ['m_string[a]'], /more than once/],
  ['m_string=1', 'PG_INVALID_VALUE', ['m_string'], /write m_string\[key\]=value/],
  ['f_string[a]=1', 'PG_INVALID_VALUE', ['f_string[a]'], /no map/],
  ['r_string[0]=1', 'PG_INVALID_VALUE', ['r_string[0]'], /no map/],
  ['m_int32[x]=1', 'PG_INVALID_VALUE', ['m_int32["x"]'], /expected an integer as key/],
  ['m_book[a]=1', 'PG_INVALID_VALUE', ['m_book[a]'], /only be given in a body/],
  ['book=x', 'PG_INVALID_VALUE', ['book'], /one by one, as book\.name/],
  ['r_book=x', 'PG_INVALID_VALUE', ['r_book'], /only be given in a body/],
  ['r_book.title=x', 'PG_INVALID_VALUE', ['r_book.title'], /r_book is repeated/],
  ['w_any=x', 'PG_INVALID_VALUE', ['w_any'], /google\.protobuf\.Any/],
  ['w_time.seconds=1', 'PG_INVALID_VALUE', ['w_time.seconds'], /given as one value/],
  ['f_string.x=1', 'PG_INVALID_VALUE', ['f_string.x'], /no message/],
  ['r_int32=1&r_int32=x', 'PG_INVALID_VALUE', ['r_int32'], /decimal integer/],
  ['fInt32=2147483648', 'PG_INVALID_VALUE', ['fInt32'], /out of range/],
  ['r_int32=1&r_int32=2147483648', 'PG_INVALID_VALUE', ['r_int32[1]'], /out of range/],
  ['f_bool=', 'PG_INVALID_VALUE', ['f_bool'], /true or false/],
  ['f_bytes=a+b=', 'PG_INVALID_VALUE', ['f_bytes'], /write %2B or -/],
  ['w_struct=[]', 'PG_INVALID_VALUE', ['w_struct'], /expected an object/],
  ['w_struct={', 'PG_MALFORMED_JSON', [], /line 1, column 2/],
  ['c_int32=1&c_string=x', 'PG_CONFLICTING_FIELD', ['c_string'], /members of oneof choice/],
  ['f_string=%zz', 'PG_BAD_TARGET', [], /"f_string"/],
  ['f_string=%a', 'PG_BAD_TARGET', [], /"f_string"/],
  ['f%string=x', 'PG_BAD_TARGET', [], /"f%string"/],
  ['f_string=%ff', 'PG_NOT_UTF8', [], /"f_string"/],
  ['f_string=%ed%a0%80', 'PG_NOT_UTF8', [], /"f_string"/],
  [`${'self.'.repeat(100)}f_int32=1`, 'PG_TOO_DEEP', [], /deeper than 100/],
  ['r_int32=1&'.repeat(1001), 'PG_BAD_TARGET', [], /more than 1000 parameters/],
];

for (const [query, code, names, reason] of REFUSED) {
  test(`?${query.slice(0, 60)} is ${code}`, () => {
    const { pg, text, fields } = refusal(() => bound(get, { query }));
    assert.deepEqual([pg, fields], [code, names]);
    assert.match(text, reason);
  });
}

test('unknown parameters: warn names them, ignore drops them', () => {
  const query = 'x=1&f_int32=5&book.y=2&x=3';
  const warning = bind(binding('GET /v1/x', { settings: { strictness: 'warn' } }), { query });
  assert.deepEqual(warning.unknown, ['x', 'book.y']);
  const ignoring = binding('GET /v1/x', { settings: { strictness: 'ignore' } });
  assert.deepEqual(bind(ignoring, { query }).unknown, []);
  assert.deepEqual(bound(ignoring, { query }), { fInt32: 5 });
});

test('a wrong value is refused whatever the strictness', () => {
  const ignoring = binding('GET /v1/x', { settings: { strictness: 'ignore' } });
  assert.equal(refusal(() => bound(ignoring, { query: 'f_int32=x&y=1' })).pg, 'PG_INVALID_VALUE');
});
