/**
 * The only file that knows protobufjs' ProtoJSON, so that compiled codecs can take its place.
 * Not toObject and fromObject: those are not ProtoJSON (564 conformance failures against none).
 */
import protojson from 'protobufjs/ext/protojson.js';
import type { MessageModel } from '../schema/model.ts';
import type { JsonValue } from './json-text.ts';
import { runtimeOf } from './runtime.ts';

/** A settled JSON value to protobuf. Throws a plain error that names a type and no place. */
export function fromProtoJson(message: MessageModel, value: JsonValue): Uint8Array {
  const runtime = runtimeOf(message);
  return runtime.encode(protojson.fromJson(runtime, value)).finish();
}

/** What {@link fromProtoJson} would say against a value, or undefined. */
export function protoJsonFault(message: MessageModel, value: JsonValue): string | undefined {
  try {
    protojson.fromJson(runtimeOf(message), value);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
