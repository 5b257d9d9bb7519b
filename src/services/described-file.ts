/** What reflection must know of a FileDescriptorProto: what it imports and what it declares. Source: google/protobuf/descriptor.proto. */
import type protobuf from 'protobufjs';
import { addBundled } from '../schema/bundled.ts';
import { newRoot } from '../schema/collected.ts';
import { readMessage } from '../schema/read-message.ts';

export interface Extension {
  /** The full name of the message that it extends. */
  readonly type: string;
  readonly number: number;
}

export interface DescribedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly imports: readonly string[];
  /** Full names of services. */
  readonly services: readonly string[];
  /** Full names of everything that it declares. */
  readonly symbols: readonly string[];
  readonly extensions: readonly Extension[];
}

/** Throws an Error where the bytes are no FileDescriptorProto. */
export function describeFile(name: string, bytes: Uint8Array): DescribedFile {
  fileType ??= loadFileType();
  const file = readMessage(fileType, bytes) as unknown as FileDescriptor;
  const scope = file.package ? `${file.package}.` : '';
  const symbols: string[] = [];
  const extensions: Extension[] = [];
  addDeclarations(file, scope, { symbols, extensions });
  for (const message of file.message_type ?? [])
    addMessage(message, scope, { symbols, extensions });
  const services = (file.service ?? []).map((service) => `${scope}${service.name}`);
  for (const service of file.service ?? []) {
    symbols.push(`${scope}${service.name}`);
    for (const method of service.method ?? [])
      symbols.push(`${scope}${service.name}.${method.name}`);
  }
  return { name, bytes, imports: file.dependency ?? [], services, symbols, extensions };
}

interface Named {
  readonly name: string;
}

interface FieldDescriptor extends Named {
  readonly extendee?: string;
  readonly number: number;
}

/** What files and messages have in common. */
interface Declarations {
  readonly enum_type?: readonly (Named & { readonly value?: readonly Named[] })[];
  readonly extension?: readonly FieldDescriptor[];
}

interface MessageDescriptor extends Named, Declarations {
  readonly field?: readonly FieldDescriptor[];
  readonly oneof_decl?: readonly Named[];
  readonly nested_type?: readonly MessageDescriptor[];
}

interface FileDescriptor extends Declarations {
  readonly package?: string;
  readonly dependency?: readonly string[];
  readonly message_type?: readonly MessageDescriptor[];
  readonly service?: readonly (Named & { readonly method?: readonly Named[] })[];
}

interface Found {
  readonly symbols: string[];
  readonly extensions: Extension[];
}

let fileType: protobuf.Type | undefined;

function loadFileType(): protobuf.Type {
  const root = newRoot();
  addBundled(root, ['google/protobuf/descriptor.proto']);
  return root.lookupType('google.protobuf.FileDescriptorProto');
}

function addMessage(message: MessageDescriptor, scope: string, found: Found): void {
  const name = `${scope}${message.name}`;
  found.symbols.push(name);
  const inner = `${name}.`;
  for (const { name: member } of [...(message.field ?? []), ...(message.oneof_decl ?? [])])
    found.symbols.push(`${inner}${member}`);
  addDeclarations(message, inner, found);
  for (const nested of message.nested_type ?? []) addMessage(nested, inner, found);
}

function addDeclarations(declarations: Declarations, scope: string, found: Found): void {
  for (const one of declarations.enum_type ?? []) {
    found.symbols.push(`${scope}${one.name}`);
    // Values are siblings of their enum, as in C++.
    for (const value of one.value ?? []) found.symbols.push(`${scope}${value.name}`);
  }
  for (const { name, extendee = '', number } of declarations.extension ?? []) {
    found.symbols.push(`${scope}${name}`);
    found.extensions.push({ type: extendee.replace(/^\./, ''), number });
  }
}
