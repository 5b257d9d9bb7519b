/** Protobuf to JSON, compiled and interpreted, against protobufjs' protojson, which passes the official conformance suite. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import protojson from 'protobufjs/ext/protojson.js';
import { CodecError } from '../../../src/codecs/proto-json/error.ts';
import { layoutOf } from '../../../src/codecs/proto-json/layout.ts';
import type { JsonOptions } from '../../../src/codecs/proto-json/options.ts';
import { Output } from '../../../src/codecs/proto-json/output.ts';
import { type CodecMode, jsonWriter } from '../../../src/codecs/proto-json/to-json/write.ts';
import { anyMessage } from '../../../src/codecs/any-message.ts';
import { runtimeOf } from '../../support/runtime.ts';
import { message, schema } from '../../support/vectors-schema.ts';
import { wireBytes } from '../../support/wire-arbitrary.ts';

const MODES: readonly CodecMode[] = ['compiled', 'interpreted'];
const everything = message('vectors.v1.Everything');
const DEFAULTS: JsonOptions = {
  emitDefaults: false,
  enumsAsNumbers: false,
  protoNames: false,
  int64: 'string',
  anyLayout: (typeUrl) => {
    const found = anyMessage(schema, typeUrl);
    return found === undefined ? undefined : layoutOf(found);
  },
};

function textOf(bytes: Uint8Array, mode: CodecMode, options: Partial<JsonOptions> = {}): string {
  // Small, so that every growth is met.
  const out = new Output(1);
  jsonWriter(layoutOf(everything), { ...DEFAULTS, ...options }, mode)(bytes, out);
  return out.copy().toString();
}

/** A message in protobuf from an object with proto names. */
function encode(value: Record<string, unknown>): Uint8Array {
  const type = runtimeOf(everything);
  return type.encode(type.fromObject(value)).finish();
}

describe('any bytes of a message', () => {
  for (const mode of MODES) {
    test(`${mode}: what protojson writes, or refused as it refuses`, () => {
      const property = fc.property(wireBytes(everything, 3), (bytes) => {
        let expected: unknown;
        try {
          const type = runtimeOf(everything);
          expected = protojson.toJson(type, type.decode(bytes));
        } catch {
          assert.throws(() => textOf(bytes, mode), CodecError);
          return;
        }
        // JSON.stringify writes a negative zero as 0.
        const written: unknown = JSON.parse(textOf(bytes, mode), (_, value) =>
          value === 0 ? 0 : value,
        );
        assert.deepEqual(written, JSON.parse(JSON.stringify(expected)));
      });
      fc.assert(property, { numRuns: 3_000, seed: 7 });
    });

    test(`${mode}: cut anywhere or mutated, it is refused or read, and never anything else`, () => {
      const property = fc.property(
        wireBytes(everything, 2),
        fc.nat(),
        fc.nat(255),
        (bytes, at, byte) => {
          const mutated = Uint8Array.from(bytes);
          if (mutated.length > 0) mutated[at % mutated.length] = byte;
          for (const broken of [bytes.subarray(0, at % (bytes.length + 1)), mutated]) {
            try {
              JSON.parse(textOf(broken, mode));
            } catch (error) {
              assert.ok(error instanceof CodecError, String(error));
            }
          }
        },
      );
      fc.assert(property, { numRuns: 2_000, seed: 8 });
    });
  }

  test('both ways write the same under every option', () => {
    const options = fc.record({
      emitDefaults: fc.boolean(),
      enumsAsNumbers: fc.boolean(),
      protoNames: fc.boolean(),
      int64: fc.constantFrom('string' as const, 'number' as const),
    });
    const property = fc.property(wireBytes(everything, 2), options, (bytes, chosen) => {
      const [compiled, interpreted] = MODES.map((mode) => {
        try {
          return JSON.parse(textOf(bytes, mode, chosen));
        } catch (error) {
          assert.ok(error instanceof CodecError, String(error));
          return 'refused';
        }
      });
      assert.deepEqual(compiled, interpreted);
    });
    fc.assert(property, { numRuns: 1_500, seed: 9 });
  });
});

for (const mode of MODES) {
  describe(`${mode}: options`, () => {
    test('64-bit integers as numbers keep every digit', () => {
      const bytes = encode({ f_int64: '-9223372036854775808', f_uint64: '18446744073709551615' });
      assert.equal(
        textOf(bytes, mode, { int64: 'number' }),
        '{"fInt64":-9223372036854775808,"fUint64":18446744073709551615}',
      );
    });

    test('proto names and enum numbers', () => {
      const bytes = encode({ f_color: 1, o_color: -3 });
      assert.equal(
        textOf(bytes, mode, { protoNames: true, enumsAsNumbers: true }),
        '{"f_color":1,"o_color":-3}',
      );
    });

    test('defaults: fields without presence, lists and maps, nothing that tracks presence', () => {
      const value = JSON.parse(textOf(new Uint8Array(), mode, { emitDefaults: true }));
      assert.deepEqual(
        [
          value.fInt32,
          value.fInt64,
          value.fString,
          value.fColor,
          value.fBool,
          value.rBook,
          value.mBook,
        ],
        [0, '0', '', 'COLOR_UNSPECIFIED', false, [], {}],
      );
      for (const name of ['book', 'oString', 'cString', 'wTime']) assert.ok(!(name in value), name);
    });

    test('a negative zero is no default', () => {
      assert.equal(
        textOf(encode({ f_double: -0, f_float: -0 }), mode),
        '{"fDouble":-0,"fFloat":-0}',
      );
    });
  });
}

test('a float is written with the fewest digits that read back as the same float', () => {
  const normal = fc
    .float({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => Math.abs(value) > 2 ** -120);
  const property = fc.property(normal, (value) => {
    const text = textOf(encode({ w_float: { value } }), 'compiled');
    const [, digits = ''] = /:(.*)\}/.exec(text) ?? [];
    assert.equal(Math.fround(Number(digits)), Math.fround(value));
    const fewer = Number(digits).toPrecision(Math.max(1, significant(digits) - 1));
    if (significant(digits) > 1) assert.notEqual(Math.fround(Number(fewer)), Math.fround(value));
  });
  fc.assert(property, { numRuns: 2_000, seed: 10 });
});

function significant(digits: string): number {
  const [mantissa = ''] = digits.split('e');
  return mantissa.replaceAll(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length;
}

test('a message that holds itself more than a hundred times is refused, not overflowed', () => {
  let bytes: Uint8Array = new Uint8Array();
  const author = message('vectors.v1.Author');
  const type = runtimeOf(author);
  for (let i = 0; i < 5_000; i++) {
    const head = type.encode({ mentor: {} }).finish().subarray(0, 1);
    const size: number[] = [];
    for (let rest = bytes.length; ; rest >>>= 7) {
      size.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
      if (rest <= 0x7f) break;
    }
    bytes = Buffer.concat([head, Buffer.from(size), bytes]);
  }
  for (const mode of MODES) {
    assert.throws(
      () => jsonWriter(layoutOf(author), DEFAULTS, mode)(bytes, new Output()),
      /too deep/,
    );
  }
});
