/**
 * Messages between ProtoJSON and protobuf, with errors that a client can act on: the codecs of proto-json/ say yes or no.
 */
import { GatewayError } from '../call/error.ts';
import type { FieldModel, MessageModel, Schema } from '../schema/model.ts';
import { addFaults } from './json-faults.ts';
import { readTree, type TreeOptions } from './json-tree.ts';
import type { JsonValue } from './json-text.ts';
import { Violations } from './problems.ts';
import { JsonFault } from './proto-json/from-json/fault.ts';
import { layoutOf } from './proto-json/layout.ts';
import type { JsonOptions, JsonStyle } from './proto-json/options.ts';
import { Scratch } from './proto-json/output.ts';
import type { Mask } from './proto-json/to-json/mask.ts';
import {
  jsonFieldWriter,
  jsonWriter,
  maskedWriter,
  type WriteJson,
} from './proto-json/to-json/write.ts';
import { anyMessage } from './any-message.ts';

/** The JSON of a message as JSON.stringify takes it. */
type EncodedJson = unknown;

/** A settled JSON value (settle.ts) to protobuf; refuses with PG_INVALID_VALUE that names every wrong field. */
export function decodeJson(
  message: MessageModel,
  value: JsonValue,
  options: TreeOptions,
): Uint8Array {
  const bytes = readTree(message, value, options);
  if (!(bytes instanceof JsonFault)) return bytes;
  if (bytes.deep) throw new GatewayError('PG_TOO_DEEP', 'the JSON nests too deep');
  const found = new Violations();
  addFaults(message, value, found, options.caseInsensitiveEnums);
  if (found.count === 0) found.add('', () => `no JSON of ${message.fullName}`);
  throw found.error('PG_INVALID_VALUE');
}

/** One field alone, with its tag, from a settled JSON value; empty for its default, undefined where the field does not take the value. */
export function fieldBytes(
  owner: MessageModel,
  field: FieldModel,
  value: JsonValue,
  caseInsensitiveEnums: boolean,
): Uint8Array | undefined {
  const options = { types: null, caseInsensitiveEnums };
  const bytes = readTree(owner, { [field.name]: value }, options);
  return bytes instanceof JsonFault ? undefined : bytes;
}

export interface JsonEncoding {
  /** Where an Any looks for its type; null knows only the types that come along. */
  readonly schema: Schema | null;
  readonly style: JsonStyle;
  /** Only this field. */
  readonly field?: FieldModel | undefined;
  /** Whose fault it is where the message can't be read; default: the service's. */
  readonly refuse?: (message: MessageModel, cause: unknown) => GatewayError;
}

/** Protobuf to JSON bytes: all of them, or what a mask keeps that was made for the same message or field. */
export type EncodeJson = (bytes: Uint8Array, mask?: Mask) => Uint8Array;

/** A function from the protobuf of a message, or of one of its fields, to JSON bytes; PG_RESPONSE_UNREADABLE where they have none. */
export function jsonEncoder(
  message: MessageModel,
  { schema, style, field, refuse = unreadable }: JsonEncoding,
): EncodeJson {
  const layout = layoutOf(message);
  const options = optionsFor(schema, style);
  const only = field === undefined ? undefined : layout.byNumber.get(field.number);
  const write =
    only === undefined ? jsonWriter(layout, options) : jsonFieldWriter(layout, only, options);
  const writePart = maskedWriter(layout, only, options);
  return (bytes, mask) => {
    try {
      if (mask === undefined) return encoded(write, bytes);
      return encoded((from, to) => writePart(from, to, mask), bytes);
    } catch (cause) {
      throw refuse(message, cause);
    }
  };
}

/** Protobuf to the JSON value of a message, for who must look inside; 64-bit integers are strings. Refuses as {@link jsonEncoder}. */
export function jsonValue(
  message: MessageModel,
  bytes: Uint8Array,
  schema: Schema | null,
): EncodedJson {
  const encode = jsonEncoder(message, { schema, style: PLAIN });
  return JSON.parse(Buffer.from(encode(bytes)).toString('utf8'));
}

/** ProtoJSON without any option. */
export const PLAIN: JsonStyle = {
  emitDefaults: false,
  enumsAsNumbers: false,
  protoNames: false,
  int64: 'string',
};

function optionsFor(schema: Schema | null, style: JsonStyle): JsonOptions {
  return {
    ...style,
    anyLayout(typeUrl) {
      const found = anyMessage(schema, typeUrl);
      return found === undefined ? undefined : layoutOf(found);
    },
  };
}

const scratch = new Scratch();

function encoded(write: WriteJson, bytes: Uint8Array): Uint8Array {
  write(bytes, scratch.take());
  return scratch.finish();
}

/** A request message that is none of its type, as only clients that send protobuf can make it. */
export function unreadableRequest(message: MessageModel, cause: unknown): GatewayError {
  const text = `the request can't be read as ${message.fullName}: ${reasonOf(cause)}`;
  return new GatewayError('PG_INVALID_VALUE', text, { cause });
}

/** A response that the schema contradicts. */
export function unreadable(message: MessageModel, cause: unknown): GatewayError {
  const reason = reasonOf(cause);
  const text = `the service's answer can't be read as ${message.fullName}: ${reason}`;
  return new GatewayError('PG_RESPONSE_UNREADABLE', text, { reached: 'yes', cause });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
