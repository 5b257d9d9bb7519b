/** Values of proto2 and editions: closed enums, groups, extensions, strings that are not UTF-8, required fields, defaults with presence. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutOf } from '../../../src/codecs/proto-json/layout.ts';
import type { MessageLayout } from '../../../src/codecs/proto-json/layout.ts';
import { Output } from '../../../src/codecs/proto-json/output.ts';
import { decodeValue } from '../../../src/codecs/proto-json/values/decode.ts';
import { encodeValue } from '../../../src/codecs/proto-json/values/encode.ts';
import type { MessageValue } from '../../../src/codecs/proto-json/values/value.ts';
import { valueOf } from '../../../src/codecs/proto-json/values/value.ts';
import { loadSchema } from '../../../src/schema/load.ts';
import { environment, message, withFile } from '../../support/schema/load.ts';

const OLD = `
syntax = "proto2";
package old;
enum Level { LOW = 1; HIGH = 2; }
message All {
  required string name = 1;
  optional Level level = 2;
  repeated Level levels = 3 [packed = true];
  map<string, Level> by_name = 4;
  optional group Part = 5 { optional int32 a = 1; optional int32 b = 2; }
  repeated group Piece = 6 { optional All all = 1; }
  optional int32 count = 7 [default = 3];
  extensions 100 to 200;
}
extend All { optional string note = 100; repeated sint32 marks = 101; }
`;
const NEW = `
edition = "2023";
package fresh;
enum Level { option features.enum_type = CLOSED; NONE = 0; LOW = 1; }
message All {
  Level level = 1 [features.field_presence = IMPLICIT];
  All inner = 2 [features.message_encoding = DELIMITED];
  repeated int32 loose = 3 [features.repeated_field_encoding = EXPANDED];
  string raw = 4 [features.utf8_validation = NONE];
  int32 count = 5;
}
`;

const old = await layoutIn(OLD, 'old.All');
const fresh = await layoutIn(NEW, 'fresh.All');

function layoutIn(proto: string, name: string): Promise<MessageLayout> {
  return withFile('all.proto', proto, async (directory) => {
    const schema = await loadSchema({ protos: ['all.proto'] }, environment({ directory }));
    return layoutOf(message(schema, name));
  });
}

function read(layout: MessageLayout, hex: string): MessageValue {
  return decodeValue(layout, Buffer.from(compact(hex), 'hex'));
}

function compact(hex: string): string {
  return hex.replaceAll(' ', '');
}

function hexOf(value: MessageValue): string {
  const out = new Output(1);
  encodeValue(value.layout, value, out);
  return out.copy().toString('hex');
}

test('numbers that a closed enum has not are unknown fields, also those of lists and maps', () => {
  const value = read(old, '10 09 1a 03 01 09 02 22 05 0a0161 1009 22 05 0a0162 1002');
  assert.equal(valueOf(value, 'level'), undefined);
  assert.deepEqual(valueOf(value, 'levels'), [1, 2]);
  assert.deepEqual(valueOf(value, 'by_name'), new Map([['b', 2]]));
  assert.deepEqual(
    value.unknown.map((bytes) => Buffer.from(bytes).toString('hex')),
    ['1009', '1809', '22050a01611009'],
  );
  assert.equal(hexOf(value), compact('1a020102 22050a01621002 1009 1809 22050a01611009'));
  assert.equal(read(fresh, '08 05').unknown.length, 1);
});

test('a map entry without value has the first number of its enum', () => {
  assert.deepEqual(valueOf(read(old, '22 03 0a0161'), 'by_name'), new Map([['a', 1]]));
});

test('groups are read and written, nested, merged, and as the messages of an edition', () => {
  const bytes = '2b 0801 2c 33 0a 02 1001 34 2b 1002 2c';
  const part = valueOf(read(old, bytes), 'part');
  assert.ok(typeof part === 'object' && 'fields' in part);
  assert.deepEqual(
    [...part.fields],
    [
      [1, 1],
      [2, 2],
    ],
  );
  assert.equal(hexOf(read(old, bytes)), compact('2b080110022c 330a02100134'));
  assert.equal(hexOf(read(fresh, '13 13 2805 14 14')), compact('131328051414'));
  assert.throws(() => read(old, '2b 0801 34'), /not opened/);
  assert.throws(() => read(old, '2b 0801'), /does not end/);
});

test('extensions are fields', () => {
  const value = read(old, 'a206 0161 a806 01 aa06 02 0203');
  assert.equal(valueOf(value, '[old.note]'), 'a');
  assert.deepEqual(valueOf(value, '[old.marks]'), [-1, 1, -2]);
  assert.equal(hexOf(value), compact('a2060161 a80601 a80602 a80603'));
});

test('a string that is not UTF-8 is kept as bytes where the schema does not forbid it', () => {
  for (const [layout, hex] of [
    [old, '0a02c328'],
    [fresh, '2202c328'],
  ] as const) {
    const value = read(layout, hex);
    assert.deepEqual([...value.fields.values()], [Uint8Array.of(0xc3, 0x28)]);
    assert.equal(hexOf(value), compact(hex));
  }
});

test("a default has presence, a missing required field is nobody else's concern", () => {
  assert.equal(hexOf(read(old, '38 00')), compact('3800'));
  assert.equal(hexOf(read(old, '38 03')), compact('3803'));
  assert.equal(hexOf(read(fresh, '08 00 28 00')), compact('2800'));
});

test('lists are packed only where the schema says so', () => {
  assert.equal(hexOf(read(fresh, '1a 02 0102')), compact('18011802'));
});
