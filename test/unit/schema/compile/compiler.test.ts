/** `.proto` text becomes the descriptors that protoc and buf make of it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createFileRegistry, equals, fromBinary } from '@bufbuild/protobuf';
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { CompileError } from '../../../../src/schema/compile/compile-error.ts';
import { createCompiler } from '../../../../src/schema/compile/compiler.ts';
import { bundledProto } from '../../../../src/schema/bundled.ts';
import { loadSchema } from '../../../../src/schema/load.ts';
import { descriptorsIn } from '../../../support/schema/descriptor-sets.ts';
import {
  environment,
  loadText,
  richProtos,
  schemaDirectory,
} from '../../../support/schema/load.ts';

const FOLDERS = ['protos', '../protos', '../../../protos'].map((folder) =>
  join(schemaDirectory, folder),
);

function textOf(name: string): string | undefined {
  const path = FOLDERS.map((folder) => join(folder, name)).find((file) => existsSync(file));
  return path === undefined ? undefined : readFileSync(path, 'utf8');
}

function decode(bytes: Uint8Array): FileDescriptorProto {
  return fromBinary(FileDescriptorProtoSchema, bytes);
}

describe('byte for byte what protoc writes', () => {
  const expected = descriptorsIn('protoc.binpb');
  const compiler = createCompiler(textOf);

  test('the set has the files of the demo, of the tests and all that come along', () => {
    const some = ['google/api/http.proto', 'demo/bookstore/v1/bookstore.proto'];
    for (const name of [...some, 'odd/v1/options.proto', 'odd/v1/modern.proto']) {
      assert.ok(expected.has(name), name);
    }
    assert.ok(expected.size > 80);
  });

  for (const [name, bytes] of expected) {
    test(name, () => {
      const compiled = compiler.compile(name);
      assert.deepEqual(decode(compiled), decode(bytes));
      assert.deepEqual(Buffer.from(compiled), Buffer.from(bytes));
    });
  }
});

describe('the same messages as buf writes, whose options have their fields in the order of the text', () => {
  const bytes = readFileSync(join(schemaDirectory, 'rich.binpb'));
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  const compiler = createCompiler(textOf);
  for (const [name, expected] of descriptorsIn('rich.binpb')) {
    // buf keeps options that descriptor.proto calls RETENTION_SOURCE; protoc drops them.
    if (name === 'google/protobuf/descriptor.proto') continue;
    test(name, () => {
      const compiled = decode(compiler.compile(name));
      const options = { registry, extensions: true };
      assert.ok(equals(FileDescriptorProtoSchema, compiled, decode(expected), options));
    });
  }

  test('an option that differs is seen', () => {
    const changed = createCompiler((name) =>
      textOf(name)?.replace('/v1/books:find/', '/v1/books:seek/'),
    );
    const [, expected = new Uint8Array()] =
      [...descriptorsIn('rich.binpb')].find(([name]) => name === 'rich/v1/rich.proto') ?? [];
    const compiled = decode(changed.compile('rich/v1/rich.proto'));
    const options = { registry, extensions: true };
    assert.equal(equals(FileDescriptorProtoSchema, compiled, decode(expected), options), false);
  });
});

test('the schema of .proto files has the descriptors of them all, those of their imports among them', async () => {
  const { files } = await loadSchema(richProtos, environment());
  const expected = descriptorsIn('protoc.binpb');
  assert.ok(files.names.includes('rich/v1/rich.proto'));
  assert.ok(files.names.includes('google/api/http.proto'));
  for (const name of files.names) {
    assert.deepEqual(
      Buffer.from(await files.descriptor(name)),
      Buffer.from(expected.get(name) ?? []),
    );
  }
});

test('an import that is not there is left out, and with it the options that it would declare', async () => {
  const { files, warnings } = await loadText({
    'a.proto': `syntax = "proto3";
      import public "b.proto";
      import "missing/rules.proto";
      import weak "c.proto";
      message A { string name = 1 [(missing.rules).min = 1, deprecated = true]; B b = 2; C c = 3; }`,
    'b.proto': 'syntax = "proto3"; message B {}',
    'c.proto': 'syntax = "proto3"; message C {}',
  });
  assert.equal(warnings.length, 1);
  const file = decode(await files.descriptor('a.proto'));
  assert.deepEqual(file.dependency, ['b.proto', 'c.proto']);
  assert.deepEqual(file.publicDependency, [0]);
  assert.deepEqual(file.weakDependency, [1]);
  assert.equal(file.messageType[0]?.field[0]?.options?.deprecated, true);
  assert.equal(file.messageType[0]?.field[0]?.options?.$unknown, undefined);
});

describe('what no compiler would take', () => {
  const CASES: readonly (readonly [text: string, message: RegExp, at: string])[] = [
    ['syntax = "proto4";', /expected "proto2" or "proto3", found "proto4"/, '"proto4"'],
    ['edition = "1999";', /edition is not supported/, '"1999"'],
    ['message M {', /expected a name, found the end of the file/, ''],
    ['message M { int32 a = 1 }', /expected ";", found "}"/, '}'],
    ['message M { int32 a = x; }', /expected an integer, found "x"/, 'x;'],
    ['message M { int32 a = 1.5; }', /expected an integer, found "1.5"/, '1.5'],
    ['message M { N a = 1; }', /N is declared nowhere/, 'N a'],
    ['message M { M.N a = 1; }', /M.N is declared nowhere/, 'M.N'],
    ['service S { rpc A(E) returns (E); } enum E { X = 0; }', /E is declared nowhere/, 'rpc A'],
    ['option (nobody) = 1;', /google.protobuf.FileOptions has no \(nobody\)/, '(nobody)'],
    ['option nothing = 1;', /google.protobuf.FileOptions has no nothing/, 'nothing'],
    ['option deprecated = "yes";', /deprecated takes one bool/, 'deprecated'],
    ['option deprecated = maybe;', /deprecated takes true or false/, 'deprecated'],
    ['option java_package = 5;', /java_package takes a string/, 'java_package'],
    ['option optimize_for = BEST;', /optimize_for has no value BEST/, 'optimize_for'],
    ['option java_package.x = 5;', /java_package has no parts/, 'java_package'],
    ['option features = 5;', /features takes a message/, 'features'],
    ['option features = { x: 5 };', /google.protobuf.FeatureSet has no x/, 'features'],
    ['option features = { x 5 };', /expected ":", found "5"/, '5 }'],
    ['option features = { enum_type: [OPEN, CLOSED] };', /enum_type takes one value/, 'features'],
    ['message M { int32 a = 1 [json_name = 5]; }', /expected a string for json_name/, ']; }'],
    ['message M { int32 a = 1 [default = { }]; }', /expected a default of one value/, ']; }'],
    ['surprise', /expected a declaration, found "surprise"/, 'surprise'],
    ['option java_package = "never closed;', /expected a value/, '"never'],
  ];
  for (const [text, message, at] of CASES) {
    test(text, () => {
      const compiler = createCompiler((name) => (name === 'x.proto' ? text : bundledProto(name)));
      const fails = (): void => {
        assert.throws(
          () => compiler.compile('x.proto'),
          (error: unknown) => {
            assert.ok(error instanceof CompileError, String(error));
            assert.match(error.message, message);
            assert.equal(error.file, 'x.proto');
            assert.equal(text.slice(error.offset, error.offset + at.length), at);
            return true;
          },
        );
      };
      fails();
      // What has failed once is not half compiled the next time.
      fails();
    });
  }

  test('a file that does not exist', () => {
    assert.throws(() => createCompiler(bundledProto).compile('x.proto'), /there is no such file/);
  });

  test('a file that is imported is named with its place', () => {
    const texts: Readonly<Record<string, string>> = {
      'a.proto': 'import "b.proto"; message A { optional B b = 1; }',
      'b.proto': 'message B { C c = 1; }',
      'c.proto': 'message C',
    };
    const compiler = createCompiler((name) => texts[name] ?? bundledProto(name));
    assert.throws(() => compiler.compile('b.proto'), /C is declared nowhere/);
    assert.throws(() => compiler.compile('c.proto'), /expected "{"/);
    assert.equal(decode(compiler.compile('a.proto')).dependency[0], 'b.proto');
  });

  test('a schema whose text protobufjs takes says where the compiler stops', async () => {
    const { files } = await loadText({
      'a.proto': 'syntax = "proto3";\nmessage A {\n  string a = 1 [(nobody.knows) = 1];\n}\n',
    });
    await assert.rejects(files.descriptor('a.proto'), {
      name: 'SchemaError',
      message: 'a.proto:3:17: google.protobuf.FieldOptions has no (nobody.knows)',
    });
  });
});
