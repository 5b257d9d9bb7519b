import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import { indexDescriptors } from '../../../examples/bookstore/descriptors.ts';
import { PROTOS } from '../../../examples/bookstore/protos.ts';
import { type Binding, bindingsOf, readBindings } from './rules.ts';

const SET = readFileSync(`${PROTOS}/demo/demo.binpb`);
const FILES = [
  'demo/bookstore/v1/bookstore.proto',
  'grpc/health/v1/health.proto',
  'grpc/reflection/v1/reflection.proto',
  'grpc/reflection/v1alpha/reflection.proto',
];

/** Every type and service of our own packages, one line per member, so that a difference shows as a line. */
function outline(root: protobuf.Root): string[] {
  const lines: string[] = [];
  const visit = (object: protobuf.ReflectionObject): void => {
    const name = object.fullName.slice(1);
    if (object instanceof protobuf.Type) {
      for (const field of object.fieldsArray) lines.push(`${name} ${outlineField(field)}`);
    } else if (object instanceof protobuf.Enum) {
      for (const [key, value] of Object.entries(object.values))
        lines.push(`${name} ${key}=${value}`);
    } else if (object instanceof protobuf.Service) {
      for (const method of object.methodsArray) lines.push(`${name} ${outlineMethod(method)}`);
    }
    if (object instanceof protobuf.Namespace)
      for (const nested of object.nestedArray) visit(nested);
  };
  for (const scope of ['bookstore', 'grpc']) visit(root.lookup(scope) ?? root);
  return lines.toSorted();
}

function outlineField(field: protobuf.Field): string {
  const { id, name, repeated, partOf } = field.resolve();
  const type = field.resolvedType?.fullName ?? field.type;
  const key = field instanceof protobuf.MapField ? `map<${field.keyType}>` : '';
  return `${id} ${name} ${key}${repeated ? 'repeated ' : ''}${type} ${partOf?.name ?? ''}`;
}

function outlineMethod(method: protobuf.Method): string {
  method.resolve();
  const { name, requestStream, responseStream, resolvedRequestType, resolvedResponseType } = method;
  return `${name} ${requestStream ? 'stream ' : ''}${resolvedRequestType?.fullName} ${
    responseStream ? 'stream ' : ''
  }${resolvedResponseType?.fullName}`;
}

function fromSources(): protobuf.Root {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => `${PROTOS}/${target}`;
  root.loadSync(FILES, { keepCase: true }).resolveAll();
  return root;
}

describe('demo.binpb', () => {
  // Run scripts/demo-descriptors.sh when one of these fails.
  test('declares what the .proto files declare', () => {
    const compiled = protobuf.Root.fromDescriptor(SET, { keepCase: true });
    compiled.resolveAll();
    const lines = outline(fromSources());
    assert.ok(lines.length > 150, `${lines.length} lines`);
    assert.deepEqual(outline(compiled), lines);
  });

  test('carries the http rules that the .proto files carry', () => {
    const root = fromSources();
    const written = new Map<string, readonly Binding[]>();
    for (const method of root.lookupService('bookstore.v1.Bookstore').methodsArray) {
      written.set(method.name, bindingsOf(method.parsedOptions));
    }
    const { files } = indexDescriptors(SET);
    const file = files.get('demo/bookstore/v1/bookstore.proto');
    assert.ok(file !== undefined);
    assert.equal(written.size, 20);
    assert.deepEqual(readBindings(root, file.bytes), written);
  });

  test('brings every import along and no source info', () => {
    const { files } = indexDescriptors(SET);
    for (const { dependencies } of files.values()) {
      for (const name of dependencies) assert.ok(files.has(name), name);
    }
    for (const { bytes } of files.values()) {
      const file = descriptor.FileDescriptorProto.decode(bytes) as descriptor.IFileDescriptorProto;
      assert.equal(file.sourceCodeInfo ?? null, null);
    }
  });
});
