/** JSON texts for messages of a schema: spelled in all the ways that ProtoJSON allows, and now and then wrongly. */
import fc from 'fast-check';
import type { FieldModel, MessageModel, ScalarType, ValueType } from '../../src/schema/model.ts';

interface Writer {
  /** One of these texts, the first ones more often. */
  readonly pick: (texts: readonly string[]) => string;
  readonly nat: (max: number) => number;
  /** True once in `of` times. */
  readonly chance: (of: number) => boolean;
  readonly string: () => string;
  readonly double: () => number;
  readonly integer: (min: bigint, max: bigint) => bigint;
}

const STRINGS = [
  '""',
  '"a"',
  '"h\\u00e9llo"',
  '"é"',
  '"\\ud83d\\ude00"',
  '"\\n\\"\\\\\\/\\b\\f\\r\\t"',
];
const BAD = [
  'null',
  '{}',
  '[]',
  '"x"',
  '1.5',
  'true',
  '-1',
  '1e400',
  '"\\ud800"',
  '99999999999999999999',
  '""',
];
const TIMES = [
  '"2026-01-02T03:04:05Z"',
  '"0001-01-01T00:00:00Z"',
  '"9999-12-31T23:59:59.999999999Z"',
  '"1970-01-01T00:00:00.5+01:30"',
  '"1969-12-31T23:59:59.001-23:59"',
  '"2024-02-29T00:00:00.000000001Z"',
  '"2023-02-29T00:00:00Z"',
  '"2026-01-02t03:04:05Z"',
  '"2026-01-02T24:00:00Z"',
  '"0001-01-01T00:00:00+01:00"',
  '"2026-01-02T03:04:05"',
  '"2026-01-02T03:04:05.Z"',
  '"2026-01-02T03:04:05.1234567890Z"',
];
const DURATIONS = [
  '"0s"',
  '"1.5s"',
  '"-0.000000001s"',
  '"315576000000s"',
  '"-315576000000.999999999s"',
  '"315576000001s"',
  '"1s "',
  '".5s"',
  '"1."',
  '"1.s"',
  '"+1s"',
];
const MASKS = ['""', '"a"', '"fooBar,baz.quxQuux"', '"foo_bar"', '"A,,b"', '"é"'];
const BYTES = [
  '""',
  '"AQID"',
  '"-_8="',
  '"+/8"',
  '"AQ"',
  '"AQ=="',
  '"A"',
  '"A*=="',
  '"AQI=="',
  '"AQID="',
  '"="',
  '"AQ="',
  '"AQID\\n"',
];
const INTEGERS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};
const RANGES: Readonly<Partial<Record<ScalarType, string>>> = {
  int32: 'int32',
  sint32: 'int32',
  sfixed32: 'int32',
  uint32: 'uint32',
  fixed32: 'uint32',
  int64: 'int64',
  sint64: 'int64',
  sfixed64: 'int64',
  uint64: 'uint64',
  fixed64: 'uint64',
};

/** Texts for one type; about every tenth is none of its JSON. */
export function jsonText(message: MessageModel): fc.Arbitrary<string> {
  return fc.gen().map((g) => {
    const nat = (max: number): number => g(fc.nat, { max });
    const writer: Writer = {
      nat,
      chance: (of) => nat(of - 1) === 0,
      pick: (texts) => texts[Math.min(nat(texts.length - 1), nat(texts.length))] ?? '',
      string: () => JSON.stringify(g(fc.string, { unit: 'binary', maxLength: 40 })),
      double: () => g(fc.double, { noNaN: true, noDefaultInfinity: true }),
      integer: (min, max) => g(fc.bigInt, { min, max }),
    };
    return space(writer) + messageText(writer, message, 0) + space(writer);
  });
}

/** One character of a text taken out, doubled or replaced by one that JSON has a use for. */
export function mutated(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(
      texts,
      fc.nat(),
      fc.constantFrom('', ...Array.from('{}[]",:\\0-.eE+tfnu_ \u0000\n')),
      fc.nat(2),
    )
    .map(([text, seed, character, kind]) => {
      const at = seed % (text.length + 1);
      const behind = text.slice(kind === 0 ? at : at + 1);
      const middle = kind === 2 ? text.slice(at, at + 1).repeat(2) : character;
      return `${text.slice(0, at)}${middle}${behind}`.toWellFormed();
    });
}

function space(w: Writer): string {
  return w.pick(['', '', '', ' ', '\n\t\r ']);
}

function messageText(w: Writer, message: MessageModel, depth: number): string {
  const special = specialText(w, message, depth);
  if (special !== undefined) return special;
  const members: string[] = [];
  const wanted = depth > 3 ? 1 : w.nat(6);
  for (let i = 0; i < wanted && message.fields.length > 0; i++) {
    const field = message.fields[w.nat(message.fields.length - 1)];
    if (field !== undefined) members.push(memberText(w, field, depth));
  }
  for (const field of message.fields) {
    if (field.cardinality === 'required' && !w.chance(10))
      members.push(memberText(w, field, depth));
  }
  if (w.chance(60)) members.push('"unknown" : [1, {"a":null,"b":"\\ud800"}]');
  return objectText(w, members);
}

function objectText(w: Writer, members: readonly string[]): string {
  return `{${space(w)}${members.join(`${space(w)},${space(w)}`)}${space(w)}}`;
}

function memberText(w: Writer, field: FieldModel, depth: number): string {
  const name = JSON.stringify(w.chance(3) ? field.name : field.jsonName);
  const spelled =
    w.chance(20) && /^"[a-z]/i.test(name) ? `"\\u${hex(name.charCodeAt(1))}${name.slice(2)}` : name;
  return `${spelled}${space(w)}:${space(w)}${fieldText(w, field, depth)}`;
}

function hex(code: number): string {
  return code.toString(16).padStart(4, '0');
}

function fieldText(w: Writer, field: FieldModel, depth: number): string {
  if (w.chance(20)) return 'null';
  if (w.chance(80)) return w.pick(BAD);
  const { type, mapKey } = field;
  if (field.cardinality === 'repeated') {
    const elements = Array.from({ length: w.nat(3) }, () => valueText(w, type, depth + 1));
    return `[${space(w)}${elements.join(`${space(w)},${space(w)}`)}${space(w)}]`;
  }
  if (mapKey === undefined) return valueText(w, type, depth + 1);
  const entries = Array.from(
    { length: w.nat(3) },
    () => `${keyText(w, mapKey)}:${valueText(w, type, depth + 1)}`,
  );
  return objectText(w, entries);
}

function keyText(w: Writer, type: ScalarType): string {
  if (type === 'string') return w.chance(2) ? w.string() : w.pick(STRINGS);
  if (type === 'bool') return w.pick(['"true"', '"false"', '"True"']);
  const [min, max] = INTEGERS[RANGES[type] ?? ''] ?? [0n, 0n];
  return w.pick(['"0"', '"1"', '"01"', `"${w.integer(min, max)}"`, `"${max + 1n}"`, '"+1"']);
}

function valueText(w: Writer, type: ValueType, depth: number): string {
  if (w.chance(200)) return w.pick(BAD);
  if (type.kind === 'message') return messageText(w, type.message, depth);
  if (type.kind === 'scalar') return scalarText(w, type.scalar);
  const names = [...type.enum.values.keys()].map((name) => JSON.stringify(name));
  const numbers = [...type.enum.values.values()].map(String);
  return w.pick([...names, ...numbers, '17', '1.0', '"UNKNOWN"', '2147483648']);
}

function scalarText(w: Writer, type: ScalarType): string {
  if (type in RANGES) return integerText(w, type);
  if (type === 'double' || type === 'float') return doubleText(w, type);
  if (type === 'bool') return w.pick(['true', 'false']);
  if (type === 'bytes') return w.pick(BYTES);
  return w.chance(2) ? w.string() : w.pick(STRINGS);
}

function doubleText(w: Writer, type: 'double' | 'float'): string {
  const value = type === 'float' ? Math.fround(w.double()) : w.double();
  const some = Number.isFinite(value) && value !== 0 ? String(value) : '0.1';
  return w.pick([
    some,
    `"${some}"`,
    '1',
    '0.0',
    '123456789012345678',
    '1.25e3',
    '"Infinity"',
    '"-Infinity"',
    '"NaN"',
    '3.5e38',
    '3.4028234663852886e38',
    '" 1"',
    '"1."',
    '"+.5"',
    '"inf"',
    '1.7976931348623157e309',
  ]);
}

function integerText(w: Writer, type: ScalarType): string {
  const [min, max] = INTEGERS[RANGES[type] ?? ''] ?? [0n, 0n];
  const some = w.integer(min, max);
  // Beyond 2^53 only as strings: the oracle rounds numbers.
  const exact = some > -(2n ** 53n) && some < 2n ** 53n ? String(some) : '7';
  return w.pick([
    `"${some}"`,
    exact,
    '0',
    `"${min}"`,
    `"${max}"`,
    '1.0',
    '"12e2"',
    '1e3',
    '"+5"',
    '"007"',
    `"${max + 1n}"`,
    `"${min - 1n}"`,
    '1.5',
    '007',
    '" 1"',
  ]);
}

function specialText(w: Writer, message: MessageModel, depth: number): string | undefined {
  const wrapped = /^google\.protobuf\.\w+Value$/.test(message.fullName)
    ? message.byNumber.get(1)
    : undefined;
  switch (message.fullName) {
    case 'google.protobuf.Timestamp':
      return w.pick(TIMES);
    case 'google.protobuf.Duration':
      return w.pick(DURATIONS);
    case 'google.protobuf.FieldMask':
      return w.pick(MASKS);
    case 'google.protobuf.Struct':
      return structText(w, depth);
    case 'google.protobuf.ListValue':
      return `[${anyJson(w, depth)},${anyJson(w, depth)}]`;
    case 'google.protobuf.Value':
      return anyJson(w, depth);
    case 'google.protobuf.Any':
      return anyText(w, depth);
    default:
      return wrapped === undefined ? undefined : valueText(w, wrapped.type, depth);
  }
}

function structText(w: Writer, depth: number): string {
  const names = [w.string(), '"__proto__"', '"constructor"', '"a\\"b"', '"a"', '"a"'];
  const members = names.slice(0, w.nat(5)).map((name) => `${name}:${anyJson(w, depth + 1)}`);
  return objectText(w, members);
}

function anyJson(w: Writer, depth: number): string {
  if (depth < 5 && w.chance(4)) return structText(w, depth);
  if (depth < 5 && w.chance(4)) return `[${anyJson(w, depth + 1)},${anyJson(w, depth + 1)}]`;
  return w.pick(['null', 'true', 'false', '0', '-1.5e-3', '"text"', w.string(), '[]', '{}']);
}

function anyText(w: Writer, depth: number): string {
  const [type, member] = [
    ['google.protobuf.Duration', '"value":"1.5s"'],
    ['google.protobuf.Int64Value', '"value":"7"'],
    ['google.protobuf.Value', `"value":${anyJson(w, depth)}`],
    ['google.protobuf.Empty', '"@unknown":0'],
    ['google.protobuf.Any', '"value":{"value":"x","@type":"a/google.protobuf.StringValue"}'],
    ['no.such.Type', '"a":1'],
    ['google.protobuf.Struct', `"value":${structText(w, depth)}`],
  ][w.nat(6)] ?? ['', ''];
  const url = `"@type"${space(w)}:${space(w)}"${w.pick(['type.googleapis.com/', 'x/y/', '/', ''])}${type}"`;
  const members = w.chance(2) ? [url, member ?? ''] : [member ?? '', url];
  return objectText(w, type === 'google.protobuf.Empty' && !w.chance(8) ? [url] : members);
}
