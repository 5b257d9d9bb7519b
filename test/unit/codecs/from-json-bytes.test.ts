/** JSON as bytes: what no JavaScript string can hold, and the grammar of RFC 8259 to the letter. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GatewayError } from '../../../src/call/error.ts';
import { parseJson } from '../../../src/codecs/json-text.ts';
import { message as find } from '../../support/schema/load.ts';
import { readBoth, type Reading } from '../../support/json-reading.ts';
import { schema } from '../../support/vectors-schema.ts';

const reading: Reading = { schema, message: find(schema, 'vectors.v1.Everything') };
const value: Reading = { schema, message: find(schema, 'google.protobuf.Value') };
const ignoring: Reading = { ...reading, options: { ignoreUnknown: true } };

/** `{"fString":"..."}` around bytes in hexadecimal. */
function stringOf(hex: string, name = 'fString'): Buffer {
  return Buffer.concat([Buffer.from(`{"${name}":"`), Buffer.from(hex, 'hex'), Buffer.from('"}')]);
}

const NOT_UTF8: Readonly<Record<string, string>> = {
  'a continuation alone': '80',
  'the last continuation alone': 'bf',
  'two bytes cut off': 'c3',
  'three bytes cut off': 'e282',
  'four bytes cut off': 'f09f98',
  'two bytes, then ASCII': 'c341',
  'three bytes, then ASCII': 'e28241',
  'an overlong slash in two': 'c0af',
  'an overlong NUL': 'c080',
  'an overlong quote': 'c0a2',
  'overlong in two, the last': 'c1bf',
  'overlong in three': 'e080af',
  'overlong in three, the last': 'e09fbf',
  'overlong in four': 'f08080af',
  'overlong in four, the last': 'f08fbfbf',
  'the first surrogate': 'eda080',
  'the last surrogate': 'edbfbf',
  'a pair of surrogates (CESU-8)': 'eda0bdedb880',
  'behind U+10FFFF': 'f4908080',
  'a lead that needs five': 'f888808080',
  'a lead that needs six': 'fc8480808080',
  'the byte FE': 'fe',
  'the byte FF': 'ff',
  'a byte of Latin-1': 'e9',
  'valid, then a continuation': 'c3a9a9',
};

test('bytes that are not UTF-8 are refused wherever they stand', () => {
  for (const [title, hex] of Object.entries(NOT_UTF8)) {
    assert.equal(readBoth(reading, stringOf(hex)), undefined, title);
    assert.equal(readBoth(ignoring, stringOf(hex, 'unknown')), undefined, title);
    assert.equal(readBoth(reading, stringOf(hex, 'fBytes')), undefined, title);
    const behind = Buffer.concat([Buffer.from('{}'), Buffer.from(hex, 'hex')]);
    assert.equal(readBoth(reading, behind), undefined, title);
  }
});

test('all of UTF-8 comes through as it is', () => {
  for (const hex of [
    '7f',
    'c280',
    'dfbf',
    'e0a080',
    'ed9fbf',
    'ee8080',
    'efbfbf',
    'f0908080',
    'f48fbfbf',
    'efbbbf',
    'e280a8',
  ]) {
    const bytes = readBoth(reading, stringOf(hex))?.bytes.toString('hex');
    assert.equal(bytes, `72${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`, hex);
  }
});

test('control characters stand in no string, and NUL nowhere', () => {
  for (let byte = 0; byte < 0x20; byte++) {
    const hex = byte.toString(16).padStart(2, '0');
    for (const name of ['fString', 'unknown', 'fBytes', 'fInt32', 'fColor']) {
      assert.equal(readBoth(ignoring, stringOf(hex, name)), undefined, `${name} ${hex}`);
    }
  }
  for (const text of [
    '\0',
    '{}\0',
    '\0{}',
    '{\0}',
    '{"fInt32":1\0}',
    '{"fInt32"\0:1}',
    '{"fInt32":\u00001}',
    '{"f\0Int32":1}',
  ]) {
    assert.equal(readBoth(ignoring, text), undefined, JSON.stringify(text));
  }
});

test('nothing but four kinds of white space, no byte order mark, nothing behind', () => {
  assert.equal(readBoth(reading, ' \t\r\n{ \t\r\n} \t\r\n')?.bytes.length, 0);
  for (const text of [
    '',
    ' ',
    '\ufeff{}',
    '{}\ufeff',
    '\u00a0{}',
    '\u2028{}',
    '\v{}',
    '\f{}',
    '{} {}',
    '{},',
    '{}x',
    '{}}',
    '[]',
    '"x"',
    'null',
    '1',
    '// x\n{}',
    '{/* */}',
  ]) {
    assert.equal(readBoth(reading, text), undefined, JSON.stringify(text));
  }
  assert.equal(readBoth(reading, Buffer.from('feff007b007d', 'hex')), undefined, 'UTF-16');
});

test('escapes are those of the grammar', () => {
  const escaped: readonly (readonly [string, string])[] = [
    ['\\"\\\\\\/\\b\\f\\n\\r\\t', '225c2f080c0a0d09'],
    ['\\u0000', '00'],
    ['\\u007F\\u0080', '7fc280'],
    ['\\u07ff\\u0800', 'dfbfe0a080'],
    ['\\uD7FF\\uE000\\uffff', 'ed9fbfee8080efbfbf'],
    ['\\ud800\\udc00\\uDBFF\\uDFFF', 'f0908080f48fbfbf'],
    ['a\\u00e9\u00e9z', '61c3a9c3a97a'],
  ];
  for (const [text, hex] of escaped) {
    const written = readBoth(value, `"${text}"`)?.bytes.toString('hex');
    assert.equal(written, `1a${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`, text);
  }
  const long = `${'\\u0041'.repeat(200)}${'x'.repeat(100)}`;
  assert.equal(
    readBoth(value, `"${long}"`)?.bytes.toString('hex'),
    `1aac02${'41'.repeat(200)}${'78'.repeat(100)}`,
  );
  for (const text of [
    '\\',
    '\\x41',
    '\\u',
    '\\u12',
    '\\u12g4',
    '\\U0041',
    '\\0',
    "\\'",
    '\\u+123',
    '\\u 123',
    '\\ud83d',
    '\\ude00',
    '\\ud83d\\ud83d',
    '\\ud83dx',
    '\\ud83d\\n',
    '\\ude00\\ud83d',
    '\\é',
  ]) {
    assert.equal(readBoth(value, `"${text}"`), undefined, text);
  }
});

test('a text cut off anywhere is refused', () => {
  const text = Buffer.from(
    '{"fDouble":-1.5e+3,"fString":"a\\u00e9\\n","fBool":true,"book":{"tags":["x","y"]},"mString":{"a":"b"},"wValue":[null,false,{"k":[]}],"wTime":"2026-01-02T03:04:05Z","wAny":{"@type":"a/vectors.v1.Book","name":"n"}}',
  );
  assert.ok(readBoth(reading, text) !== undefined);
  for (let end = 0; end < text.length; end++) {
    assert.equal(readBoth(reading, text.subarray(0, end)), undefined, `at ${end}`);
  }
});

test('a view of a larger buffer ends where the view ends', () => {
  const whole = Buffer.from('xx{"fInt32":12}34');
  const view = new Uint8Array(whole.buffer, whole.byteOffset + 2, 13);
  assert.equal(readBoth(reading, view)?.bytes.toString('hex'), '180c');
  assert.equal(
    readBoth(
      { ...reading, message: find(schema, 'google.protobuf.Int32Value') },
      whole.subarray(12, 13),
    )?.bytes.toString('hex'),
    '0801',
  );
});

test('reads as Value what JSON.parse reads, and nothing else', () => {
  const texts = fc
    .tuple(
      fc.json({ maxDepth: 4 }),
      fc.nat(),
      fc.constantFrom('', ...Array.from('{}[]",:\\0-.eE+tfn \u0000\n')),
    )
    .map(([text, seed, character]) => {
      const at = seed % (text.length + 1);
      return `${text.slice(0, at)}${character}${text.slice(at + 1)}`.toWellFormed();
    });
  fc.assert(
    fc.property(texts, (text) => {
      assert.equal(readBoth(value, text) !== undefined, isValue(text), text);
    }),
    { numRuns: 2000, seed: 4 },
  );
});

/** As JSON.parse; but ProtoJSON refuses a name that is given twice, half a surrogate pair and numbers out of range. */
function isValue(text: string): boolean {
  try {
    parseJson(text, 100);
    return isHoldable(JSON.parse(text));
  } catch (thrown) {
    if (thrown instanceof GatewayError) return false;
    throw thrown;
  }
}

function isHoldable(json: unknown): boolean {
  if (typeof json === 'string') return json.isWellFormed();
  if (typeof json === 'number') return Number.isFinite(json);
  if (typeof json !== 'object' || json === null) return true;
  return Object.entries(json).every(([name, inner]) => isHoldable(name) && isHoldable(inner));
}
