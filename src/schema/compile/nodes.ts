/** What a file declares, with the names of descriptor.proto: `FieldNode` is a FieldDescriptorProto before its names are resolved. */
import type { Statement } from './statement.ts';

/** The messages of descriptor.proto that hold options, each with the type of these. */
export const OPTIONS_OF = {
  FileDescriptorProto: 'FileOptions',
  DescriptorProto: 'MessageOptions',
  ExtensionRange: 'ExtensionRangeOptions',
  FieldDescriptorProto: 'FieldOptions',
  OneofDescriptorProto: 'OneofOptions',
  EnumDescriptorProto: 'EnumOptions',
  EnumValueDescriptorProto: 'EnumValueOptions',
  ServiceDescriptorProto: 'ServiceOptions',
  MethodDescriptorProto: 'MethodOptions',
} as const;

export interface Node {
  /** Written options; null where the declaration has no place for them, which protoc keeps apart from an empty one. */
  statements: Statement[] | null;
  /** In UTF-16 units. */
  readonly offset: number;
  /** Interpreted and encoded; set when the file is compiled. */
  options?: Uint8Array;
}

export interface FieldNode extends Node {
  name: string;
  number: number;
  label: number;
  /** FieldDescriptorProto.Type; undefined until it is known whether `type_name` is a message or an enum. */
  type?: number;
  /** As written; absolute with a leading dot once it is resolved. */
  type_name?: string;
  extendee?: string;
  default_value?: string;
  oneof_index?: number;
  json_name?: string;
  proto3_optional?: true;
}

export interface OneofNode extends Node {
  name: string;
}

export interface RangeNode extends Node {
  start: number;
  end: number;
}

export interface EnumNode extends Node {
  name: string;
  value: ValueNode[];
  reserved_range: { start: number; end: number }[];
  reserved_name: string[];
  visibility?: number;
}

export interface ValueNode extends Node {
  name: string;
  number: number;
}

export interface MessageNode extends Node {
  name: string;
  field: FieldNode[];
  extension: FieldNode[];
  nested_type: MessageNode[];
  enum_type: EnumNode[];
  extension_range: RangeNode[];
  oneof_decl: OneofNode[];
  reserved_range: { start: number; end: number }[];
  reserved_name: string[];
  visibility?: number;
  /** The message of a map field. */
  mapEntry?: true;
}

export interface MethodNode extends Node {
  name: string;
  input_type: string;
  output_type: string;
  client_streaming?: true;
  server_streaming?: true;
}

export interface ServiceNode extends Node {
  name: string;
  method: MethodNode[];
}

export interface FileNode extends Node {
  name: string;
  package?: string;
  dependency: string[];
  public_dependency: number[];
  weak_dependency: number[];
  option_dependency: string[];
  message_type: MessageNode[];
  enum_type: EnumNode[];
  service: ServiceNode[];
  extension: FieldNode[];
  /** Left out for proto2, as protoc does. */
  syntax?: 'proto3' | 'editions';
  /** google.protobuf.Edition. */
  edition?: number;
}

/** Where messages, enums and extensions may be declared: a file, or a message. */
export interface Scope {
  readonly messages: MessageNode[];
  readonly enums: EnumNode[];
  readonly extensions: FieldNode[];
}

/** FieldDescriptorProto.Label. */
export const LABEL = { optional: 1, required: 2, repeated: 3 } as const;

/** FieldDescriptorProto.Type, by the names of the language. */
export const TYPE: Readonly<Record<string, number>> = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  group: 10,
  message: 11,
  bytes: 12,
  uint32: 13,
  enum: 14,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
};

export function newMessage(name: string, offset: number): MessageNode {
  return {
    name,
    field: [],
    extension: [],
    nested_type: [],
    enum_type: [],
    extension_range: [],
    oneof_decl: [],
    reserved_range: [],
    reserved_name: [],
    statements: null,
    offset,
  };
}
