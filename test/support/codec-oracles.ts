/** Other implementations of ProtoJSON over one generated schema: what they make of bytes and of texts. */
import {
  createFileRegistry,
  type DescMessage,
  fromBinary,
  fromJsonString,
  type JsonObject,
  type Registry,
  toBinary,
  toJsonString,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';
import protojson from 'protobufjs/ext/protojson.js';
import { runtimeOf } from './runtime.ts';
import type { MessageModel } from '../../src/schema/model.ts';
import { descriptorSetOf } from './schema-arbitrary.ts';

/** Undefined where it refuses. */
export type Result<Value> = Value | undefined;

/** One implementation for one message type. */
export interface Oracle {
  readonly name: 'protobufjs' | 'bufbuild';
  /** Protobuf to JSON. */
  write(bytes: Uint8Array): Result<string>;
  /** JSON to protobuf. */
  read(text: string, ignoreUnknown: boolean): Result<Uint8Array>;
  /** Bytes in one spelling, so that two messages can be compared; throws where they are no message. */
  settled(bytes: Uint8Array): unknown;
}

export function protobufjsOracle(model: MessageModel): Oracle {
  const type = runtimeOf(model);
  return {
    name: 'protobufjs',
    write: (bytes) => attempt(() => protojson.toJsonString(type, type.decode(bytes))),
    read: (text, ignoreUnknownFields) =>
      attempt(() =>
        type.encode(protojson.fromJsonString(type, text, { ignoreUnknownFields })).finish(),
      ),
    settled(bytes) {
      const reader = protobuf.Reader.create(bytes);
      reader.discardUnknown = false;
      return type.decode(reader);
    },
  };
}

export function bufbuildOracle(desc: DescMessage, registry: Registry): Oracle {
  return {
    name: 'bufbuild',
    write: (bytes) => attempt(() => toJsonString(desc, fromBinary(desc, bytes), { registry })),
    read: (text, ignoreUnknownFields) =>
      attempt(() => toBinary(desc, fromJsonString(desc, text, { registry, ignoreUnknownFields }))),
    settled: (bytes) => fromBinary(desc, Uint8Array.from(bytes)),
  };
}

/** The types of a file, and of google.rpc, which our codecs know without being told. */
export function bufbuildRegistry(file: JsonObject): ReturnType<typeof createFileRegistry> {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSetOf(file, [ERRORS])));
}

const TEXT = { label: 'LABEL_OPTIONAL', type: 'TYPE_STRING' };
const ERRORS: JsonObject = {
  name: 'errors.proto',
  package: 'google.rpc',
  syntax: 'proto3',
  messageType: [
    {
      name: 'ErrorInfo',
      field: [
        { name: 'reason', jsonName: 'reason', number: 1, ...TEXT },
        { name: 'domain', jsonName: 'domain', number: 2, ...TEXT },
      ],
    },
  ],
};

function attempt<Value>(run: () => Value): Result<Value> {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
