/**
 * The protobufjs type of a message, fit for protojson. Its code for google.protobuf.Value reads and writes properties in camelCase, while the
 * loaders keep proto names everywhere: without this, every Struct, Value and ListValue would lose its values without a word.
 */
import protobuf from 'protobufjs';
import { builtinSchema } from '../../src/schema/builtin.ts';
import type { MessageModel } from '../../src/schema/model.ts';

const prepared = new WeakSet<protobuf.Root>();

/** For oracles and their like: the product has codecs of its own. */
export function runtimeOf(message: MessageModel): protobuf.Type {
  const { runtime } = message;
  if (!prepared.has(runtime.root)) {
    prepared.add(runtime.root);
    prepare(runtime.root);
  }
  return runtime;
}

function prepare(root: protobuf.Root): void {
  const value = root.lookup('google.protobuf.Value', [protobuf.Type]);
  if (value instanceof protobuf.Type) renameFields(value);
  // protojson looks the type of an Any up here. A service may send google.rpc details that its files never import.
  root.lookupType = (path) => {
    const name = typeof path === 'string' ? path : path.join('.');
    const found = root.lookup(name, [protobuf.Type]);
    if (found instanceof protobuf.Type) return found;
    const builtin = builtinSchema().messages.get(name);
    if (builtin === undefined) throw new Error(`no message type ${name} is known`);
    return runtimeOf(builtin);
  };
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
