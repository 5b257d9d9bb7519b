/**
 * Names that a schema should not have: whatever they hold, they are data. Loaders refuse most of them as message and field names, so the models
 * are made by hand; a `json_name` may hold anything in every loader.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import protobuf from 'protobufjs';
import { parseJson } from '../../../src/codecs/json-text.ts';
import { generateReader } from '../../../src/codecs/proto-json/from-json/generate.ts';
import { keysOf } from '../../../src/codecs/proto-json/from-json/keys.ts';
import { layoutOf } from '../../../src/codecs/proto-json/layout.ts';
import { Output } from '../../../src/codecs/proto-json/output.ts';
import { generateWriter } from '../../../src/codecs/proto-json/to-json/generate.ts';
import { jsonWriter } from '../../../src/codecs/proto-json/to-json/write.ts';
import { decodeValue } from '../../../src/codecs/proto-json/values/decode.ts';
import { builtinSchema } from '../../../src/schema/builtin.ts';
import type { FieldModel, MessageModel, ValueType } from '../../../src/schema/model.ts';
import { readBoth } from '../../support/json-reading.ts';

const CANARY = 'canaryOfHostileNames';
const RUN = `globalThis.${CANARY}=1`;
const NAMES: readonly string[] = [
  '"',
  "'",
  '`',
  '\\',
  '\\"',
  '\n',
  '\r\n',
  '\u2028',
  '\u2029',
  '\0',
  '',
  ' ',
  '0',
  'é\u{1F600}',
  '\\u0061',
  '\\x41',
  '</script>',
  '*/',
  '//',
  '${}',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
  'arguments',
  'eval',
  `");${RUN};("`,
  `');${RUN};('`,
  `\`);${RUN};(\``,
  `\${${RUN}}`,
  `*/${RUN}/*`,
  `\n${RUN}\n`,
  `\u2028${RUN}//`,
  `}${RUN};{`,
  `case 0:${RUN};break;`,
  `\\u0022);${RUN}//`,
  'x'.repeat(20_000),
];
const OPTIONS = {
  emitDefaults: true,
  enumsAsNumbers: false,
  protoNames: false,
  int64: 'string',
  anyLayout: () => undefined,
} as const;
const MODES = ['compiled', 'interpreted'] as const;

function field(
  number: number,
  name: string,
  type: ValueType,
  more?: Partial<FieldModel>,
): FieldModel {
  return {
    name,
    jsonName: name,
    number,
    type,
    cardinality: 'implicit',
    packed: false,
    utf8: true,
    ...more,
  };
}

function model(fullName: string, fields: readonly FieldModel[]): MessageModel {
  const names = fields.flatMap((one) => [[one.name, one] as const, [one.jsonName, one] as const]);
  return {
    fullName,
    fields,
    byName: new Map(names),
    byNumber: new Map(fields.map((one) => [one.number, one])),
    runtime: new protobuf.Type('Unused'),
  };
}

const text: ValueType = { kind: 'scalar', scalar: 'string' };

/** All of the names in every place that has one, around `name` for the types. */
function hostile(name: string): MessageModel {
  const kinds: ValueType = {
    kind: 'enum',
    enum: {
      fullName: `${name}.${name}`,
      values: new Map(NAMES.map((one, number) => [one, number])),
      closed: false,
    },
  };
  const inner = model(`${name}.Inner`, [field(1, name, text)]);
  const message: ValueType = { kind: 'message', message: inner, group: false };
  const start = NAMES.length;
  return model(name, [
    ...NAMES.map((one, index) => field(index + 1, one, text)),
    field(start + 1, 'kind', kinds, { cardinality: 'repeated' }),
    field(start + 2, 'inner', message, { cardinality: 'explicit', oneof: name }),
    field(start + 3, 'map', message, { cardinality: 'map', mapKey: 'string' }),
  ]);
}

/** What the messages hold, as entries: a literal could not have `__proto__`. */
const CONTENT = Object.fromEntries([
  ...NAMES.map((name, index) => [name, String(index)]),
  ['kind', NAMES],
]);

function jsonFor(name: string): string {
  const inner = JSON.stringify(Object.fromEntries([[name, name]]));
  const map = `{${NAMES.map((key) => `${JSON.stringify(key)}:${inner}`).join(',')}}`;
  return `${JSON.stringify(CONTENT).slice(0, -1)},"inner":${inner},"map":${map}}`;
}

after(() => assert.ok(!(CANARY in globalThis), 'a name was run'));

describe('hostile names', () => {
  for (const name of NAMES) {
    test(`both ways and back, compiled and interpreted: ${JSON.stringify(name).slice(0, 60)}`, () => {
      const message = hostile(name);
      const json = jsonFor(name);
      const read = readBoth({ schema: builtinSchema(), message }, json);
      assert.ok(read !== undefined);
      for (const mode of MODES) {
        for (const protoNames of [false, true]) {
          const out = new Output(1);
          jsonWriter(layoutOf(message), { ...OPTIONS, protoNames }, mode)(read.bytes, out);
          assert.deepEqual(parseJson(out.copy().toString(), 100), parseJson(json, 100));
        }
      }
      assert.ok(!(CANARY in globalThis), 'a name was run');
    });
  }

  test('nothing that was decoded has another prototype, and Object.prototype is as it was', () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const struct = builtinSchema().messages.get('google.protobuf.Struct');
    assert.ok(struct !== undefined);
    const json = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    const read = readBoth({ schema: builtinSchema(), message: struct }, json);
    assert.ok(read !== undefined);
    const fields = decodeValue(layoutOf(struct), read.bytes).fields.get(1);
    assert.ok(fields instanceof Map);
    assert.deepEqual([...fields.keys()], ['__proto__', 'constructor']);
    const value = parseJson(json, 100);
    assert.ok(typeof value === 'object' && value !== null);
    assert.equal(Object.getPrototypeOf(value), null);
    assert.ok(Object.hasOwn(value, '__proto__'));
    assert.equal(Reflect.get({}, 'polluted'), undefined);
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before);
  });
});

/** A message with every shape, whose names are `word` with a number. */
function worded(word: string): MessageModel {
  let count = 0;
  const next = (): string => `${word}${count++}`;
  const kinds: ValueType = {
    kind: 'enum',
    enum: { fullName: next(), values: new Map([[next(), 0]]), closed: true },
  };
  const inner = model(next(), [field(1, next(), text)]);
  const message: ValueType = { kind: 'message', message: inner, group: false };
  const group: ValueType = { kind: 'message', message: inner, group: true };
  const types: readonly ValueType[] = [
    text,
    { kind: 'scalar', scalar: 'int64' },
    kinds,
    message,
    group,
  ];
  const cardinalities = ['implicit', 'explicit', 'repeated', 'map'] as const;
  const fields = types.flatMap((type, row) =>
    cardinalities.map((cardinality, column) =>
      field(
        row * 4 + column + 1,
        next(),
        type.kind === 'message' && cardinality === 'map' ? message : type,
        {
          jsonName: next(),
          cardinality,
          packed: cardinality === 'repeated' && type === kinds,
          ...(cardinality === 'map' ? { mapKey: 'string' } : {}),
          ...(cardinality === 'explicit' ? { oneof: word } : {}),
        },
      ),
    ),
  );
  return model(next(), fields);
}

test('no name of a schema is in generated source', () => {
  const [one, other] = ['zyxw', 'qvkj'].map((word) => {
    const layout = layoutOf(worded(word));
    const reader = generateReader(layout, keysOf(layout)).source;
    const writers = [false, true].map(
      (protoNames) => generateWriter(layout, { ...OPTIONS, protoNames }).source,
    );
    for (const source of [reader, ...writers]) assert.ok(!source.includes(word));
    return { reader, writers };
  });
  assert.equal(one?.reader, other?.reader);
  // Keys are in the source of the writer as the numbers of their bytes.
  const withoutNumbers = one?.writers.map((source) => source.replaceAll(/=\d+;/g, '=;'));
  assert.deepEqual(
    other?.writers.map((source) => source.replaceAll(/=\d+;/g, '=;')),
    withoutNumbers,
  );
});
