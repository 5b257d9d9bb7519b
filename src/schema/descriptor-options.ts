/** Descriptors as protobufjs objects with the options that its own conversion would give them, which needs compiled code. */
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import type {
  IDescriptorContext,
  IDescriptorProto,
  IEnumDescriptorProto,
  IFieldDescriptorProto,
  IServiceDescriptorProto,
} from 'protobufjs/ext/descriptor.js';
import { OPTIONS } from './read-message.ts';
import type { ReadMessage } from './read-message.ts';

/** What `protobuf.Type.fromDescriptor` gives for a descriptor that {@link readMessage} has read. */
export function typeOf(message: IDescriptorProto, context: IDescriptorContext): protobuf.Type {
  const { options } = message;
  // A map entry that is in no message: protobufjs would convert what it takes for options.
  if (options?.mapEntry === true)
    throw new Error(`${message.name ?? ''} is a map entry of nothing`);
  const type = protobuf.Type.fromDescriptor(message, context);
  applyToType(type, message);
  return type;
}

/** The same for an enum. */
export function enumOf(from: IEnumDescriptorProto, context: IDescriptorContext): protobuf.Enum {
  const enumeration = protobuf.Enum.fromDescriptor(from, context);
  apply(enumeration, from, descriptor.EnumOptions);
  return enumeration;
}

/** The same for an extension field. */
export function extensionOf(
  from: IFieldDescriptorProto,
  context: IDescriptorContext,
): protobuf.Field {
  const field = protobuf.Field.fromDescriptor(from, context);
  apply(field, from, descriptor.FieldOptions);
  return field;
}

/** The same for a service and its methods. */
export function serviceOf(
  from: IServiceDescriptorProto,
  context: IDescriptorContext,
): protobuf.Service {
  const service = protobuf.Service.fromDescriptor(from, context);
  apply(service, from, descriptor.ServiceOptions);
  for (const [at, method] of service.methodsArray.entries()) {
    const fromMethod = from.method?.[at];
    if (fromMethod !== undefined) apply(method, fromMethod, descriptor.MethodOptions);
  }
  return service;
}

/** Options as they were read; unknown fields among them. */
export function rawOptionsOf(from: object): ReadMessage | undefined {
  return (from as ReadMessage)[OPTIONS];
}

/** Options by their proto names, enums by theirs; undefined where there are none. */
export function plainOptions(from: object, type: protobuf.Type): PlainOptions | undefined {
  const raw = rawOptionsOf(from);
  return raw === undefined ? undefined : plain(raw, type);
}

interface PlainOptions {
  [name: string]: unknown;
}

function applyToType(type: protobuf.Type, from: IDescriptorProto): void {
  apply(type, from, descriptor.MessageOptions);
  for (const field of from.field ?? []) {
    apply(type.fieldsById[field.number ?? 0], field, descriptor.FieldOptions);
  }
  for (const oneof of from.oneofDecl ?? []) {
    apply(type.oneofs[oneof.name ?? ''], oneof, descriptor.OneofOptions);
  }
  for (const enumeration of from.enumType ?? []) {
    apply(type.get(enumeration.name ?? ''), enumeration, descriptor.EnumOptions);
  }
  for (const nested of from.nestedType ?? []) {
    const found = type.get(nested.name ?? '');
    if (found instanceof protobuf.Type) applyToType(found, nested);
  }
}

/** Under what the object has already: the features of its file, the default of a field. */
function apply(
  object: protobuf.ReflectionObject | null | undefined,
  from: object,
  type: protobuf.Type,
): void {
  const own = plainOptions(from, type);
  if (own === undefined || object === null || object === undefined) return;
  const known: PlainOptions = object.options ?? {};
  const features = { ...featuresOf(known), ...featuresOf(own) };
  object.options = { ...own, ...known, ...(Object.keys(features).length > 0 && { features }) };
}

function featuresOf(options: PlainOptions): PlainOptions | undefined {
  return options['features'] as PlainOptions | undefined;
}

function plain(raw: ReadMessage, type: protobuf.Type): PlainOptions {
  const options: PlainOptions = {};
  for (const field of type.fieldsArray) {
    // Of lists only `uninterpreted_option` and targets of options come in files; nothing here reads them.
    if (field.repeated || !Object.hasOwn(raw, field.name)) continue;
    const { resolvedType } = field;
    const value = raw[field.name];
    const name = field.name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (resolvedType instanceof protobuf.Type)
      options[name] = plain(value as ReadMessage, resolvedType);
    else if (resolvedType instanceof protobuf.Enum)
      options[name] = resolvedType.valuesById[Number(value)];
    else options[name] = value;
  }
  return options;
}
