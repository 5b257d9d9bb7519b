/** Models of messages and enums over protobufjs types, each built when somebody first looks inside: most of a large schema is never called. */
import protobuf from 'protobufjs';
import { fullNameOf } from './collected.ts';
import type { Declarations } from './collected.ts';
import type {
  Cardinality,
  EnumModel,
  FieldModel,
  MessageModel,
  ScalarType,
  ValueType,
} from './model.ts';

/** The models of one schema; references between them go through here, so that cycles cost nothing. */
export interface TypeModels {
  readonly messages: ReadonlyMap<string, MessageModel>;
  readonly enums: ReadonlyMap<string, EnumModel>;
  /** The model of a type below the same root. */
  message(type: protobuf.Type): MessageModel;
}

/** Models for everything that is declared; the root must be resolved. */
export function typeModels(declarations: Declarations): TypeModels {
  const messages = new Map<string, MessageModel>();
  const enums = new Map<string, EnumModel>();
  // By type as well: protobufjs puts a full name together each time it is asked.
  const byType = new Map<protobuf.Type, MessageModel>();
  const models: TypeModels = { messages, enums, message: (type) => known(byType, type) };
  for (const [name, type] of declarations.types) {
    const model = new LazyMessage(name, type, models);
    messages.set(name, model);
    byType.set(type, model);
  }
  for (const [name, type] of declarations.enums) enums.set(name, enumModel(name, type));
  return models;
}

interface Fields {
  readonly list: readonly FieldModel[];
  readonly byName: ReadonlyMap<string, FieldModel>;
  readonly byNumber: ReadonlyMap<number, FieldModel>;
}

/** A class because it has identity (messages refer to each other in cycles) and holds what it has built. */
class LazyMessage implements MessageModel {
  readonly fullName: string;
  readonly runtime: protobuf.Type;
  readonly #models: TypeModels;
  #built: Fields | undefined;

  constructor(fullName: string, runtime: protobuf.Type, models: TypeModels) {
    this.fullName = fullName;
    this.runtime = runtime;
    this.#models = models;
    Object.freeze(this);
  }

  get fields(): readonly FieldModel[] {
    return this.#fields().list;
  }

  get byName(): ReadonlyMap<string, FieldModel> {
    return this.#fields().byName;
  }

  get byNumber(): ReadonlyMap<number, FieldModel> {
    return this.#fields().byNumber;
  }

  #fields(): Fields {
    this.#built ??= buildFields(this.runtime, this.#models);
    return this.#built;
  }
}

function buildFields(type: protobuf.Type, models: TypeModels): Fields {
  const declared = type.fieldsArray.filter((field) => field.declaringField === null);
  // Which file extends first depends on the order of loading; the number does not.
  const extensions = type.fieldsArray
    .filter((field) => field.declaringField !== null)
    .sort((left, right) => left.id - right.id);
  const list = [...declared, ...extensions].map((field) => fieldModel(field, models));
  const byName = new Map<string, FieldModel>();
  for (const field of list) byName.set(field.name, field);
  // A proto name goes before another field's JSON name.
  for (const field of list) if (!byName.has(field.jsonName)) byName.set(field.jsonName, field);
  const byNumber = new Map(list.map((field) => [field.number, field]));
  return { list: Object.freeze(list), byName, byNumber };
}

function fieldModel(field: protobuf.Field, models: TypeModels): FieldModel {
  const type = valueType(field, models);
  const cardinality = cardinalityOf(field, type);
  const extension =
    field.declaringField === null ? undefined : `[${fullNameOf(field.declaringField)}]`;
  const oneof = field.partOf === null || isSynthetic(field) ? undefined : field.partOf.name;
  return Object.freeze({
    name: extension ?? field.name,
    jsonName: extension ?? field.jsonName ?? field.name,
    number: field.id,
    type,
    cardinality,
    packed: cardinality === 'repeated' && isPackable(type) && field.packed,
    utf8: (field as unknown as WithFeatures)._features.utf8_validation !== 'NONE',
    ...(field instanceof protobuf.MapField ? { mapKey: field.keyType as ScalarType } : {}),
    ...(oneof === undefined ? {} : { oneof }),
  });
}

function valueType(field: protobuf.Field, models: TypeModels): ValueType {
  const { resolvedType } = field;
  if (resolvedType === null)
    return Object.freeze({ kind: 'scalar', scalar: field.type as ScalarType });
  if (resolvedType instanceof protobuf.Enum) {
    return Object.freeze({ kind: 'enum', enum: known(models.enums, fullNameOf(resolvedType)) });
  }
  const group = field.delimited && !field.map;
  return Object.freeze({ kind: 'message', message: models.message(resolvedType), group });
}

function cardinalityOf(field: protobuf.Field, type: ValueType): Cardinality {
  if (field.map) return 'map';
  if (field.repeated) return 'repeated';
  if (field.required) return 'required';
  return field.hasPresence || type.kind === 'message' ? 'explicit' : 'implicit';
}

/** protoc makes a oneof of its own for each proto3 `optional`. */
function isSynthetic(field: protobuf.Field): boolean {
  return field.options?.['proto3_optional'] === true;
}

function isPackable(type: ValueType): boolean {
  if (type.kind === 'scalar') return type.scalar !== 'string' && type.scalar !== 'bytes';
  return type.kind === 'enum';
}

/** protobufjs has no public name for the resolved features of a field or an enum. */
interface WithFeatures {
  readonly _features: { readonly enum_type?: string; readonly utf8_validation?: string };
}

function enumModel(fullName: string, type: protobuf.Enum): EnumModel {
  const { _features: features } = type as unknown as WithFeatures;
  return Object.freeze({
    fullName,
    values: new Map(Object.entries(type.values)),
    closed: features.enum_type === 'CLOSED',
  });
}

function known<Key, Model>(models: ReadonlyMap<Key, Model>, key: Key): Model {
  const model = models.get(key);
  if (model === undefined) throw new Error(`no model of ${String(key)} in this schema`);
  return model;
}
