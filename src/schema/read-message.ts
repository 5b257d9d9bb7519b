/**
 * Messages that the gateway itself must read, by protobufjs' description of their types but without its decoder, which compiles: descriptors
 * and reflection answers are read where code generation is disallowed, too.
 */
import protobuf from 'protobufjs';

/** A message as protobufjs would decode it: an own property per field that is set, defaults on the prototype. */
export interface ReadMessage {
  [field: string]: unknown;
  /** Unknown fields, each with its tag. */
  $unknowns?: Uint8Array[];
  /** The field `options`, by {@link OPTIONS}. */
  [OPTIONS]?: ReadMessage;
}

/**
 * Options are kept apart: where protobufjs finds some in a descriptor, it converts them with compiled code. Only that a message is a map
 * entry stays where it looks for it.
 */
export const OPTIONS: unique symbol = Symbol('options');

/** As deep as protobufjs reads messages. */
const MAX_DEPTH = 100;
const DELIMITED = 2;

/** The message; throws an Error where the bytes are none. */
export function readMessage(type: protobuf.Type, bytes: Uint8Array): ReadMessage {
  const message = newMessage(type);
  readFields({ type, message }, protobuf.Reader.create(bytes), bytes.length, 0);
  return message;
}

interface Plan {
  readonly byId: ReadonlyMap<number, protobuf.Field>;
  readonly defaults: object;
}

const plans = new WeakMap<protobuf.Type, Plan>();

function planOf(type: protobuf.Type): Plan {
  let plan = plans.get(type);
  if (plan === undefined) {
    // descriptor.proto's own names: none of them is dangerous as a property.
    const defaults: ReadMessage = {};
    const byId = new Map<number, protobuf.Field>();
    for (const field of type.fieldsArray) {
      field.resolve();
      byId.set(field.id, field);
      if (field.defaultValue !== null) defaults[field.name] = field.defaultValue;
    }
    plan = { byId, defaults };
    plans.set(type, plan);
  }
  return plan;
}

function newMessage(type: protobuf.Type): ReadMessage {
  return Object.create(planOf(type).defaults) as ReadMessage;
}

interface Target {
  readonly type: protobuf.Type;
  readonly message: ReadMessage;
}

function readFields(target: Target, reader: protobuf.Reader, end: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new Error('max depth exceeded');
  const { byId } = planOf(target.type);
  while (reader.pos < end) {
    const start = reader.pos;
    const tag = reader.uint32();
    const wire = tag & 7;
    const field = byId.get(tag >>> 3);
    if (field === undefined || !fits(field, wire)) {
      reader.skipType(wire, depth, tag >>> 3);
      (target.message.$unknowns ??= []).push(reader.buf.subarray(start, reader.pos));
    } else if (field.resolvedType instanceof protobuf.Type) {
      readNested(target.message, field, { type: field.resolvedType, reader, depth });
    } else if (wire === DELIMITED && wireTypeOf(field) !== DELIMITED) {
      const stop = delimitedEnd(reader);
      while (reader.pos < stop) setField(target.message, field, readScalar(field, reader));
    } else setField(target.message, field, readScalar(field, reader));
  }
  if (reader.pos !== end) throw new RangeError('a message is cut off');
}

function fits(field: protobuf.Field, wire: number): boolean {
  const expected = wireTypeOf(field);
  // Packed or not: a parser must take both.
  return wire === expected || (wire === DELIMITED && field.repeated);
}

function wireTypeOf({ resolvedType, type }: protobuf.Field): number {
  if (resolvedType !== null) return resolvedType instanceof protobuf.Type ? DELIMITED : 0;
  return protobuf.types.basic[type as keyof typeof protobuf.types.basic];
}

interface Nested {
  readonly type: protobuf.Type;
  readonly reader: protobuf.Reader;
  readonly depth: number;
}

function readNested(message: ReadMessage, field: protobuf.Field, nested: Nested): void {
  const { type, reader, depth } = nested;
  const key = field.name === 'options' ? OPTIONS : field.name;
  // A single message that comes twice merges.
  const known = field.repeated || !Object.hasOwn(message, key) ? undefined : message[key];
  const value = (known as ReadMessage | undefined) ?? newMessage(type);
  readFields({ type, message: value }, reader, delimitedEnd(reader), depth + 1);
  if (key !== OPTIONS) setField(message, field, value);
  else {
    message[OPTIONS] = value;
    if (value['mapEntry'] === true) message['options'] = { mapEntry: true };
  }
}

function delimitedEnd(reader: protobuf.Reader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError('a message is cut off');
  return end;
}

function setField(message: ReadMessage, field: protobuf.Field, value: unknown): void {
  if (!field.repeated) message[field.name] = value;
  else if (Object.hasOwn(message, field.name)) (message[field.name] as unknown[]).push(value);
  else message[field.name] = [value];
}

function readScalar({ type, resolvedType }: protobuf.Field, reader: protobuf.Reader): unknown {
  if (resolvedType !== null) return reader.int32();
  switch (type) {
    case 'string':
      return reader.string();
    case 'bytes':
      return reader.bytes();
    case 'bool':
      return reader.bool();
    case 'int32':
      return reader.int32();
    case 'int64':
      return reader.int64();
    case 'uint64':
      return reader.uint64();
    case 'double':
      return reader.double();
    default:
      throw new Error(`a field of the type ${type} is none of a descriptor`);
  }
}
