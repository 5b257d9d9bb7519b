/** Descriptor sets that are broken, incomplete or written by no compiler. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import protobuf from 'protobufjs';
import { describeProblem } from '../../../src/schema/error.ts';
import { loadSchema } from '../../../src/schema/load.ts';
import type { Schema } from '../../../src/schema/model.ts';
import {
  environment,
  message,
  problemsOf,
  schemaDirectory,
  withFile,
} from '../../support/schema/load.ts';
import { fileBytes, filesOf, joinSet } from '../../support/schema/reflection-server.ts';

const RICH = `${schemaDirectory}/rich.binpb`;

function load(bytes: Uint8Array | string): Promise<Schema> {
  return withFile('set.binpb', bytes, (directory) =>
    loadSchema({ descriptorSet: 'set.binpb' }, environment({ directory })),
  );
}

function loadFiles(...files: object[]): Promise<Schema> {
  return load(joinSet(files.map(fileBytes)));
}

async function complaints(loading: Promise<unknown>): Promise<string[]> {
  return (await problemsOf(loading)).map(describeProblem);
}

/** A field of descriptor.proto, an int32 unless said otherwise. */
function field(name: string, number: number, more: object = {}): object {
  return { name, number, label: 'LABEL_OPTIONAL', type: 'TYPE_INT32', ...more };
}

test('a set that is not there', async () => {
  const [problem] = await problemsOf(loadSchema({ descriptorSet: 'nowhere.binpb' }, environment()));
  assert.equal(problem?.file, 'nowhere.binpb');
  assert.match(problem?.message ?? '', /^the descriptor set cannot be read: ENOENT/);
});

test('a set cut off anywhere is refused or a smaller set, never a crash', async () => {
  const whole = readFileSync(RICH);
  for (let length = 0; length < whole.length; length += 997) {
    const outcome = await load(whole.subarray(0, length)).then(
      () => 'loaded',
      (thrown: Error) => thrown.name,
    );
    assert.ok(outcome === 'SchemaError' || outcome === 'loaded', `${length}: ${outcome}`);
  }
  const [told] = await complaints(load(whole.subarray(0, whole.length - 7)));
  assert.match(told ?? '', /^set\.binpb: no FileDescriptorSet after 17 files: index out of range/);
});

test('garbage is refused with what it may be', async () => {
  assert.match(
    (await complaints(load(''))).join(),
    /^set\.binpb: no FileDescriptorSet: it holds no file; it is empty$/,
  );
  assert.match(
    (await complaints(load('syntax = "proto3";'))).join(),
    /; it looks like a \.proto file, which belongs into "protos"$/,
  );
  assert.match(
    (await complaints(load('{"file":[]}'))).join(),
    /; it looks like JSON, expected the binary form$/,
  );
  assert.match(
    (await complaints(load(Buffer.from('1f8b0800', 'hex')))).join(),
    /; it is compressed with gzip$/,
  );
  assert.match(
    (await complaints(load(Buffer.alloc(5_000, 0xff)))).join(),
    /^set\.binpb: no FileDescriptorSet: /,
  );
});

test('a missing import names itself and its importer', async () => {
  const files = filesOf(RICH);
  files.delete('rich/v1/legacy.proto');
  assert.deepEqual(await complaints(load(joinSet([...files.values()]))), [
    'set.binpb: rich/v1/rich.proto: rich/v1/rich.proto imports rich/v1/legacy.proto, which was not found in set.binpb (write it with all imports: "buf build", or "protoc --include_imports")',
    'set.binpb: rich/v1/rich.proto: field rich.v1.Book.legacy refers to rich.v1.Legacy, which no file declares',
  ]);
});

test('an import that comes along is taken from there, one that serves only options is a warning', async () => {
  const files = filesOf(RICH);
  for (const name of files.keys()) if (!name.startsWith('rich/')) files.delete(name);
  const schema = await load(joinSet([...files.values()]));
  assert.equal(schema.services.get('rich.v1.Library')?.methods[0]?.rules.length, 4);
  assert.ok(message(schema, 'google.longrunning.Operation').byName.has('done'));
  assert.deepEqual([...schema.services.keys()], ['rich.v1.Library']);

  const warned = await loadFiles({
    name: 'a.proto',
    dependency: ['buf/validate/validate.proto'],
    messageType: [{ name: 'M' }],
  });
  assert.deepEqual(warned.warnings, [
    'a.proto imports buf/validate/validate.proto, which was not found; no type of it is used, so only its custom options are lost',
  ]);
});

test('no name of a set reaches the disk', async () => {
  for (const name of [
    '../package.json',
    '/etc/passwd',
    'google/../../package.json',
    'google/%2e%2e/x.proto',
  ]) {
    const schema = await loadFiles({
      name: 'a.proto',
      dependency: [name],
      messageType: [{ name: 'M' }],
    });
    assert.equal(schema.warnings.length, 1);
  }
});

const M = { name: 'M' };
const REFUSED: readonly (readonly [what: string, file: object, complaint: string | RegExp])[] = [
  [
    'a message named __proto__',
    { messageType: [{ name: '__proto__' }] },
    'a message in the file cannot be named "__proto__"',
  ],
  [
    'a field named __proto__',
    { messageType: [{ name: 'M', field: [field('__proto__', 1)] }] },
    'a field in M cannot be named "__proto__"',
  ],
  [
    'an enum value named __proto__',
    { enumType: [{ name: 'E', value: [{ name: '__proto__', number: 0 }] }] },
    'a value in E cannot be named "__proto__"',
  ],
  [
    'a package of __proto__',
    { package: 'a.__proto__.b', messageType: [M] },
    'a package in a.__proto__.b cannot be named "__proto__"',
  ],
  [
    'code for a name',
    { messageType: [{ name: 'M', field: [field('a"]);process.exit(7);//', 1)] }] },
    'a field in M cannot be named "a\\"]);process.exit(7);//"',
  ],
  [
    'code for a type',
    {
      messageType: [
        {
          name: 'M',
          field: [field('a', 1, { type: 'TYPE_MESSAGE', typeName: '.M);process.exit(7);' })],
        },
      ],
    },
    'field M.a refers to ".M);process.exit(7);", which is no name',
  ],
  [
    'code for a request type',
    {
      messageType: [M],
      service: [{ name: 'S', method: [{ name: 'A', inputType: '.M();', outputType: '.M' }] }],
    },
    'method S.A has the type ".M();", which is no name',
  ],
  ['an empty name', { messageType: [{ name: '' }] }, 'a message in the file cannot be named ""'],
  [
    'a name of a megabyte',
    { messageType: [{ name: 'M'.repeat(1_000_000) }] },
    'a message has a name of 1000000 characters',
  ],
  [
    'a field number of 0',
    { messageType: [{ name: 'M', field: [field('a', 0)] }] },
    'field M.a has the number 0',
  ],
  [
    'a field number beyond 2^29',
    { messageType: [{ name: 'M', field: [field('a', 536_870_912)] }] },
    'field M.a has the number 536870912',
  ],
  [
    'two fields of one number',
    { messageType: [{ name: 'M', field: [field('a', 1), field('b', 1)] }] },
    'duplicate id 1 in Type M',
  ],
  [
    'two fields of one name',
    { messageType: [{ name: 'M', field: [field('a', 1), field('a', 2)] }] },
    "duplicate name 'a' in Type M",
  ],
  [
    'a scalar with a type name',
    { messageType: [{ name: 'M', field: [field('a', 1, { typeName: '.M' })] }] },
    'field M.a has the type 5 and the type name ".M"',
  ],
  [
    'a message without a type name',
    { messageType: [{ name: 'M', field: [field('a', 1, { type: 'TYPE_MESSAGE' })] }] },
    'field M.a has the type 11 and the type name ""',
  ],
  [
    'a oneof that does not exist',
    { messageType: [{ name: 'M', field: [field('a', 1, { oneofIndex: 3 })] }] },
    'field a of M is in a oneof that does not exist',
  ],
  [
    'a map entry without a value',
    {
      messageType: [
        {
          name: 'M',
          nestedType: [{ name: 'E', options: { mapEntry: true }, field: [field('key', 1)] }],
        },
      ],
    },
    'the map entry M.E has not a key and a value',
  ],
  ['an enum without a value', { enumType: [{ name: 'E' }] }, 'enum E has no value'],
  ['an extension of nothing', { extension: [field('a', 1)] }, 'extension a extends nothing'],
  [
    'an unsupported edition',
    { syntax: 'editions', edition: 99_997, messageType: [M] },
    'the edition 99997 is not supported',
  ],
];

for (const [what, file, complaint] of REFUSED) {
  test(`refused: ${what}`, async () => {
    const found = await complaints(loadFiles({ name: 'a.proto', ...file }));
    assert.deepEqual(found, [`set.binpb: a.proto: ${String(complaint)}`]);
  });
}

test('refused: the same message in two files', async () => {
  const found = await complaints(
    loadFiles({ name: 'a.proto', messageType: [M] }, { name: 'b.proto', messageType: [M] }),
  );
  assert.deepEqual(found, ["set.binpb: b.proto: duplicate name 'M' in Root"]);
});

test('refused: messages nested too deep', async () => {
  let nested: object = { name: 'M' };
  for (let depth = 0; depth < 40; depth++) nested = { name: 'M', nestedType: [nested] };
  const [told] = await complaints(loadFiles({ name: 'a.proto', messageType: [nested] }));
  assert.match(told ?? '', /is nested deeper than 32$/);
});

test('refused: a bomb of nested bytes that no decoder should follow', async () => {
  // DescriptorProto.nested_type = 3, ten thousand deep.
  let bytes = new Uint8Array();
  for (let depth = 0; depth < 10_000; depth++) {
    bytes = protobuf.Writer.create()
      .uint32(depth === 9_999 ? 34 : 26)
      .bytes(bytes)
      .finish() as Uint8Array<ArrayBuffer>;
  }
  const file = Buffer.concat([fileBytes({ name: 'a.proto' }), bytes]);
  const [told] = await complaints(load(joinSet([file])));
  assert.match(told ?? '', /^set\.binpb: no FileDescriptorSet: max depth exceeded/);
});

test('refused: an http rule of garbage, with its method', async () => {
  const options = protobuf.Writer.create();
  options.uint32(((72_295_728 << 3) | 2) >>> 0).bytes(Buffer.from('12ff', 'hex'));
  const method = protobuf.Writer.create()
    .uint32(10)
    .string('A')
    .uint32(18)
    .string('.M')
    .uint32(26)
    .string('.M');
  method.uint32(34).bytes(options.finish());
  const service = protobuf.Writer.create()
    .uint32(10)
    .string('S')
    .uint32(18)
    .bytes(method.finish())
    .finish();
  const file = protobuf.Writer.create()
    .raw(fileBytes({ name: 'a.proto', messageType: [M] }))
    .uint32(50)
    .bytes(service);
  const [told] = await complaints(load(joinSet([file.finish()])));
  assert.match(
    told ?? '',
    /^set\.binpb: a\.proto: the http rule of S\.A cannot be read: index out of range/,
  );
});

test('refused: extensions of nothing, without a search for each', async () => {
  const extension = Array.from({ length: 50_000 }, (_, at) =>
    field(`f${at}`, 1, { extendee: `.Nowhere${at}` }),
  );
  const found = await complaints(loadFiles({ name: 'a.proto', messageType: [M], extension }));
  assert.equal(found.length, 20);
  assert.equal(
    found[0],
    'set.binpb: a.proto: extension f0 refers to Nowhere0, which no file declares',
  );
});

test('twenty problems say enough', async () => {
  const fields = Array.from({ length: 100 }, (_, at) =>
    field(`f${at}`, at + 1, { type: 'TYPE_MESSAGE', typeName: '.Nowhere' }),
  );
  const found = await complaints(
    loadFiles({ name: 'a.proto', messageType: [{ name: 'M', field: fields }] }),
  );
  assert.equal(found.length, 21);
  assert.equal(found[20], 'and 80 more such references');
});

test('names that every object has are only names', async () => {
  const schema = await loadFiles({
    name: 'a.proto',
    package: 'constructor.toString',
    syntax: 'proto3',
    messageType: [
      {
        name: 'hasOwnProperty',
        field: [field('constructor', 1), field('valueOf', 2), field('toString', 3)],
      },
    ],
    enumType: [{ name: 'valueOf', value: [{ name: 'constructor', number: 0 }] }],
  });
  const { fields, runtime } = message(schema, 'constructor.toString.hasOwnProperty');
  assert.deepEqual(
    fields.map(({ name }) => name),
    ['constructor', 'valueOf', 'toString'],
  );
  const bytes = runtime
    .encode(runtime.create({ constructor: 1, valueOf: 2, toString: 3 }))
    .finish();
  assert.deepEqual(runtime.toObject(runtime.decode(bytes)), {
    constructor: 1,
    valueOf: 2,
    toString: 3,
  });
  assert.deepEqual(
    [...(schema.enums.get('constructor.toString.valueOf')?.values ?? [])],
    [['constructor', 0]],
  );
});

test('messages that contain each other share their models', async () => {
  const schema = await loadFiles({
    name: 'a.proto',
    messageType: [
      { name: 'A', field: [field('b', 1, { type: 'TYPE_MESSAGE', typeName: '.B' })] },
      { name: 'B', field: [field('a', 1, { type: 'TYPE_MESSAGE', typeName: '.A' })] },
    ],
  });
  const a = message(schema, 'A');
  const b = a.byName.get('b')?.type;
  const back = b?.kind === 'message' ? b.message.byName.get('a')?.type : undefined;
  assert.equal(back?.kind === 'message' && back.message, a);
});
