/** A schema of odd cases, and short ways to read JSON as its messages. */
import assert from 'node:assert/strict';
import protobuf from 'protobufjs';
import type { ReadOptions } from '../../src/codecs/proto-json/from-json/scan.ts';
import { runtimeOf } from './runtime.ts';
import { loadSchema } from '../../src/schema/load.ts';
import type { MessageModel, Schema } from '../../src/schema/model.ts';
import { readBoth } from './json-reading.ts';
import { environment, loadText, message as find, richProtos } from './schema/load.ts';
import { schema as vectors } from './vectors-schema.ts';

const MANY = Array.from({ length: 300 }, (_, i) => `  int32 field_${i} = ${i + 1};`).join('\n');
const ONEOFS = Array.from(
  { length: 40 },
  (_, i) =>
    `  oneof choice_${i} { bool left_${i} = ${i * 2 + 1}; bool right_${i} = ${i * 2 + 2}; }`,
).join('\n');
export const cases: Schema = await loadText({
  'cases.proto': `
    syntax = "proto3";
    package cases.v1;
    import "google/protobuf/struct.proto";
    import "google/protobuf/any.proto";
    message Maps {
      map<int32, bool> int32s = 1;
      map<int64, bool> int64s = 2;
      map<uint32, bool> uint32s = 3;
      map<uint64, bool> uint64s = 4;
      map<sint32, bool> sint32s = 5;
      map<sint64, bool> sint64s = 6;
      map<fixed32, bool> fixed32s = 7;
      map<fixed64, bool> fixed64s = 8;
      map<sfixed32, bool> sfixed32s = 9;
      map<sfixed64, bool> sfixed64s = 10;
      map<bool, bool> bools = 11;
      map<string, bool> strings = 12;
      map<string, google.protobuf.Value> values = 13;
      map<string, google.protobuf.NullValue> nulls = 14;
    }
    message Nulls {
      google.protobuf.NullValue null_value = 1;
      google.protobuf.Value value = 2;
      repeated google.protobuf.NullValue null_values = 3;
      repeated google.protobuf.Value values = 4;
      oneof choice {
        google.protobuf.NullValue chosen_null = 5;
        google.protobuf.Value chosen_value = 6;
        string text = 7;
      }
    }
    message Hostile {
      string quote = 1 [json_name = "a\\"b"];
      string line = 2 [json_name = "a\\nb"];
      string proto = 3 [json_name = "__proto__"];
      string code = 4 [json_name = "');process.exit(1);('"];
      string accent = 5 [json_name = "é"];
      string at = 536870911;
    }
    message Many {\n${MANY}\n}
    message Choices {\n${ONEOFS}\n}
    message Holder { google.protobuf.Any any = 1; Holder next = 2; google.protobuf.Struct struct = 3; }`,
});
export const rich: Schema = await loadSchema(richProtos, environment());
export const everything: MessageModel = find(vectors, 'vectors.v1.Everything');

/** The message as protobufjs decodes it, or 'refused'. */
export function read(
  message: MessageModel,
  json: string | Uint8Array,
  options: Partial<ReadOptions> = {},
  types: Schema = cases,
): unknown {
  const result = readBoth({ schema: types, message, options }, json);
  if (result === undefined) return 'refused';
  const reader = protobuf.Reader.create(result.bytes);
  reader.discardUnknown = false;
  return runtimeOf(message).toObject(runtimeOf(message).decode(reader), { longs: String });
}

/** Of vectors.v1.Everything. */
export function every(json: string, options: Partial<ReadOptions> = {}): unknown {
  return read(everything, json, options, vectors);
}

/** The message as bytes. */
export function hex(message: MessageModel, json: string): string | undefined {
  return readBoth({ schema: cases, message }, json)?.bytes.toString('hex');
}

/** That each of the texts is refused. */
export function refuses(message: MessageModel, texts: readonly string[]): void {
  for (const text of texts) assert.equal(read(message, text), 'refused', text);
}
