/**
 * What the codecs know of a message type, worked out once from its model when the type is first met: the one representation that the
 * compiled and the interpreted path are both driven by. References between types are lazy, so that a plan with 5,000 types lays out
 * only those that are called, and recursive types end.
 */
import type {
  EnumModel,
  FieldModel,
  MessageModel,
  ScalarType,
  ValueType,
} from '../../schema/model.ts';

/** The kinds of values: the scalars of descriptor.proto, then enum, message and group. */
export type Kind = ScalarType | 'enum' | 'message' | 'group';

/** The well-known types that ProtoJSON writes in a form of their own. Source: protobuf.dev/programming-guides/json. */
export type WellKnown =
  | 'any'
  | 'timestamp'
  | 'duration'
  | 'field_mask'
  | 'struct'
  | 'value'
  | 'list_value'
  | 'wrapper';

/** The wire types (protobuf.dev/programming-guides/encoding). */
export type WireType = 0 | 1 | 2 | 3 | 5;

/** One value: of a field, an element of a list, a value of a map. */
export interface ValueLayout {
  readonly kind: Kind;
  /** Not packed. */
  readonly wire: WireType;
  readonly enum: EnumLayout | null;
  /** The type of a message or group; lazy, since types refer to each other in cycles. */
  readonly message: MessageLayout | null;
}

export interface FieldLayout {
  readonly model: FieldModel;
  readonly number: number;
  /** Position in {@link MessageLayout.fields}; the bit of this field where something is tracked per field. */
  readonly index: number;
  readonly shape: 'single' | 'repeated' | 'map';
  readonly value: ValueLayout;
  /** The key of a map. */
  readonly key: ValueLayout | null;
  /** Whether a default value is told from none: it is written to JSON, and to the wire. */
  readonly presence: boolean;
  readonly packed: boolean;
  /** -1, or which oneof of the message it belongs to. */
  readonly oneof: number;
  /** Whether a string must be UTF-8: all but those of proto2. */
  readonly utf8: boolean;
  /** `"pageSize":` and `"page_size":` in UTF-8, escaped. */
  readonly jsonKey: Buffer;
  readonly protoKey: Buffer;
}

export interface EnumLayout {
  readonly model: EnumModel;
  /** The JSON of each number, quoted: `"NOVEL"`; the first name of several wins. */
  readonly text: ReadonlyMap<number, Buffer>;
  /** google.protobuf.NullValue, whose JSON is `null`. */
  readonly isNull: boolean;
}

export interface MessageLayout {
  readonly model: MessageModel;
  readonly wellKnown: WellKnown | null;
  /** In the order of declaration. */
  readonly fields: readonly FieldLayout[];
  readonly byNumber: ReadonlyMap<number, FieldLayout>;
  /** By proto and JSON name. */
  readonly byName: ReadonlyMap<string, FieldLayout>;
  readonly oneofs: number;
}

const PREFIX = 'google.protobuf.';
const WELL_KNOWN: ReadonlyMap<string, WellKnown> = new Map([
  [`${PREFIX}Any`, 'any'],
  [`${PREFIX}Timestamp`, 'timestamp'],
  [`${PREFIX}Duration`, 'duration'],
  [`${PREFIX}FieldMask`, 'field_mask'],
  [`${PREFIX}Struct`, 'struct'],
  [`${PREFIX}Value`, 'value'],
  [`${PREFIX}ListValue`, 'list_value'],
  ...['Double', 'Float', 'Int64', 'UInt64', 'Int32', 'UInt32', 'Bool', 'String', 'Bytes'].map(
    (name): [string, WellKnown] => [`${PREFIX}${name}Value`, 'wrapper'],
  ),
]);

const WIRE: Readonly<Record<Kind, WireType>> = {
  double: 1,
  float: 5,
  int32: 0,
  int64: 0,
  uint32: 0,
  uint64: 0,
  sint32: 0,
  sint64: 0,
  fixed32: 5,
  fixed64: 1,
  sfixed32: 5,
  sfixed64: 1,
  bool: 0,
  string: 2,
  bytes: 2,
  enum: 0,
  message: 2,
  group: 3,
};

const layouts = new WeakMap<MessageModel, MessageLayout>();
const enums = new WeakMap<EnumModel, EnumLayout>();

/** Which well-known type a message is, or null; asks for no layout. */
export function wellKnownOf({ fullName }: MessageModel): WellKnown | null {
  return WELL_KNOWN.get(fullName) ?? null;
}

/** The layout of a type; made once. */
export function layoutOf(model: MessageModel): MessageLayout {
  let layout = layouts.get(model);
  if (layout === undefined) {
    layout = new Layout(model);
    layouts.set(model, layout);
  }
  return layout;
}

/** A class because its parts are worked out when they are first asked for. */
class Layout implements MessageLayout {
  readonly model: MessageModel;
  readonly wellKnown: WellKnown | null;
  #fields: readonly FieldLayout[] | null = null;
  #byNumber: ReadonlyMap<number, FieldLayout> | null = null;
  #byName: ReadonlyMap<string, FieldLayout> | null = null;
  #oneofs = 0;

  constructor(model: MessageModel) {
    this.model = model;
    this.wellKnown = wellKnownOf(model);
  }

  get fields(): readonly FieldLayout[] {
    if (this.#fields === null) {
      const oneofs = new Map<string, number>();
      this.#fields = this.model.fields.map((field, index) => layoutField(field, index, oneofs));
      this.#oneofs = oneofs.size;
    }
    return this.#fields;
  }

  get byNumber(): ReadonlyMap<number, FieldLayout> {
    this.#byNumber ??= new Map(this.fields.map((field) => [field.number, field]));
    return this.#byNumber;
  }

  get byName(): ReadonlyMap<string, FieldLayout> {
    if (this.#byName === null) {
      const byName = new Map<string, FieldLayout>();
      for (const [name, { number }] of this.model.byName) {
        const field = this.byNumber.get(number);
        if (field !== undefined) byName.set(name, field);
      }
      this.#byName = byName;
    }
    return this.#byName;
  }

  get oneofs(): number {
    return this.fields.length === 0 ? 0 : this.#oneofs;
  }
}

function layoutField(model: FieldModel, index: number, oneofs: Map<string, number>): FieldLayout {
  const { cardinality, mapKey, oneof } = model;
  if (oneof !== undefined && !oneofs.has(oneof)) oneofs.set(oneof, oneofs.size);
  return {
    model,
    number: model.number,
    index,
    shape: cardinality === 'map' || cardinality === 'repeated' ? cardinality : 'single',
    value: layoutValue(model.type),
    key: mapKey === undefined ? null : layoutValue({ kind: 'scalar', scalar: mapKey }),
    presence: cardinality === 'explicit' || cardinality === 'required',
    packed: model.packed,
    oneof: oneof === undefined ? -1 : (oneofs.get(oneof) ?? -1),
    utf8: model.utf8,
    jsonKey: Buffer.from(`${JSON.stringify(model.jsonName)}:`),
    protoKey: Buffer.from(`${JSON.stringify(model.name)}:`),
  };
}

function layoutValue(type: ValueType): ValueLayout {
  switch (type.kind) {
    case 'scalar':
      return { kind: type.scalar, wire: WIRE[type.scalar], enum: null, message: null };
    case 'enum':
      return { kind: 'enum', wire: 0, enum: layoutEnum(type.enum), message: null };
    case 'message': {
      const kind = type.group ? 'group' : 'message';
      return {
        kind,
        wire: WIRE[kind],
        enum: null,
        get message() {
          return layoutOf(type.message);
        },
      };
    }
  }
}

function layoutEnum(model: EnumModel): EnumLayout {
  let layout = enums.get(model);
  if (layout === undefined) {
    const text = new Map<number, Buffer>();
    for (const [name, number] of model.values) {
      if (!text.has(number)) text.set(number, Buffer.from(JSON.stringify(name)));
    }
    layout = { model, text, isNull: model.fullName === `${PREFIX}NullValue` };
    enums.set(model, layout);
  }
  return layout;
}
