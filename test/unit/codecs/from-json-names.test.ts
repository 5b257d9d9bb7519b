/** Names of members, enum values and map keys, as ProtoJSON reads them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cases, every, everything, hex, read, refuses, rich } from '../../support/json-cases.ts';
import { readBoth } from '../../support/json-reading.ts';
import { message as find } from '../../support/schema/load.ts';
import { schema as vectors } from '../../support/vectors-schema.ts';

describe('names', () => {
  test('a member is given once, under whatever name', () => {
    for (const text of [
      '{"fInt32":1,"fInt32":2}',
      '{"fInt32":1,"f_int32":1}',
      '{"fInt32":null,"f_int32":1}',
      '{"fInt32":1,"\\u0066Int32":1}',
      '{"cString":"","cInt32":0}',
      '{"cString":"","cString":""}',
      '{"mString":{"a":"","a":""}}',
      '{"mString":{"a":"","\\u0061":""}}',
      '{"mInt32":{"1":"","01":""}}',
      '{"mInt32":{"0":"","-0":""}}',
      '{"wStruct":{"a":1,"a":2}}',
      '{"wAny":{"@type":"a/vectors.v1.Book","@type":"a/vectors.v1.Book"}}',
    ]) {
      assert.equal(every(text), 'refused', text);
      assert.equal(every(text, { ignoreUnknown: true }), 'refused', text);
    }
  });

  test('many names of one object are told from each other, with and without escapes', () => {
    const names = Array.from({ length: 100 }, (_, i) => `"k${i}":"v"`);
    const written = every(`{"mString":{${names.join(',')}}}`) as { m_string: object };
    assert.equal(Object.keys(written.m_string).length, 100);
    for (const twice of ['k0', 'k99', '\\u006b5']) {
      assert.equal(every(`{"mString":{${names.join(',')},"${twice}":"v"}}`), 'refused', twice);
    }
  });

  test('what is unknown is refused, or left out, counted and still checked', () => {
    const reading = { schema: vectors, message: everything, options: { ignoreUnknown: true } };
    const json =
      '{"x":[1,{"a":null}],"fColor":"NOPE","rColor":["RED","NOPE"],"mColor":{"a":"NOPE"},"y":1e999}';
    const some = readBoth(reading, json);
    assert.equal(some?.ignored, 5);
    assert.equal(some.bytes.toString('hex'), '82020101');
    assert.equal(every(json), 'refused');
    for (const text of [
      '{"x":1,"x":2}',
      '{"x":{"a":1,"a":1}}',
      '{"x":01}',
      '{"x":"\\x"}',
      '{"x":tru}',
      '{"x":}',
      '{"x":[1,]}',
    ]) {
      assert.equal(every(text, { ignoreUnknown: true }), 'refused', text);
    }
    assert.deepEqual(every('{"x":"\\ud800","\\ud800":1}', { ignoreUnknown: true }), {});
  });

  test('hostile names are only names', () => {
    const hostile = find(cases, 'cases.v1.Hostile');
    const json = JSON.stringify({ 'a"b': '1', 'a\nb': '2', __proto__x: 0 }).replace(
      '__proto__x":0',
      '__proto__":"3"',
    );
    assert.deepEqual(read(hostile, json), { quote: '1', line: '2', proto: '3' });
    assert.deepEqual(read(hostile, '{"\\u0061\\"b":"1","é":"5","at":"6"}'), {
      quote: '1',
      accent: '5',
      at: '6',
    });
    assert.deepEqual(read(hostile, `{"');process.exit(1);('":"4"}`), { code: '4' });
    refuses(hostile, ['{"a"b":"1"}', '{"constructor":"1"}', '{"":"1"}', '{"\u0000a\\"b":"1"}']);
  });

  test('types with many fields and oneofs', () => {
    const many = find(cases, 'cases.v1.Many');
    const all = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`field${i}`, i + 1]));
    assert.equal(Object.keys(read(many, JSON.stringify(all)) as object).length, 300);
    refuses(many, [
      '{"field299":1,"field_299":1}',
      '{"field31":1,"field31":1}',
      '{"field32":1,"field32":1}',
    ]);
    const choices = find(cases, 'cases.v1.Choices');
    assert.deepEqual(read(choices, '{"left39":true,"right0":true}'), {
      left_39: true,
      right_0: true,
    });
    for (let i = 0; i < 40; i++) refuses(choices, [`{"left${i}":true,"right${i}":false}`]);
  });

  test('extensions and groups', () => {
    const legacy = find(rich, 'rich.v1.Legacy');
    assert.equal(
      hex(
        legacy,
        '{"[rich.v1.note]":"n","result":{"url":"u"},"row":[{"cell":1},{}],"[rich.v1.extra]":[1,2]}',
      ),
      'a206016e330a0175343b08013c3b3ca80601a80602',
    );
    refuses(legacy, ['{"rich.v1.note":"n"}', '{"note":"n"}']);
  });
});

describe('enums', () => {
  test('by name and number; closed ones take no other', () => {
    assert.deepEqual(every('{"rColor":["GRASS",-3,2.0,1e1,"BLUE",99]}'), {
      r_color: [2, -3, 2, 10, -3, 99],
    });
    for (const text of ['"red"', '"2"', '1.5', '2147483648', 'true', 'null']) {
      assert.equal(every(`{"rColor":[${text}]}`), 'refused', text);
    }
    const edition = find(rich, 'rich.v1.Edition');
    assert.equal(hex(edition, '{"closed":3,"open":77}'), '4003484d');
    refuses(edition, ['{"closed":4}', '{"closed":0}']);
    assert.equal(read(edition, '{"closed":4}', { ignoreUnknown: true }), 'refused');
  });

  test('without regard to case where that is wanted', () => {
    const options = { caseInsensitiveEnums: true };
    assert.deepEqual(every('{"rColor":["red","Blue","GREEN"]}', options), { r_color: [1, -3, 2] });
    assert.equal(every('{"rColor":["reds"]}', options), 'refused');
  });
});

describe('maps', () => {
  const maps = find(cases, 'cases.v1.Maps');
  const ranges: readonly (readonly [string, string, string])[] = [
    ['int32s', '-2147483648', '2147483647'],
    ['int64s', '-9223372036854775808', '9223372036854775807'],
    ['uint32s', '0', '4294967295'],
    ['uint64s', '0', '18446744073709551615'],
    ['sint32s', '-2147483648', '2147483647'],
    ['sint64s', '-9223372036854775808', '9223372036854775807'],
    ['fixed32s', '0', '4294967295'],
    ['fixed64s', '0', '18446744073709551615'],
    ['sfixed32s', '-2147483648', '2147483647'],
    ['sfixed64s', '-9223372036854775808', '9223372036854775807'],
  ];

  test('keys of every integer type, to their ends', () => {
    for (const [name, min, max] of ranges) {
      const map = read(maps, `{"${name}":{"${min}":true,"${max}":false,"007":true}}`) as Record<
        string,
        object
      >;
      const keys = Object.keys(map[name] ?? {});
      assert.deepEqual(keys.sort(), [min, max, '7'].sort(), name);
      for (const key of [
        `${BigInt(max) + 1n}`,
        `${BigInt(min) - 1n}`,
        '+1',
        '1.0',
        '1e1',
        '',
        ' 1',
        'a',
      ]) {
        refuses(maps, [`{"${name}":{"${key}":true}}`]);
      }
    }
  });

  test('keys of bools and strings', () => {
    assert.deepEqual(read(maps, '{"bools":{"true":true,"false":true}}'), {
      bools: { true: true, false: true },
    });
    refuses(maps, [
      '{"bools":{"True":true}}',
      '{"bools":{"1":true}}',
      '{"bools":{true:true}}',
      '{"strings":{"\\ud800":true}}',
      '{"strings":{1:true}}',
      '{"strings":[]}',
    ]);
    assert.equal(hex(maps, '{"strings":{"":false}}'), '62040a001000');
  });

  test('an entry that was left out leaves its key, but not its spelling', () => {
    const options = { ignoreUnknown: true };
    assert.deepEqual(
      read(
        rich.messages.get('rich.v1.Book') ?? maps,
        '{"genres":{"1":"NOPE","01":"NOVEL"}}',
        options,
        rich,
      ),
      {
        genres: { 1: 1 },
      },
    );
    assert.equal(
      read(
        rich.messages.get('rich.v1.Book') ?? maps,
        '{"genres":{"1":"NOPE","1":"NOVEL"}}',
        options,
        rich,
      ),
      'refused',
    );
  });
});
