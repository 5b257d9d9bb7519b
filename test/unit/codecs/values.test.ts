/** Protobuf to values and back: merge rules, unknown fields, refusals; over any bytes against protobufjs, which passes the conformance suite. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import protojson from 'protobufjs/ext/protojson.js';
import { CodecError } from '../../../src/codecs/proto-json/error.ts';
import { layoutOf } from '../../../src/codecs/proto-json/layout.ts';
import { Output } from '../../../src/codecs/proto-json/output.ts';
import { decodeValue } from '../../../src/codecs/proto-json/values/decode.ts';
import { encodeValue } from '../../../src/codecs/proto-json/values/encode.ts';
import type { FieldValue, MessageValue } from '../../../src/codecs/proto-json/values/value.ts';
import { newMessage, setSingle, valueOf } from '../../../src/codecs/proto-json/values/value.ts';
import { runtimeOf } from '../../support/runtime.ts';
import { message } from '../../support/vectors-schema.ts';
import { wireBytes } from '../../support/wire-arbitrary.ts';

const everything = message('vectors.v1.Everything');
const layout = layoutOf(everything);
const type = runtimeOf(everything);

function read(...hex: readonly string[]): MessageValue {
  return decodeValue(layout, Buffer.from(hex.join('').replaceAll(' ', ''), 'hex'));
}

function encode(value: MessageValue): Buffer {
  // Small, so that every growth is met.
  const out = new Output(1);
  encodeValue(layout, value, out);
  return out.copy();
}

function only(name: string, value: FieldValue): MessageValue {
  const made = newMessage(layout);
  made.fields.set(layout.byName.get(name)?.number ?? 0, value);
  return made;
}

describe('any bytes of a message', () => {
  test('decoded and encoded they are the same message, to protobufjs and to us', () => {
    const property = fc.property(wireBytes(everything, 3), (bytes) => {
      const value = decodeValue(layout, bytes);
      const encoded = encode(value);
      assert.deepEqual(decodeValue(layout, encoded), value);
      assert.deepEqual(encode(decodeValue(layout, encoded)), encoded);
      assert.deepEqual(jsonOf(encoded), jsonOf(bytes));
    });
    fc.assert(property, { numRuns: 2_000, seed: 11 });
  });

  test('mutated or cut off they are read, or refused as protobufjs refuses them', () => {
    const mutation = fc.tuple(wireBytes(everything, 2), fc.nat(), fc.nat(255));
    const property = fc.property(mutation, ([bytes, at, byte]) => {
      const mutated = Uint8Array.from(bytes);
      if (mutated.length > 0) mutated[at % mutated.length] = byte;
      for (const broken of [bytes.subarray(0, at % (bytes.length + 1)), mutated]) {
        try {
          encode(decodeValue(layout, broken));
        } catch (thrown) {
          assert.ok(thrown instanceof CodecError, String(thrown));
          assert.throws(() => type.decode(broken));
        }
      }
    });
    fc.assert(property, { numRuns: 3_000, seed: 12 });
  });

  /** What protobufjs makes of it; an Any with a broken payload has no JSON. */
  function jsonOf(bytes: Uint8Array): unknown {
    try {
      return protojson.toJson(type, type.decode(bytes));
    } catch (thrown) {
      return String(thrown);
    }
  }
});

describe('reading', () => {
  test('64-bit integers are bigints, zigzag ones too, and 32-bit ones numbers with their sign', () => {
    const value = read('20 ffffffffffffffffff01', '40 ffffffffffffffffff01', '28 ffffffff0f');
    assert.equal(valueOf(value, 'f_int64'), -1n);
    assert.equal(valueOf(value, 'f_sint64'), -(2n ** 63n));
    assert.equal(valueOf(value, 'f_uint32'), 4_294_967_295);
    assert.equal(valueOf(read('18 ffffffffffffffffff01'), 'f_int32'), -1);
    assert.equal(valueOf(read('32 00', '30 80808080808080808001'), 'fUint64'), 2n ** 63n);
  });

  test('the last scalar wins; a default without presence is none, with presence it is one', () => {
    assert.equal(valueOf(read('18 05', '18 07'), 'f_int32'), 7);
    assert.equal(read('18 05', '18 00').fields.size, 0);
    assert.equal(valueOf(read('a801 00'), 'o_int32'), 0);
    assert.ok(Object.is(valueOf(read('09 0000000000000080'), 'f_double'), -0));
  });

  test('a message that comes twice merges, the last member of a oneof drops the others', () => {
    const merged = valueOf(read('8a01 03 0a0161', '8a01 03 120162'), 'book');
    assert.ok(typeof merged === 'object' && 'fields' in merged);
    assert.deepEqual([...merged.fields.keys()], [1, 2]);
    const choice = read('9203 0161', '9803 05');
    assert.deepEqual([...choice.fields], [[51, 5]]);
    const back = read('a203 03 0a0161', '9803 05', 'a203 03 120162');
    const book = valueOf(back, 'c_book');
    assert.ok(typeof book === 'object' && 'fields' in book);
    assert.deepEqual([...book.fields.keys()], [2], 'the member in between has dropped the first');
  });

  test('repeated numbers come packed or not, in runs that are interrupted', () => {
    assert.deepEqual(
      valueOf(read('f801 01', '18 09', 'fa01 02 0203', 'f801 04'), 'r_int32'),
      [1, 2, 3, 4],
    );
    assert.equal(valueOf(read('fa01 00'), 'r_int32'), undefined);
  });

  test('a map has the last of equal keys and defaults for what an entry lacks', () => {
    const map = valueOf(read('ca02 05 0801 120161', 'ca02 05 0801 120162', 'ca02 00'), 'm_int32');
    assert.deepEqual(
      map,
      new Map([
        [1, 'b'],
        [0, ''],
      ]),
    );
  });

  test('unknown fields are kept with their tags, in their order, and written back', () => {
    const unknown = 'ca3e 0161 8b3f 0801 8c3f c83e 05 cd3e 01020304';
    const value = read(unknown);
    assert.equal(value.unknown.length, 4);
    assert.equal(encode(value).toString('hex'), unknown.replaceAll(' ', ''));
    // A known number with another wire type is an unknown field.
    assert.equal(read('1d 01020304').unknown.length, 1);
  });

  test('bytes are a copy', () => {
    const source = Buffer.from('7a0161', 'hex');
    const value = decodeValue(layout, source);
    source.fill(0);
    assert.deepEqual(valueOf(value, 'f_bytes'), Uint8Array.of(0x61));
  });

  test('names that objects inherit are names like others', () => {
    const odd = valueOf(read('8a05 06 0a0161 120162'), 'odd');
    assert.ok(typeof odd === 'object' && 'fields' in odd);
    assert.equal(valueOf(odd, 'constructor'), 'a');
    assert.equal(valueOf(odd, 'toString'), 'b');
    assert.equal(valueOf(odd, '__proto__'), undefined);
    const keys = valueOf(read('c202 0e 0a09 5f5f70726f746f5f5f 1201 61'), 'm_string');
    assert.deepEqual(keys, new Map([['__proto__', 'a']]));
  });

  const refused: readonly (readonly [what: string, hex: string])[] = [
    ['field number 0', '0001'],
    ['a field number beyond 2^29', '808080801001'],
    ['a tag that is cut off', '80'],
    ['a value that is cut off', '18'],
    ['a length beyond the end', '720561'],
    ['a varint of eleven bytes', '18ffffffffffffffffffff01'],
    ['wire type 6', '1e'],
    ['a group that ends and was not opened', '1c'],
    ['a group that does not end', 'cb3e0801'],
    ['a group that ends as another', 'cb3ed43e'],
    ['a string that is not UTF-8', '7202c328'],
    ['a map key that is not UTF-8', 'c202040a02c328'],
    ['half of a fixed64', '5101020304'],
    ['a packed run cut off in a number', 'fa010180'],
  ];
  for (const [what, hex] of refused) {
    test(`refused: ${what}`, () => assert.throws(() => read(hex), CodecError));
  }

  test('a hundred levels are read, and one more is refused', () => {
    let bytes = encode(newMessage(layout));
    for (let level = 1; level < 100; level++) bytes = inSelf(bytes);
    assert.doesNotThrow(() => decodeValue(layout, bytes));
    assert.throws(() => decodeValue(layout, inSelf(bytes)), /too deep/);
  });

  /** `bytes` as the value of the field `self`. */
  function inSelf(bytes: Buffer): Buffer {
    const { length } = bytes;
    const varint = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
    return Buffer.concat([Buffer.from([0x9a, 0x05, ...varint]), bytes]);
  }
});

describe('writing', () => {
  test('fields go by number, packed where the layout says so', () => {
    const value = newMessage(layout);
    value.fields.set(31, [1, 2, 300]);
    value.fields.set(3, -1);
    assert.equal(encode(value).toString('hex'), '18ffffffffffffffffff01fa01040102ac02');
  });

  test('a default without presence is not written, nor are empty lists and maps', () => {
    const value = newMessage(layout);
    const empties: readonly (readonly [number, FieldValue])[] = [
      [3, 0],
      [4, 0n],
      [13, false],
      [14, ''],
      [15, new Uint8Array()],
      [31, []],
      [40, new Map()],
    ];
    for (const [number, empty] of empties) value.fields.set(number, empty);
    assert.equal(encode(value).length, 0);
    assert.equal(encode(only('o_int32', 0)).toString('hex'), 'a80100');
  });

  test('setSingle drops the other members of a oneof', () => {
    const value = read('9803 05');
    const member = layout.byName.get('c_string');
    assert.ok(member);
    setSingle(value, member, 'a');
    assert.deepEqual([...value.fields], [[50, 'a']]);
  });

  const wrong: readonly (readonly [name: string, value: FieldValue])[] = [
    ['f_int32', 2 ** 31],
    ['f_int32', 1.5],
    ['f_int32', Number.NaN],
    ['f_uint32', -1],
    ['f_int32', 1n],
    ['f_int64', 2n ** 63n],
    ['f_uint64', -1n],
    ['f_int64', 1],
    ['f_bool', 1],
    ['f_string', 1],
    ['f_string', '\ud800'],
    ['f_string', Uint8Array.of(0xc3, 0x28)],
    ['f_bytes', 'text'],
    ['f_color', 'RED'],
    ['book', 'text'],
    ['r_int32', 1],
    ['m_string', 'text'],
    ['f_double', 'text'],
  ];
  for (const [name, value] of wrong) {
    test(`refused in ${name}: ${inspect(value)}`, () => {
      assert.throws(() => encode(only(name, value)), CodecError);
    });
  }
});
