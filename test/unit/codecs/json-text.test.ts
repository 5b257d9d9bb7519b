import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonNumber } from '../../../src/codecs/json-number.ts';
import { isJsonObject, parseJson, type JsonValue } from '../../../src/codecs/json-text.ts';
import { refusal } from '../../support/vectors-schema.ts';

/** The value as JSON.parse would make it. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (Array.isArray(value)) return value.map(plain);
  if (!isJsonObject(value)) return value;
  const object: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    Object.defineProperty(object, name, {
      value: plain(inner),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}

test('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      assert.deepEqual(plain(parseJson(text, 100)), JSON.parse(text));
    }),
    { numRuns: 500, seed: 1 },
  );
});

test('refuses what JSON.parse refuses, and only that', () => {
  const mutated = fc
    .tuple(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom(...Array.from('{}[]",:\\0-.eE+tfn \u0000\n')),
    )
    .map(([text, at, char]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + char + text.slice(place + (at % 2));
    });
  fc.assert(
    fc.property(mutated, (text) => {
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        // A name given twice is refused when it is read, before what is malformed behind it.
        assert.match(refusal(() => parseJson(text, 100)).text, /^malformed|a second time/);
        return;
      }
      try {
        assert.deepEqual(plain(parseJson(text, 100)), expected);
      } catch (thrown) {
        // The one thing that JSON.parse takes and ProtoJSON does not.
        assert.match(String(thrown), /given a second time/);
      }
    }),
    { numRuns: 2000, seed: 1 },
  );
});

const MALFORMED: readonly (readonly [string, string, number, number])[] = [
  ['', 'expected a value, found the end of the text', 1, 1],
  ['{', 'expected a name in quotes, found the end of the text', 1, 2],
  ['{"a":1,\n "b": [1,}', 'expected a value, found "}"', 2, 10],
  ['{"a":1,}', 'expected a name in quotes, found "}"', 1, 8],
  ['{"a" 1}', 'expected ":", found "1"', 1, 6],
  ['[1 2]', 'expected "," or "]", found "2"', 1, 4],
  ['"a\tb"', 'expected an escape: control characters may not stand in a string, found "\\t"', 1, 3],
  ['"abc', 'expected the closing quote of a string, found the end of the text', 1, 5],
  ['"\\x"', 'expected one of "\\/bfnrtu after a backslash, found "x"', 1, 3],
  ['"\\u12G4"', 'expected four hexadecimal digits after \\u, found "u"', 1, 3],
  ['01', 'expected the end of the text, found "1"', 1, 2],
  ['NaN', 'expected a value, found "N"', 1, 1],
  ["{'a':1}", 'expected a name in quotes, found "\'"', 1, 2],
  ['"😀" x', 'expected the end of the text, found "x"', 1, 5],
  ['\ufeff{}', 'expected no byte order mark, found "\ufeff"', 1, 1],
];

for (const [text, message, line, column] of MALFORMED) {
  test(`malformed ${JSON.stringify(text)} says where`, () => {
    const { pg, text: said } = refusal(() => parseJson(text, 100));
    assert.equal(pg, 'PG_MALFORMED_JSON');
    assert.equal(said, `malformed JSON at line ${line}, column ${column}: ${message}`);
  });
}

test('depth is refused before the rest is read', () => {
  assert.deepEqual(plain(parseJson('[[[]]]', 3)), [[[]]]);
  const { pg, text } = refusal(() => parseJson('[[[[}', 3));
  assert.equal(pg, 'PG_TOO_DEEP');
  assert.match(text, /deeper than 3 levels at line 1, column 4/);
  assert.equal(refusal(() => parseJson('['.repeat(1_000_000), 100)).pg, 'PG_TOO_DEEP');
});

test('a name that is given twice is refused with its path', () => {
  const { pg, text, fields } = refusal(() =>
    parseJson('{"pages":[{"number":1},{"a":{},\n"n\\u0075mber":1,"number":2}]}', 100, 'book'),
  );
  assert.equal(pg, 'PG_INVALID_VALUE');
  assert.deepEqual(fields, ['book.pages[1].number']);
  assert.match(text, /line 2, column 17/);
});

test('names of Object.prototype are names like any other', () => {
  const value = parseJson('{"__proto__":{"polluted":true},"constructor":1,"toString":2}', 100);
  assert.deepEqual(Object.keys(Object(value)), ['__proto__', 'constructor', 'toString']);
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});
