/** A walk over everything in a file that may have options. */
import type { EnumNode, FieldNode, FileNode, MessageNode, Node, OPTIONS_OF } from './nodes.ts';
import { join } from './symbols.ts';

/** `scope` is what names in the node are relative to. */
type Visit = (node: Node, type: keyof typeof OPTIONS_OF, scope: string) => void;

export function eachNode(file: FileNode, visit: Visit): void {
  const scope = file.package ?? '';
  visit(file, 'FileDescriptorProto', scope);
  for (const message of file.message_type) eachInMessage(message, scope, visit);
  for (const enumeration of file.enum_type) eachInEnum(enumeration, scope, visit);
  eachField(file.extension, scope, visit);
  for (const service of file.service) {
    visit(service, 'ServiceDescriptorProto', scope);
    for (const method of service.method) {
      visit(method, 'MethodDescriptorProto', join(scope, service.name));
    }
  }
}

function eachInMessage(message: MessageNode, scope: string, visit: Visit): void {
  visit(message, 'DescriptorProto', scope);
  const inside = join(scope, message.name);
  eachField(message.field, inside, visit);
  eachField(message.extension, inside, visit);
  for (const nested of message.nested_type) eachInMessage(nested, inside, visit);
  for (const enumeration of message.enum_type) eachInEnum(enumeration, inside, visit);
  for (const range of message.extension_range) visit(range, 'ExtensionRange', inside);
  for (const oneof of message.oneof_decl) visit(oneof, 'OneofDescriptorProto', inside);
}

function eachInEnum(enumeration: EnumNode, scope: string, visit: Visit): void {
  visit(enumeration, 'EnumDescriptorProto', scope);
  const inside = join(scope, enumeration.name);
  for (const value of enumeration.value) visit(value, 'EnumValueDescriptorProto', inside);
}

function eachField(fields: readonly FieldNode[], scope: string, visit: Visit): void {
  for (const field of fields) visit(field, 'FieldDescriptorProto', scope);
}
