/** Numbers that a closed enum has not count as unknown fields, which JSON has not. Source: protobuf.dev/programming-guides/enum. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutOf } from '../../../src/codecs/proto-json/layout.ts';
import { Output } from '../../../src/codecs/proto-json/output.ts';
import { jsonWriter } from '../../../src/codecs/proto-json/to-json/write.ts';
import { loadText, message } from '../../support/schema/load.ts';

const schema = await loadText({
  'closed.proto': `
    syntax = "proto2";
    package closed.v1;
    enum Kind { NINE = 9; ONE = 1; }
    message Kinds {
      optional Kind single = 1;
      repeated Kind many = 2;
      repeated Kind packed = 3 [packed = true];
      map<string, Kind> by_name = 4;
      oneof choice { Kind kind = 5; string text = 6; }
    }`,
});
const layout = layoutOf(message(schema, 'closed.v1.Kinds'));
const OPTIONS = {
  emitDefaults: false,
  enumsAsNumbers: false,
  protoNames: false,
  int64: 'string',
  anyLayout: () => undefined,
} as const;

function json(hex: string, options: Partial<Record<'enumsAsNumbers', boolean>> = {}): unknown {
  const [compiled, interpreted] = (['compiled', 'interpreted'] as const).map((mode) => {
    const out = new Output(1);
    jsonWriter(layout, { ...OPTIONS, ...options }, mode)(Buffer.from(hex, 'hex'), out);
    return JSON.parse(out.copy().toString());
  });
  assert.deepEqual(compiled, interpreted);
  return compiled;
}

test('an unknown number is no value, and takes none away that came before', () => {
  assert.deepEqual(json('0802'), {});
  assert.deepEqual(json('08010802'), { single: 'ONE' });
  assert.deepEqual(json('0802', { enumsAsNumbers: true }), {});
});

test('lists keep what is known, packed or not', () => {
  assert.deepEqual(json('100110021009'), { many: ['ONE', 'NINE'] });
  assert.deepEqual(json('1a03010209'), { packed: ['ONE', 'NINE'] });
  assert.deepEqual(json('1a0102'), {});
});

test('an entry of a map with such a value is no entry; one without a value has the first of the enum', () => {
  assert.deepEqual(json('22050a01611002'), {});
  assert.deepEqual(json('22050a0161100122050a01611002'), { byName: { a: 'ONE' } });
  assert.deepEqual(json('22030a0161'), { byName: { a: 'NINE' } });
});

test('a oneof keeps its other member', () => {
  assert.deepEqual(json('3201612802'), { text: 'a' });
});
