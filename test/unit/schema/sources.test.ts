/** The same schema from text, from a descriptor set and by reflection gives the same model. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadSchema } from '../../../src/schema/load.ts';
import { dumpMessage, dumpSchema } from '../../support/schema/dump.ts';
import { environment, message, richProtos, schemaDirectory } from '../../support/schema/load.ts';
import { filesOf, startReflection } from '../../support/schema/reflection-server.ts';

test('a descriptor set gives the model of the text', async () => {
  const text = await loadSchema(richProtos, environment());
  const set = await loadSchema({ descriptorSet: 'rich.binpb' }, environment());
  assert.deepEqual(dumpSchema(set), dumpSchema(text));
  assert.deepEqual([...text.warnings, ...set.warnings], []);
});

test('reflection gives the model of the text', async () => {
  const text = await loadSchema(richProtos, environment());
  const server = await startReflection({ files: filesOf(`${schemaDirectory}/rich.binpb`) });
  try {
    const reflected = await loadSchema(
      { reflection: true, address: server.address },
      environment(),
    );
    assert.deepEqual(dumpSchema(reflected), dumpSchema(text));
    assert.deepEqual(reflected.warnings, []);
  } finally {
    server.stop();
  }
});

test('rules come out complete, in order, with their origin', async () => {
  const schema = await loadSchema(richProtos, environment());
  const methods = schema.services.get('rich.v1.Library')?.methods ?? [];
  const rules = methods.flatMap((method) =>
    method.rules.map((rule) => [
      method.name,
      rule.verb,
      rule.template,
      rule.body,
      rule.responseBody,
    ]),
  );
  assert.deepEqual(rules, [
    ['GetBook', 'GET', '/v1/{name=shelves/*/books/*}', '', ''],
    ['GetBook', 'GET', '/v1/books:find/{name=**}', '', ''],
    ['GetBook', 'HEAD', '/v1/{name=shelves/*/books/*}', '', ''],
    ['GetBook', '*', '/v1/any/{name=shelves/*/books/*}', '*', ''],
    ['CreateBook', 'POST', '/v1/{parent=shelves/*}/books', 'book', 'book'],
    ['CreateBook', 'PUT', '/v1/books', '*', ''],
    ['CreateBook', 'PATCH', '/v1/books', 'book', 'created'],
    ['DeleteBook', 'DELETE', '/v1/{name=shelves/*/books/*}', '', ''],
    ['Download', 'GET', '/v1/{name=shelves/*/books/*}:download', '', ''],
  ]);
  assert.equal(
    methods[0]?.rules[1]?.origin,
    'rich/v1/rich.proto: rich.v1.Library.GetBook additional_bindings[0]',
  );
  assert.deepEqual(
    methods.map((method) => method.kind),
    ['unary', 'unary', 'unary', 'server_stream', 'client_stream', 'bidi', 'unary'],
  );
  assert.equal(methods[0]?.path, '/rich.v1.Library/GetBook');
  assert.deepEqual(
    methods.map((method) => method.idempotency),
    ['no_side_effects', 'idempotent', 'unknown', 'unknown', 'unknown', 'unknown', 'unknown'],
  );
});

test('a service that was only imported is not served', async () => {
  for (const source of [richProtos, { descriptorSet: 'rich.binpb' }]) {
    const schema = await loadSchema(source, environment());
    assert.deepEqual([...schema.services.keys()], ['rich.v1.Library']);
    assert.ok(schema.messages.has('google.longrunning.Operation'));
  }
  const asked = await loadSchema(
    { protos: ['google/longrunning/operations.proto'] },
    environment(),
  );
  assert.deepEqual([...asked.services.keys()], ['google.longrunning.Operations']);
});

test('proto3: presence, synthetic oneofs left out, packing, maps, json_name', async () => {
  const schema = await loadSchema(richProtos, environment());
  const book = message(schema, 'rich.v1.Book');
  assert.equal(book.byName.get('subtitle')?.cardinality, 'explicit');
  assert.equal(book.byName.get('subtitle')?.oneof, undefined);
  assert.equal(book.byName.get('name')?.cardinality, 'implicit');
  assert.equal(book.byName.get('sequel')?.cardinality, 'explicit');
  assert.equal(book.byName.get('image_url')?.oneof, 'cover');
  assert.equal(book.byName.get('coverUrl'), book.byName.get('image_url'));
  assert.equal(book.byName.get('ratings')?.packed, true);
  assert.equal(book.byName.get('unpacked')?.packed, false);
  assert.equal(book.byName.get('authors')?.packed, false);
  const chapters = book.byName.get('chapters');
  assert.equal(chapters?.cardinality, 'map');
  assert.equal(chapters?.mapKey, 'string');
  assert.equal(book.byName.get('genres')?.mapKey, 'int64');
  assert.equal(book.byName.get('constructor')?.number, 40);
  assert.equal(book.byName.get('__proto__'), undefined);
  assert.equal(book.byNumber.get(41)?.name, 'to_string');
  assert.ok(Object.isFrozen(book) && Object.isFrozen(book.fields) && Object.isFrozen(chapters));
});

test('aliases of an enum stay, in order', async () => {
  const schema = await loadSchema(richProtos, environment());
  const genre = schema.enums.get('rich.v1.Book.Genre');
  assert.deepEqual(
    [...(genre?.values ?? [])],
    [
      ['GENRE_UNSPECIFIED', 0],
      ['NOVEL', 1],
      ['FICTION', 1],
      ['POETRY', -7],
    ],
  );
  assert.equal(genre?.closed, false);
  assert.equal(schema.enums.get('rich.v1.Level')?.closed, true);
  assert.equal(schema.enums.get('rich.v1.ClosedLevel')?.closed, true);
  assert.equal(schema.enums.get('rich.v1.OpenLevel')?.closed, false);
});

test('proto2: required, groups, packing, extensions by number', async () => {
  const schema = await loadSchema(richProtos, environment());
  const shape = message(schema, 'rich.v1.Legacy').fields.map((field) => [
    field.name,
    field.cardinality,
    field.packed,
    field.type.kind === 'message' && field.type.group,
  ]);
  assert.deepEqual(shape, [
    ['id', 'required', false, false],
    ['count', 'explicit', false, false],
    ['level', 'explicit', false, false],
    ['plain', 'repeated', false, false],
    ['packed', 'repeated', true, false],
    ['result', 'explicit', false, true],
    ['row', 'repeated', false, true],
    ['left', 'explicit', false, false],
    ['right', 'explicit', false, false],
    ['parent', 'explicit', false, false],
    ['[rich.v1.note]', 'explicit', false, false],
    ['[rich.v1.extra]', 'repeated', false, false],
    ['[rich.v1.Legacy.nested_note]', 'explicit', false, false],
  ]);
});

test('edition 2023: features of file, message and field', async () => {
  const schema = await loadSchema(richProtos, environment());
  const shape = message(schema, 'rich.v1.Edition').fields.map((field) => [
    field.name,
    field.cardinality,
    field.packed,
    field.type.kind === 'message' && field.type.group,
  ]);
  assert.deepEqual(shape, [
    ['implicit', 'implicit', false, false],
    ['tracked', 'explicit', false, false],
    ['needed', 'required', false, false],
    ['packed', 'repeated', true, false],
    ['expanded', 'repeated', false, false],
    ['delimited', 'explicit', false, true],
    ['prefixed', 'explicit', false, false],
    ['closed', 'explicit', false, false],
    ['open', 'implicit', false, false],
    ['by_name', 'map', false, false],
  ]);
});

test('a type name means the innermost scope that knows it', async () => {
  const schema = await loadSchema(richProtos, environment());
  const meant = (type: string, field: string): string | undefined => {
    const { type: value } = message(schema, type).byName.get(field) ?? {};
    return value?.kind === 'message' ? value.message.fullName : undefined;
  };
  assert.equal(meant('rich.v1.Outer.Inner', 'target'), 'rich.v1.Outer.Thing');
  assert.equal(meant('rich.v1.Outer.Inner', 'qualified'), 'rich.v1.Thing');
  // Sibling.Nested.Thing cannot be seen from Sibling.
  assert.equal(meant('rich.v1.Sibling', 'target'), 'rich.v1.Thing');
});

test('each source gives types that write and read the same bytes', async () => {
  const value = {
    name: 'n',
    subtitle: '',
    ratings: [1, 2, 300],
    unpacked: [3, 4],
    chapters: { first: { title: 'c' } },
    note: { text: 't' },
    legacy: { id: 'i', level: 2, row: [{ cell: 1 }], result: { url: 'u' } },
    edition: { needed: 'x', delimited: { needed: 'y' }, packed: [5], expanded: [6] },
    constructor: 'c',
    hasOwnProperty: 'h',
    valueOf: 'v',
    to_string: 's',
  };
  const bytes = await Promise.all(
    [richProtos, { descriptorSet: 'rich.binpb' }].map(async (source) => {
      const { runtime } = message(await loadSchema(source, environment()), 'rich.v1.Book');
      const encoded = runtime.encode(runtime.fromObject(value)).finish();
      assert.deepEqual(runtime.toObject(runtime.decode(encoded), { longs: String }), value);
      return Buffer.from(encoded).toString('hex');
    }),
  );
  assert.equal(bytes[0], bytes[1]);
});

test('files of a set in any order and twice give the same model', async () => {
  const set = readFileSync(`${schemaDirectory}/rich.binpb`);
  const files = filesOf(`${schemaDirectory}/rich.binpb`);
  const { withFile } = await import('../../support/schema/load.ts');
  const { joinSet } = await import('../../support/schema/reflection-server.ts');
  const plain = await loadSchema({ descriptorSet: 'rich.binpb' }, environment());
  const reversed = joinSet([...files.values()].reverse());
  const twice = Buffer.concat([set, set]);
  for (const bytes of [reversed, twice]) {
    await withFile('set.binpb', bytes, async (directory) => {
      const schema = await loadSchema({ descriptorSet: 'set.binpb' }, environment({ directory }));
      const legacy = message(schema, 'rich.v1.Legacy');
      assert.deepEqual(dumpMessage(legacy), dumpMessage(message(plain, 'rich.v1.Legacy')));
      assert.deepEqual(dumpSchema(schema), dumpSchema(plain));
    });
  }
});
