/**
 * The one frozen model of a schema, whatever it was read from: `.proto` files, a FileDescriptorSet or server reflection.
 *
 * Names follow descriptor.proto. Everything here is data; only {@link MessageModel.runtime} reaches into protobufjs.
 */
import type { Type } from 'protobufjs';
import type { CallKind } from '../call/types.ts';

/** The scalar types of descriptor.proto's FieldDescriptorProto.Type, without group, message and enum. */
export type ScalarType =
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint32'
  | 'sint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed32'
  | 'sfixed64'
  | 'bool'
  | 'string'
  | 'bytes';

/** What one value of a field is. For a map this is the type of its values. */
export type ValueType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | { readonly kind: 'enum'; readonly enum: EnumModel }
  | { readonly kind: 'message'; readonly message: MessageModel; readonly group: boolean };

/**
 * How often a field occurs and whether its presence is tracked (edition features, `field_presence`).
 * `implicit` is a proto3 field without `optional`; members of a oneof and message fields are `explicit`.
 */
export type Cardinality = 'implicit' | 'explicit' | 'required' | 'repeated' | 'map';

export interface FieldModel {
  /** The name in the `.proto` file, as `page_size`. For an extension its full name in brackets, as `[pkg.ext]`. */
  readonly name: string;
  /** `json_name`, as `pageSize`. */
  readonly jsonName: string;
  readonly number: number;
  readonly type: ValueType;
  readonly cardinality: Cardinality;
  readonly packed: boolean;
  /** Whether strings that are not UTF-8 are refused on the wire (edition feature `utf8_validation`): not in proto2. */
  readonly utf8: boolean;
  /** The key type of a map field. */
  readonly mapKey?: ScalarType;
  /** The oneof that the field belongs to; synthetic oneofs of proto3 `optional` are left out. */
  readonly oneof?: string;
}

export interface MessageModel {
  /** Without a leading dot, as `google.protobuf.Timestamp`. */
  readonly fullName: string;
  /** In the order of declaration. */
  readonly fields: readonly FieldModel[];
  /** Both the proto and the JSON name of each field. */
  readonly byName: ReadonlyMap<string, FieldModel>;
  readonly byNumber: ReadonlyMap<number, FieldModel>;
  /** The protobufjs type that the model is made from, with `keepCase` names; tests use it as their oracle. */
  readonly runtime: Type;
}

export interface EnumModel {
  readonly fullName: string;
  /** Name to number, aliases included, in the order of declaration. */
  readonly values: ReadonlyMap<string, number>;
  readonly closed: boolean;
}

/** One binding of google.api.http: the rule itself or one of its `additional_bindings`. Source: google/api/http.proto. */
export interface HttpRule {
  /** Upper case, as `GET`; `*` is any verb (`custom: { kind: "*" }`). */
  readonly verb: string;
  /** The path template as written, as `/v1/{name=shelves/*}:archive`. */
  readonly template: string;
  /** `*`, a field of the request by proto name, or empty for none. */
  readonly body: string;
  /** A field of the response by proto name, or empty for the whole message. */
  readonly responseBody: string;
  /** Where the rule stands, for messages to the operator, as `bookstore.proto: bookstore.v1.Bookstore.GetBook`. */
  readonly origin: string;
}

export interface MethodModel {
  readonly name: string;
  /** As `bookstore.v1.Bookstore.GetBook`. */
  readonly fullName: string;
  /** The path of the RPC protocols, as `/bookstore.v1.Bookstore/GetBook`. */
  readonly path: string;
  readonly kind: CallKind;
  readonly input: MessageModel;
  readonly output: MessageModel;
  /** The annotated rule first, then its additional bindings; empty without annotation. */
  readonly rules: readonly HttpRule[];
  /** MethodOptions.idempotency_level. */
  readonly idempotency: 'unknown' | 'no_side_effects' | 'idempotent';
}

export interface ServiceModel {
  readonly fullName: string;
  readonly methods: readonly MethodModel[];
}

/** The files of a schema as FileDescriptorProtos. */
export interface SchemaFiles {
  /** Import names. */
  readonly names: readonly string[];
  /**
   * The bytes as they came, where the schema came as descriptors; those of `.proto` text are compiled when they are asked for, which
   * rejects with a `SchemaError` where no compiler would take the text.
   */
  descriptor(name: string): Promise<Uint8Array>;
}

export interface Schema {
  readonly services: ReadonlyMap<string, ServiceModel>;
  readonly messages: ReadonlyMap<string, MessageModel>;
  readonly enums: ReadonlyMap<string, EnumModel>;
  readonly files: SchemaFiles;
  /** What the operator should know and what does not stop the gateway: an import that could not be found, two rules that collide. */
  readonly warnings: readonly string[];
}
