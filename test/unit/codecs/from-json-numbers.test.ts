/** Numbers, defaults and null, as ProtoJSON reads them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cases, every, hex, refuses, rich } from '../../support/json-cases.ts';
import { message as find } from '../../support/schema/load.ts';

describe('numbers', () => {
  test('64 bits come through as JSON numbers and as strings, in every spelling', () => {
    for (const text of ['9223372036854775807', '"9223372036854775807"', '9223372036854775807.0']) {
      assert.deepEqual(every(`{"fInt64":${text}}`), { f_int64: '9223372036854775807' });
    }
    for (const [text, value] of [
      ['9007199254740993', '9007199254740993'],
      ['-9007199254740993', '-9007199254740993'],
      ['-9223372036854775808', '-9223372036854775808'],
      ['"9007199254740993.000"', '9007199254740993'],
      ['900719925474099.3e1', '9007199254740993'],
      ['"+0000000000000000000000000000007"', '7'],
      ['1e18', '1000000000000000000'],
      ['"-1E+18"', '-1000000000000000000'],
    ]) {
      assert.deepEqual(every(`{"fInt64":${text}}`), { f_int64: value }, text);
      assert.deepEqual(every(`{"fSint64":${text}}`), { f_sint64: value }, text);
      assert.deepEqual(every(`{"fSfixed64":${text}}`), { f_sfixed64: value }, text);
    }
    for (const field of ['fUint64', 'fFixed64']) {
      const name = field === 'fUint64' ? 'f_uint64' : 'f_fixed64';
      assert.deepEqual(every(`{"${field}":18446744073709551615}`), {
        [name]: '18446744073709551615',
      });
    }
  });

  test('ranges end where the types end', () => {
    for (const [field, texts] of [
      ['fInt32', ['2147483648', '-2147483649', '"4294967296"', '9007199254740993']],
      ['fUint32', ['4294967296', '-1', '"-1"']],
      ['fFixed32', ['4294967296', '-1']],
      ['fInt64', ['9223372036854775808', '-9223372036854775809', '99999999999999999999']],
      ['fUint64', ['18446744073709551616', '-1', '"-9007199254740993"', '1e20', '1e400']],
      ['fFloat', ['3.5e38', '"-3.5e38"', '1e400']],
      ['fDouble', ['1e309', '"1e309"', '-1e400']],
    ] as const) {
      for (const text of texts) assert.equal(every(`{"${field}":${text}}`), 'refused', text);
    }
  });

  test('an integer is neither a fraction nor anything else', () => {
    for (const text of [
      '1.5',
      '"1.5"',
      '1e-1',
      '""',
      '" 1"',
      '"1 "',
      '"0x1"',
      'true',
      '[1]',
      '01',
      '+1',
      '.5',
      '1.',
      '-',
      '"-"',
      '1e',
      '"1e"',
      '--1',
      'NaN',
      '"NaN"',
      '1e-400',
    ]) {
      assert.equal(every(`{"fInt32":${text}}`), 'refused', text);
      assert.equal(every(`{"fUint64":${text}}`), 'refused', text);
    }
  });

  test('minus zero is a double of its own, and no integer', () => {
    assert.deepEqual(every('{"fDouble":-0}'), { f_double: -0 });
    assert.deepEqual(every('{"fFloat":"-0.0"}'), { f_float: -0 });
    assert.deepEqual(every('{"fInt32":-0,"fInt64":"-0","fUint32":-0.0,"fDouble":0}'), {});
    assert.deepEqual(every('{"oInt32":-0}'), { o_int32: 0 });
  });

  test('doubles are rounded as JSON.parse rounds them', () => {
    for (const text of [
      '0.1',
      '123456.789',
      '5e-324',
      '1.7976931348623157e308',
      '0.30000000000000004',
      '123456789012345678901234567890',
      '-2.2250738585072014e-308',
      '0.000001',
    ]) {
      assert.deepEqual(every(`{"fDouble":${text}}`), { f_double: Number(text) });
      assert.deepEqual(every(`{"fDouble":"${text}"}`), { f_double: Number(text) });
    }
    assert.deepEqual(every('{"fDouble":"NaN","fFloat":"-Infinity"}'), {
      f_double: NaN,
      f_float: -Infinity,
    });
    for (const text of ['NaN', 'Infinity', '"nan"', '"inf"', '"+Infinity"', '""']) {
      assert.equal(every(`{"fDouble":${text}}`), 'refused', text);
    }
  });
});

describe('presence', () => {
  test('defaults are written only where presence is tracked', () => {
    const zero =
      '{"fInt32":0,"fString":"","fBytes":"","fBool":false,"fColor":"COLOR_UNSPECIFIED","fFixed64":0}';
    assert.deepEqual(every(zero), {});
    const tracked =
      '{"oInt32":0,"oString":"","oBool":false,"oColor":0,"cString":"","book":{},"wInt64":0}';
    assert.deepEqual(every(tracked), {
      o_int32: 0,
      o_string: '',
      o_bool: false,
      o_color: 0,
      c_string: '',
      book: {},
      w_int64: {},
    });
  });

  test('null is no value, but for Value and NullValue', () => {
    assert.deepEqual(
      every(
        '{"fInt32":null,"book":null,"rInt32":null,"mString":null,"wInt64":null,"cString":null,"cInt32":1}',
      ),
      { c_int32: 1 },
    );
    for (const text of [
      '{"rInt32":[null]}',
      '{"mString":{"a":null}}',
      '{"rBook":[null]}',
      '{"rTime":[null]}',
    ]) {
      assert.equal(every(text), 'refused', text);
    }
    const nulls = find(cases, 'cases.v1.Nulls');
    assert.equal(hex(nulls, '{"nullValue":null,"value":null}'), '12020800');
    assert.equal(
      hex(nulls, '{"nullValues":[null,"NULL_VALUE",0],"values":[null]}'),
      '1a0300000022020800',
    );
    assert.equal(hex(nulls, '{"chosenNull":null}'), '2800');
    refuses(nulls, ['{"chosenNull":null,"text":""}', '{"chosenValue":null,"text":""}']);
    assert.equal(hex(nulls, '{"chosenNull":null,"text":null}'), '2800');
    assert.equal(
      hex(find(cases, 'cases.v1.Maps'), '{"values":{"a":null},"nulls":{"b":null}}'),
      '6a070a01611202080072050a01621000',
    );
  });

  test('required fields are for the service to miss', () => {
    assert.equal(hex(find(rich, 'rich.v1.Legacy'), '{}'), '');
  });
});
