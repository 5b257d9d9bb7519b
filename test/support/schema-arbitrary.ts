/**
 * Random schemas as descriptors: proto2, proto3 and edition 2023 with everything that a message can be made of. Required fields are left out:
 * libraries refuse messages without them, a gateway leaves that to the service.
 */
import { create, fromJson, type JsonObject, type JsonValue, toBinary } from '@bufbuild/protobuf';
import {
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';

const SYNTAXES = ['proto2', 'proto3', 'editions'] as const;
const SCALARS =
  'double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string bytes'.split(
    ' ',
  );
const KEYS = SCALARS.filter((name) => !['double', 'float', 'bytes'].includes(name));
const WELL_KNOWN =
  'Any Timestamp Duration FieldMask Struct Value ListValue Empty DoubleValue FloatValue Int64Value UInt64Value Int32Value UInt32Value BoolValue StringValue BytesValue'.split(
    ' ',
  );
/** All that {@link WELL_KNOWN} stand in. */
const IMPORTS = [
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
];
const JSON_NAMES = [
  'a b',
  'é',
  '\u{1F600}',
  'quo"te',
  'back\\slash',
  'line\n',
  'toString',
  '0',
  '\u2028',
  '__proto__',
];
const MESSAGES = ['M0', 'M1', 'M2', 'M3'];
const MAX_NUMBER = 2 ** 29 - 1;
/** What descriptor.proto keeps for implementations. */
const RESERVED = { from: 19_000, to: 19_999 };

/** The package of every generated schema; its messages are M0 to M3. */
export const PACKAGE = 'fuzz.v1';

/** One file in the JSON of google.protobuf.FileDescriptorProto. */
export const schemaFile: fc.Arbitrary<JsonObject> = fc
  .gen()
  .map((g) => newFile((max) => g(fc.nat, { max })));

/** A serialized FileDescriptorSet of a file and all that it imports. */
export function descriptorSetOf(file: JsonObject, more: readonly JsonObject[] = []): Uint8Array {
  const proto = (json: JsonObject): FileDescriptorProto =>
    fromJson(FileDescriptorProtoSchema, json);
  const set = create(FileDescriptorSetSchema, {
    file: [...IMPORTS.map((one) => one.proto), ...more.map(proto), proto(file)],
  });
  return toBinary(FileDescriptorSetSchema, set);
}

interface Draw {
  /** From 0 to `max`. */
  readonly nat: (max: number) => number;
  readonly syntax: (typeof SYNTAXES)[number];
}

function newFile(nat: Draw['nat']): JsonObject {
  const syntax = SYNTAXES[nat(2)] ?? 'proto3';
  const draw: Draw = { nat, syntax };
  const fileFeatures = newFeatures(draw);
  const edition = { edition: 'EDITION_2023', ...features(fileFeatures) };
  // A field without presence has zero as its default, so its enum must have that first.
  const closed =
    syntax === 'proto3' || 'fieldPresence' in fileFeatures
      ? newEnum(draw, 'Closed', ZERO_FIRST)
      : newEnum(draw, 'Closed', [77, ...ZERO_FIRST]);
  return {
    name: 'fuzz.proto',
    package: PACKAGE,
    syntax,
    ...(syntax === 'editions' ? edition : {}),
    dependency: IMPORTS.map(({ proto }) => proto.name),
    enumType: [newEnum(draw, 'Open', ZERO_FIRST), closed],
    messageType: MESSAGES.map((name) => newMessage(draw, name)),
    extension: syntax === 'proto3' ? [] : [newExtension(draw)],
  };
}

function newFeatures(draw: Draw): JsonObject {
  return {
    ...(draw.nat(1) === 0 ? { fieldPresence: 'IMPLICIT' } : {}),
    ...(draw.nat(2) === 0 ? { repeatedFieldEncoding: 'EXPANDED' } : {}),
    ...(draw.nat(2) === 0 ? { utf8Validation: 'NONE' } : {}),
  };
}

function features(chosen: JsonObject): JsonObject {
  return { options: { features: chosen } };
}

const ZERO_FIRST = [0, 1, 1, -3, 2 ** 31 - 1, -(2 ** 31)];

/** At least two values. In proto2 all enums are closed, in proto3 none is. */
function newEnum(draw: Draw, name: string, numbers: readonly number[]): JsonObject {
  const all = numbers.map((number, index) => ({ name: `${name.toUpperCase()}_${index}`, number }));
  const value = all.slice(0, 2 + draw.nat(all.length - 2));
  const enumType = name === 'Closed' ? 'CLOSED' : 'OPEN';
  const options = {
    ...(value.length > 3 ? { allowAlias: true } : {}),
    ...(draw.syntax === 'editions' ? { features: { enumType } } : {}),
  };
  return { name, value, options };
}

interface Message {
  readonly name: string;
  readonly field: JsonObject[];
  readonly nestedType: JsonObject[];
  readonly oneofDecl: JsonObject[];
}

function newMessage(draw: Draw, name: string): JsonObject {
  const message: Message = { name, field: [], nestedType: [], oneofDecl: [] };
  const wanted = draw.nat(7) + 1;
  const numbers = new Set<number>();
  while (numbers.size < wanted) numbers.add(fieldNumber(draw));
  const jsonNames = [...JSON_NAMES];
  let optionals = 0;
  const oneofs = draw.nat(2);
  for (let i = 0; i < oneofs; i++) message.oneofDecl.push({ name: `choice_${i}` });
  for (const number of numbers) {
    const index = message.field.length;
    const proto = `field_${'x'.repeat(draw.nat(2) * 9)}${index}`;
    const odd =
      draw.nat(3) === 0 ? jsonNames.splice(draw.nat(jsonNames.length - 1), 1)[0] : undefined;
    const jsonName = odd ?? proto.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    const shape = draw.nat(9);
    const base = { name: proto, jsonName, number };
    if (shape < 2) message.field.push(mapField(draw, message, base));
    else if (shape < 5) message.field.push(repeatedField(draw, message, base));
    else if (shape < 7 && oneofs > 0) {
      message.field.push({ ...singleField(draw, message, base), oneofIndex: draw.nat(oneofs - 1) });
    } else if (shape < 8 && draw.syntax === 'proto3') {
      const oneofIndex = oneofs + optionals++;
      message.oneofDecl.push({ name: `_${proto}` });
      message.field.push({ ...singleField(draw, message, base), oneofIndex, proto3Optional: true });
    } else message.field.push(singleField(draw, message, base));
  }
  return withoutEmptyOneofs({
    ...message,
    ...(draw.syntax === 'proto3'
      ? {}
      : { extensionRange: [{ start: EXTENSION, end: EXTENSION + 1 }] }),
  });
}

/** A oneof has at least one member. */
function withoutEmptyOneofs(message: Message): JsonObject {
  const used = message.oneofDecl.map((_, index) =>
    message.field.some(({ oneofIndex }) => oneofIndex === index),
  );
  const moved = used.map((_, index) => used.slice(0, index).filter(Boolean).length);
  return {
    ...message,
    oneofDecl: message.oneofDecl.filter((_, index) => used[index]),
    field: message.field.map((field) =>
      typeof field['oneofIndex'] === 'number'
        ? { ...field, oneofIndex: moved[field['oneofIndex']] ?? 0 }
        : field,
    ),
  };
}

const EXTENSION = 120_000_000;

function fieldNumber(draw: Draw): number {
  const max = [15, 2_047, 262_143, MAX_NUMBER - 1][draw.nat(3)] ?? 15;
  const number = draw.nat(11) === 0 ? MAX_NUMBER : 1 + draw.nat(max);
  const taken = (number >= RESERVED.from && number <= RESERVED.to) || number === EXTENSION;
  return taken ? fieldNumber(draw) : number;
}

interface Base {
  readonly name: string;
  readonly jsonName: string;
  readonly number: number;
}

function singleField(draw: Draw, message: Message, base: Base): JsonObject {
  return { ...base, label: 'LABEL_OPTIONAL', ...fieldType(draw, message, base) };
}

function repeatedField(draw: Draw, message: Message, base: Base): JsonObject {
  const type = fieldType(draw, message, base);
  const unpackable = ['TYPE_STRING', 'TYPE_BYTES', 'TYPE_MESSAGE', 'TYPE_GROUP'];
  const packable = !unpackable.some((name) => name === type['type']);
  const packed = draw.nat(1) === 0;
  const encoding = { features: { repeatedFieldEncoding: packed ? 'PACKED' : 'EXPANDED' } };
  const options = draw.syntax === 'editions' ? encoding : { packed };
  return {
    ...base,
    label: 'LABEL_REPEATED',
    ...type,
    ...(packable && draw.nat(1) === 0 ? { options } : {}),
  };
}

function mapField(draw: Draw, message: Message, base: Base): JsonObject {
  const entry = `Field${base.name.slice('field_'.length).replace(/^x/, 'X')}Entry`;
  const key = KEYS[draw.nat(KEYS.length - 1)] ?? 'string';
  // The value of a map is never delimited.
  const value = { ...valueType({ ...draw, syntax: 'proto3' }), label: 'LABEL_OPTIONAL' };
  message.nestedType.push({
    name: entry,
    field: [
      { name: 'key', jsonName: 'key', number: 1, label: 'LABEL_OPTIONAL', type: scalar(key) },
      { name: 'value', jsonName: 'value', number: 2, ...value },
    ],
    options: { mapEntry: true },
  });
  const typeName = `.${PACKAGE}.${message.name}.${entry}`;
  return { ...base, label: 'LABEL_REPEATED', type: 'TYPE_MESSAGE', typeName };
}

function scalar(name: string): string {
  return `TYPE_${name.toUpperCase()}`;
}

/** A group is a message of its own, named as the field but for the first letter. */
function fieldType(draw: Draw, message: Message, base: Base): JsonObject {
  if (draw.syntax === 'proto2' && draw.nat(7) === 0) {
    const name = `F${base.name.slice(1)}`;
    const inner = { name: 'inner', jsonName: 'inner', number: 1, label: 'LABEL_OPTIONAL' };
    message.nestedType.push({ name, field: [{ ...inner, ...valueType(draw) }] });
    return { type: 'TYPE_GROUP', typeName: `.${PACKAGE}.${message.name}.${name}` };
  }
  return valueType(draw);
}

function valueType(draw: Draw): JsonObject {
  const pick = (names: readonly string[]): string => names[draw.nat(names.length - 1)] ?? '';
  switch (draw.nat(5)) {
    case 0:
      return { type: 'TYPE_ENUM', typeName: `.${PACKAGE}.${pick(['Open', 'Closed'])}` };
    case 1:
      return { type: 'TYPE_MESSAGE', typeName: `.google.protobuf.${pick(WELL_KNOWN)}` };
    case 2: {
      const delimited = draw.syntax === 'editions' && draw.nat(2) === 0;
      const type = { type: 'TYPE_MESSAGE', typeName: `.${PACKAGE}.${pick(MESSAGES)}` };
      return delimited ? { ...type, ...features({ messageEncoding: 'DELIMITED' }) } : type;
    }
    case 3:
      if (draw.nat(4) > 0) return { type: scalar(pick(SCALARS)) };
      return { type: 'TYPE_ENUM', typeName: '.google.protobuf.NullValue' };
    default:
      return { type: scalar(pick(SCALARS)) };
  }
}

function newExtension(draw: Draw): JsonObject {
  const base = { name: 'extra', jsonName: 'extra', number: EXTENSION };
  const label: JsonValue = draw.nat(1) === 0 ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL';
  return { ...base, label, extendee: `.${PACKAGE}.M0`, ...valueType(draw) };
}
