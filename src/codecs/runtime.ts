/**
 * The protobufjs type of a message, fit for protojson. Its code for google.protobuf.Value reads and writes properties in camelCase, while the
 * loaders keep proto names everywhere: without this, every Struct, Value and ListValue would lose its values without a word.
 */
import protobuf from 'protobufjs';
import type { MessageModel } from '../schema/model.ts';

const prepared = new WeakSet<protobuf.Root>();

/** The only way in which codecs/ reaches {@link MessageModel.runtime}. */
export function runtimeOf(message: MessageModel): protobuf.Type {
  const { runtime } = message;
  if (!prepared.has(runtime.root)) {
    prepared.add(runtime.root);
    const value = runtime.root.lookup('google.protobuf.Value', [protobuf.Type]);
    if (value instanceof protobuf.Type) renameFields(value);
  }
  return runtime;
}

/** In place and before the first message of the root is read, so before protobufjs has generated code with the old names. */
function renameFields(type: protobuf.Type): void {
  for (const field of type.fieldsArray) {
    const name = field.jsonName ?? field.name;
    if (name === field.name) continue;
    delete type.fields[field.name];
    type.fields[name] = field;
    field.name = name;
  }
  for (const oneof of type.oneofsArray) {
    oneof.oneof.splice(0, oneof.oneof.length, ...oneof.fieldsArray.map(({ name }) => name));
  }
}
