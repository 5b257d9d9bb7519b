/** Well-known types, depth and single fields, as ProtoJSON reads them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  jsonFieldReader,
  jsonReader,
  readJson,
} from '../../../src/codecs/proto-json/from-json/read-json.ts';
import { layoutOf } from '../../../src/codecs/proto-json/layout.ts';
import { cases, every, everything, hex, read, refuses } from '../../support/json-cases.ts';
import { sameWritten, written } from '../../support/json-reading.ts';
import { message as find } from '../../support/schema/load.ts';
import { schema as vectors } from '../../support/vectors-schema.ts';

describe('well-known types', () => {
  const holder = find(cases, 'cases.v1.Holder');

  test('an Any says its type anywhere', () => {
    const any = (members: string): string | undefined => hex(holder, `{"any":{${members}}}`);
    const value = any('"@type":"a/google.protobuf.Duration","value":"1s"');
    assert.ok(value !== undefined);
    assert.equal(any('"value" : "1s" , "@type" : "a/google.protobuf.Duration"'), value);
    assert.equal(any('"value":"1s","\\u0040type":"a\\/google.protobuf.Duration"'), value);
    assert.equal(any(''), '0a00');
    assert.equal(
      any('"next":{"next":{}},"@type":"a/cases.v1.Holder"'),
      any('"@type":"a/cases.v1.Holder","next":{"next":{}}'),
    );
    for (const members of [
      '"value":"1s"',
      '"@type":"a/google.protobuf.Duration"',
      '"@type":"a/google.protobuf.Duration","value":"1s","x":1',
      '"@type":"a/no.such.Type"',
      '"@type":""',
      '"@type":null',
      '"@type":5',
      '"@type":"a/cases.v1.Holder","value":{}',
      '"@type":"a/google.protobuf.Int64Value","value":null',
      '"@type":"a/google.protobuf.Value"',
    ]) {
      assert.equal(any(members), undefined, members);
    }
    assert.equal(
      any('"@type":"a/google.protobuf.Value","value":null'),
      any('"value":null,"@type":"a/google.protobuf.Value"'),
    );
  });

  test('an Any in an Any is looked through once, not once per level', () => {
    const nest = (depth: number): string =>
      depth === 0 ? '{}' : `{"any":${nest(depth - 1)},"@type":"a/cases.v1.Holder"}`;
    const wide = `{"any":${nest(40)}}`;
    assert.ok(hex(holder, wide) !== undefined);
    const twice = wide.replaceAll('"@type"', '"@type":"a/cases.v1.Holder","@type"');
    assert.equal(hex(holder, twice), undefined);
  });

  test('a Struct has names, a Value any JSON but infinite numbers', () => {
    assert.equal(
      hex(holder, '{"struct":{"__proto__":{"a":[]}}}'),
      hex(holder, '{ "struct" : { "__proto__" : { "a" : [ ] } } }'),
    );
    refuses(holder, [
      '{"struct":[]}',
      '{"struct":{"a":1e400}}',
      '{"struct":{"a":"\\udc00"}}',
      '{"struct":{"\\udc00":1}}',
      '{"struct":{"a":}}',
      '{"struct":{"a":1,}}',
      '{"struct":"x"}',
    ]);
  });

  test('as the whole text', () => {
    const whole = (name: string, json: string): string | undefined =>
      hex(find(vectors, name), json);
    assert.equal(whole('google.protobuf.StringValue', ' "x" '), '0a0178');
    assert.equal(whole('google.protobuf.StringValue', 'null'), undefined);
    assert.equal(whole('google.protobuf.Value', 'null'), '0800');
    assert.equal(whole('google.protobuf.Duration', '"-0.5s"'), '1080b6ca91feffffffff01');
    assert.equal(whole('google.protobuf.Empty', '{}'), '');
    assert.equal(whole('google.protobuf.Empty', 'null'), undefined);
    assert.equal(whole('google.protobuf.FieldMask', '"aB.cD,e"'), '0a07615f622e635f640a0165');
  });
});

describe('depth', () => {
  test('objects and lists count, whatever they hold', () => {
    const holder = find(cases, 'cases.v1.Holder');
    const nested = (depth: number): string =>
      '{"next":'.repeat(depth - 1) + '{}' + '}'.repeat(depth - 1);
    const struct = (depth: number): string =>
      `{"struct":{"a":${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}}}`;
    const unknown = (depth: number): string =>
      `{"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    for (const make of [nested, struct, unknown]) {
      const options = { maxDepth: 20, ignoreUnknown: true };
      assert.notEqual(read(holder, make(20), options), 'refused', make.name);
      assert.equal(read(holder, make(21), options), 'refused', make.name);
    }
    // Siblings do not.
    assert.notEqual(
      every(`{"rBook":[${Array(200).fill('{}').join(',')}]}`, { maxDepth: 3 }),
      'refused',
    );
  });
});

describe('one field alone', () => {
  const field = (name: string, json: string): string | undefined => {
    const layout = layoutOf(everything);
    const one = layout.byName.get(name);
    assert.ok(one !== undefined);
    const result = sameWritten((mode) =>
      written(jsonFieldReader(layout, one, mode), Buffer.from(json), { schema: vectors }),
    );
    return result?.bytes.toString('hex');
  };

  test('a body that stands for it', () => {
    assert.equal(field('book', ' {"name":"x"} '), '8a01030a0178');
    assert.equal(field('r_int32', '[1,2]'), 'fa01020102');
    assert.equal(field('m_string', '{"a":"b"}'), 'c202060a0161120162');
    assert.equal(field('f_int32', '0'), '');
    assert.equal(field('book', 'null'), '');
    assert.equal(field('book', '{} {}'), undefined);
    assert.equal(field('book', ''), undefined);
  });
});

test('the way in which a type is read is made once', () => {
  const layout = layoutOf(everything);
  assert.equal(jsonReader(layout), jsonReader(layout, 'compiled'));
  assert.equal(jsonReader(layout, 'interpreted'), jsonReader(layout, 'interpreted'));
  const result = written((...all) => readJson(layout, ...all), Buffer.from('{"fInt32":5}'), {
    schema: vectors,
  });
  assert.equal(result?.bytes.toString('hex'), '1805');
});
