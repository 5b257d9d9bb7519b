/** Random protobuf bytes of a message type: its fields in any order and number, as no encoder writes them and every parser must take them. */
import fc from 'fast-check';
import protobuf from 'protobufjs';
import {
  type FieldLayout,
  layoutOf,
  type ValueLayout,
} from '../../src/codecs/proto-json/layout.ts';
import type { MessageModel, ScalarType } from '../../src/schema/model.ts';

type Bytes = fc.Arbitrary<Uint8Array>;

/** Up to six fields, messages nested to `depth`; an Any holds one of a few built-in types or of `held`. */
export function wireBytes(
  model: MessageModel,
  depth: number,
  held: readonly MessageModel[] = [],
): Bytes {
  const { fields, wellKnown } = layoutOf(model);
  if (wellKnown === 'any') return anyOf(depth, held);
  if (fields.length === 0) return fc.constant(new Uint8Array());
  const one = fc.constantFrom(...fields).chain((field) => fieldBytes(field, { depth, held }));
  return fc.array(one, { maxLength: 6 }).map((parts) => Buffer.concat(parts));
}

/** Floats whose shortest decimal is that of the double: protojson writes all digits of the double, which has a test of its own. */
const QUARTERS = fc.oneof(
  fc.integer({ min: -4_000, max: 4_000 }).map((number) => number / 4),
  fc.constantFrom(Number.NaN, Infinity, -Infinity),
);

const ENUM = fc.constantFrom(0, 1, 2, -3, 77).map((number) => write((w) => w.int32(number)));
const DOUBLE = plain(fc.double()).map((number) => write((w) => w.double(number)));
const FLOAT = plain(QUARTERS).map((number) => write((w) => w.float(number)));
const VARINT = fc
  .oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(0n, 1n, -1n, 300n))
  .map((number) => varint(BigInt.asUintN(64, number)));

/** Integers that are missing here are varints of any size. */
const SCALARS: Partial<Record<ScalarType, Bytes>> = {
  string: fc.oneof(fc.string({ unit: 'binary' }), fc.string()).map((text) => Buffer.from(text)),
  bytes: fc.uint8Array({ maxLength: 5 }),
  bool: fc.constantFrom(Buffer.from([0]), Buffer.from([1]), Buffer.from([0x80, 0])),
  double: DOUBLE,
  fixed64: DOUBLE,
  sfixed64: DOUBLE,
  float: FLOAT,
  fixed32: FLOAT,
  sfixed32: FLOAT,
};

/** Types that every test schema knows. */
const ANYS: readonly (readonly [name: string, value: Uint8Array])[] = [
  ['', new Uint8Array()],
  ['google.protobuf.Duration', Uint8Array.of(8, 3)],
  ['google.protobuf.StringValue', Uint8Array.of(10, 1, 0x61)],
  ['google.protobuf.Empty', new Uint8Array()],
  ['google.rpc.ErrorInfo', Uint8Array.of(10, 1, 0x61)],
];

function anyBytes([name, value]: (typeof ANYS)[number]): Uint8Array {
  if (name === '') return value;
  const url = Buffer.from(`type.googleapis.com/${name}`);
  return Buffer.concat([delimited(1, url), delimited(2, value)]);
}

/** What an Any holds must be of the type that it names. */
function anyOf(depth: number, held: readonly MessageModel[]): Bytes {
  const builtin = fc.constantFrom(...ANYS.map(anyBytes));
  if (held.length === 0 || depth === 0) return builtin;
  const some = fc
    .constantFrom(...held)
    .chain((model) =>
      wireBytes(model, depth - 1, held).map((value) => anyBytes([model.fullName, value])),
    );
  return fc.oneof(builtin, some);
}

interface Nesting {
  readonly depth: number;
  /** What an Any may hold. */
  readonly held: readonly MessageModel[];
}

function fieldBytes(field: FieldLayout, nesting: Nesting): Bytes {
  const { value, key, number } = field;
  if (key !== null) {
    const entry = fc.tuple(
      fc.option(tagged(1, key, nesting), { freq: 6, nil: new Uint8Array() }),
      fc.option(tagged(2, value, nesting), { freq: 6, nil: new Uint8Array() }),
      fc.boolean(),
    );
    return entry.map(([first, second, swapped]) =>
      delimited(number, Buffer.concat(swapped ? [second, first] : [first, second])),
    );
  }
  const single = tagged(number, value, nesting);
  if (field.shape !== 'repeated' || value.wire === 2 || value.wire === 3) return single;
  const run = fc.array(valueBytes(value, nesting), { maxLength: 3 });
  return fc.oneof(
    single,
    run.map((parts) => delimited(number, Buffer.concat(parts))),
  );
}

function tagged(number: number, value: ValueLayout, nesting: Nesting): Bytes {
  return valueBytes(value, nesting).map((bytes) => {
    if (value.wire === 2) return delimited(number, bytes);
    const end = value.wire === 3 ? tag(number, 4) : new Uint8Array();
    return Buffer.concat([tag(number, value.wire), bytes, end]);
  });
}

/** Without tag and length. */
function valueBytes(value: ValueLayout, { depth, held }: Nesting): Bytes {
  const { message, kind } = value;
  if (message !== null)
    return depth === 0 ? fc.constant(new Uint8Array()) : wireBytes(message.model, depth - 1, held);
  const scalar = kind === 'enum' || kind === 'message' || kind === 'group' ? ENUM : SCALARS[kind];
  return scalar ?? VARINT;
}

/** protojson takes a negative zero for none, which protobuf does not; that one has a test of its own. */
function plain(numbers: fc.Arbitrary<number>): fc.Arbitrary<number> {
  return numbers.map((number) => (number === 0 ? 0 : number));
}

function delimited(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([tag(number, 2), write((w) => w.bytes(bytes))]);
}

function tag(number: number, wire: number): Uint8Array {
  return write((w) => w.uint32(((number << 3) | wire) >>> 0));
}

function write(fill: (writer: protobuf.Writer) => protobuf.Writer): Uint8Array {
  return fill(protobuf.Writer.create()).finish();
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
