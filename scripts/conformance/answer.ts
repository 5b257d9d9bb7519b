/**
 * One test: a message read in one format and written in another, by the functions that the gateway calls. Requests and responses themselves
 * go through decodeValue and encodeValue.
 */
import { JsonFault } from '../../src/codecs/proto-json/from-json/fault.ts';
import { readJson } from '../../src/codecs/proto-json/from-json/read-json.ts';
import { CodecError } from '../../src/codecs/proto-json/error.ts';
import type { MessageLayout } from '../../src/codecs/proto-json/layout.ts';
import { layoutOf } from '../../src/codecs/proto-json/layout.ts';
import { Output } from '../../src/codecs/proto-json/output.ts';
import { jsonWriter } from '../../src/codecs/proto-json/to-json/write.ts';
import { decodeValue } from '../../src/codecs/proto-json/values/decode.ts';
import { encodeValue } from '../../src/codecs/proto-json/values/encode.ts';
import type { FieldValue, MessageValue } from '../../src/codecs/proto-json/values/value.ts';
import { newMessage, setSingle, valueOf } from '../../src/codecs/proto-json/values/value.ts';
import { anyMessage } from '../../src/codecs/any-message.ts';
import type { Schema } from '../../src/schema/model.ts';

/** conformance.WireFormat. */
const PROTOBUF = 1;
const JSON_FORMAT = 2;
/** conformance.TestCategory. */
const IGNORE_UNKNOWN = 3;
/** As the gateway's default. */
const MAX_JSON_DEPTH = 100;

/** One member of the oneof `result` of ConformanceResponse. */
type Result = readonly [member: string, value: string | Uint8Array];

/** The response to a serialized ConformanceRequest, serialized. */
export function answer(schema: Schema, bytes: Uint8Array): Uint8Array {
  const request = decodeValue(layoutNamed(schema, 'conformance.ConformanceRequest'), bytes);
  const response = newMessage(layoutNamed(schema, 'conformance.ConformanceResponse'));
  const [member, value] = resultOf(schema, request);
  const field = response.layout.byName.get(member);
  if (field === undefined) throw new Error(`a response has no ${member}`);
  setSingle(response, field, value);
  const out = new Output();
  encodeValue(response.layout, response, out);
  return out.copy();
}

function resultOf(schema: Schema, request: MessageValue): Result {
  const name = text(valueOf(request, 'message_type'));
  // Asked first: which tests are known to fail. None.
  if (name === 'conformance.FailureSet') return ['protobuf_payload', new Uint8Array()];
  const format = valueOf(request, 'requested_output_format');
  const proto = valueOf(request, 'protobuf_payload');
  const json = valueOf(request, 'json_payload');
  if (format !== PROTOBUF && format !== JSON_FORMAT) return ['skipped', 'no text format'];
  if (proto === undefined && json === undefined) return ['skipped', 'no text format'];
  const layout = layoutNamed(schema, name);
  const ignoreUnknown = valueOf(request, 'test_category') === IGNORE_UNKNOWN;
  try {
    if (proto instanceof Uint8Array) {
      return format === PROTOBUF
        ? ['protobuf_payload', throughValues(layout, proto)]
        : ['json_payload', toJson(schema, layout, proto)];
    }
    const message = fromJson(schema, layout, Buffer.from(text(json)), ignoreUnknown);
    return format === PROTOBUF
      ? ['protobuf_payload', message]
      : ['json_payload', toJson(schema, layout, message)];
  } catch (thrown) {
    if (!(thrown instanceof JsonFault || thrown instanceof CodecError)) throw thrown;
    // JSON is written straight from the bytes, so that bytes that cannot be read show when they are written.
    const written = proto !== undefined && format === JSON_FORMAT && isReadable(layout, proto);
    return [written ? 'serialize_error' : 'parse_error', thrown.message];
  }
}

function fromJson(
  schema: Schema,
  layout: MessageLayout,
  json: Buffer,
  ignoreUnknown: boolean,
): Uint8Array {
  const out = new Output();
  const options = { ignoreUnknown, caseInsensitiveEnums: false, maxDepth: MAX_JSON_DEPTH };
  readJson(layout, json, out, { ...options, types: schema });
  return out.copy();
}

function toJson(schema: Schema, layout: MessageLayout, message: Uint8Array): string {
  const out = new Output();
  const write = jsonWriter(layout, {
    emitDefaults: false,
    enumsAsNumbers: false,
    protoNames: false,
    int64: 'string',
    anyLayout: (typeUrl) => {
      const model = anyMessage(schema, typeUrl);
      return model === undefined ? undefined : layoutOf(model);
    },
  });
  write(message, out);
  return out.copy().toString();
}

function throughValues(layout: MessageLayout, message: Uint8Array): Uint8Array {
  const out = new Output();
  encodeValue(layout, decodeValue(layout, message), out);
  return out.copy();
}

function isReadable(layout: MessageLayout, message: FieldValue): boolean {
  try {
    if (message instanceof Uint8Array) decodeValue(layout, message);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof CodecError)) throw thrown;
    return false;
  }
}

function layoutNamed(schema: Schema, name: string): MessageLayout {
  const model = schema.messages.get(name);
  if (model === undefined) throw new Error(`the test protos have no ${name}`);
  return layoutOf(model);
}

function text(value: FieldValue | undefined): string {
  if (typeof value !== 'string') throw new Error('a request lacks what it must have');
  return value;
}
