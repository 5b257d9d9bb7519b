/**
 * The files of a FileDescriptorSet as they were compiled. Each file stays the bytes that stood in the set: decoding and encoding again
 * would drop the options that a runtime does not know, google.api.http among them.
 */
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';

export interface DescriptorFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly dependencies: readonly string[];
}

export interface DescriptorIndex {
  readonly services: readonly string[];
  readonly files: ReadonlyMap<string, DescriptorFile>;
  /** Every service, method, message, field, oneof, enum, enum value and extension by full name. */
  readonly symbols: ReadonlyMap<string, DescriptorFile>;
  /** Extended message -> field number -> the file that declares the extension. */
  readonly extensions: ReadonlyMap<string, ReadonlyMap<number, DescriptorFile>>;
}

interface Building {
  readonly services: string[];
  readonly files: Map<string, DescriptorFile>;
  readonly symbols: Map<string, DescriptorFile>;
  readonly extensions: Map<string, Map<number, DescriptorFile>>;
}

/** Splits a set and finds what its files declare. */
export function indexDescriptors(set: Uint8Array): DescriptorIndex {
  const index: Building = {
    services: [],
    files: new Map(),
    symbols: new Map(),
    extensions: new Map(),
  };
  for (const bytes of splitSet(set)) {
    const content = readFile(bytes);
    const file = { name: content.name ?? '', bytes, dependencies: content.dependency ?? [] };
    index.files.set(file.name, file);
    addFile(index, file, content);
  }
  return index;
}

/** The parts of field 1 (`repeated FileDescriptorProto file`), uncopied. */
function splitSet(set: Uint8Array): Uint8Array[] {
  const reader = protobuf.Reader.create(set);
  const files: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === ((1 << 3) | 2)) files.push(reader.bytes());
    else reader.skipType(tag & 7);
  }
  return files;
}

/** The decoded message is typed as any message at all; its fields are the ones of descriptor.proto. */
function readFile(bytes: Uint8Array): descriptor.IFileDescriptorProto {
  return descriptor.FileDescriptorProto.decode(bytes) as object;
}

function addFile(
  index: Building,
  file: DescriptorFile,
  content: descriptor.IFileDescriptorProto,
): void {
  const scope = content.package ?? '';
  const add = (name: string): unknown => index.symbols.set(name, file);
  for (const service of content.service ?? []) {
    const name = join(scope, service.name);
    add(name);
    index.services.push(name);
    for (const method of service.method ?? []) add(join(name, method.name));
  }
  for (const type of content.messageType ?? []) addMessage(index, file, scope, type);
  for (const type of content.enumType ?? []) addEnum(add, scope, type);
  for (const field of content.extension ?? []) addExtension(index, file, scope, field);
}

function addMessage(
  index: Building,
  file: DescriptorFile,
  scope: string,
  type: descriptor.IDescriptorProto,
): void {
  const name = join(scope, type.name);
  const add = (symbol: string): unknown => index.symbols.set(symbol, file);
  add(name);
  for (const field of type.field ?? []) add(join(name, field.name));
  for (const oneof of type.oneofDecl ?? []) add(join(name, oneof.name));
  for (const nested of type.nestedType ?? []) addMessage(index, file, name, nested);
  for (const nested of type.enumType ?? []) addEnum(add, name, nested);
  for (const field of type.extension ?? []) addExtension(index, file, name, field);
}

/** The values of an enum are siblings of the enum, not its children (descriptor.proto, "EnumValueDescriptorProto"). */
function addEnum(
  add: (name: string) => unknown,
  scope: string,
  type: descriptor.IEnumDescriptorProto,
): void {
  add(join(scope, type.name));
  for (const value of type.value ?? []) add(join(scope, value.name));
}

function addExtension(
  index: Building,
  file: DescriptorFile,
  scope: string,
  field: descriptor.IFieldDescriptorProto,
): void {
  index.symbols.set(join(scope, field.name), file);
  const extended = (field.extendee ?? '').replace(/^\./, '');
  const numbers = index.extensions.get(extended) ?? new Map<number, DescriptorFile>();
  numbers.set(field.number ?? 0, file);
  index.extensions.set(extended, numbers);
}

function join(scope: string, name: string | null | undefined): string {
  return scope === '' ? (name ?? '') : `${scope}.${name ?? ''}`;
}
