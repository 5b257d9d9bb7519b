/** `.proto` files: how imports are found, and what is said about files that cannot be used. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeProblem } from '../../../src/schema/error.ts';
import { loadSchema } from '../../../src/schema/load.ts';
import {
  environment,
  loadText,
  message,
  problemsOf,
  withFiles,
} from '../../support/schema/load.ts';

const HEAD = 'syntax = "proto3";\npackage a.b;\n';

async function complaints(files: Readonly<Record<string, string>>): Promise<string[]> {
  return (await problemsOf(loadText(files))).map(describeProblem);
}

const REFUSED: readonly (readonly [what: string, source: string, complaint: string])[] = [
  [
    'a missing semicolon',
    `${HEAD}message M {\n  string name = 1\n  string other = 2;\n}\n`,
    'x.proto:5:3: expected ";", found "string"',
  ],
  [
    'a missing number',
    `${HEAD}message M {\n  string name;\n}\n`,
    'x.proto:4:14: expected "=", found ";"',
  ],
  [
    'a number that is none',
    `${HEAD}message M {\n  string name = x;\n}\n`,
    'x.proto:4:17: expected a number, found "x"',
  ],
  [
    'a missing name',
    `${HEAD}message M {\n  string = 1;\n}\n`,
    'x.proto:4:10: expected a name, found "="',
  ],
  [
    'a file cut off',
    `${HEAD}message M {\n  string name = 1;\n`,
    'x.proto:5:1: the file ends inside a declaration',
  ],
  [
    'an unknown syntax',
    '// A comment.\nsyntax = "proto4";\n',
    'x.proto:2:11: expected "proto2" or "proto3", found "proto4"',
  ],
  [
    'an unknown edition',
    'edition = "2077";\n',
    'x.proto:1:12: expected "2023", "2024" or "2026", found "2077"',
  ],
  ['an unknown statement', `${HEAD}hello world;\n`, 'x.proto:3:1: unexpected "hello"'],
  ['an open string', `${HEAD}import "y.proto;\n`, 'x.proto:3:8: this string has no closing quote'],
  [
    'an open comment',
    `${HEAD}/* never closed\nmessage M {}\n`,
    'x.proto:3:1: this comment has no end, "*/" was expected',
  ],
  [
    'a duplicate message',
    `${HEAD}message M {}\nmessage M {}\n`,
    "x.proto:4:9: duplicate name 'M' in a.b",
  ],
  [
    'a duplicate field',
    `${HEAD}message M {\n  string a = 1;\n  string a = 2;\n}\n`,
    "x.proto:5:10: duplicate name 'a' in M",
  ],
  [
    'a duplicate number',
    `${HEAD}message M {\n  string a = 1;\n  string b = 1;\n}\n`,
    'x.proto:5:3: duplicate id 1 in M',
  ],
  [
    'a reserved number',
    `${HEAD}message M {\n  reserved 3;\n  string b = 3;\n}\n`,
    'x.proto:5:3: id 3 is reserved in M',
  ],
  [
    'a duplicate enum value',
    `${HEAD}enum E {\n  A = 0;\n  B = 0;\n}\n`,
    'x.proto:3:6: duplicate id 0 in E',
  ],
  [
    'a misspelt keyword, the same word elsewhere in the line',
    `${HEAD}message return {}\nservice S { rpc return(return) return (return); }\n`,
    'x.proto:4:32: expected "returns", found "return"',
  ],
  [
    'the name __proto__',
    `${HEAD}message M {\n  string __proto__ = 3;\n}\n`,
    'x.proto:4:10: the name __proto__ cannot be used',
  ],
  ['bytes', '\u0000\u0001', 'x.proto:1:1: unexpected "\\u0000\\u0001"'],
  [
    'an unknown field type',
    `${HEAD}message M {\n  Boook book = 3;\n}\nmessage Book {}\n`,
    'x.proto:4:9: field a.b.M.book refers to Boook, which no file declares; did you mean a.b.Book?',
  ],
  [
    'an unknown map value type',
    `${HEAD}message M {\n  map<string, Nothing> book = 3;\n}\n`,
    'x.proto:4:24: field a.b.M.book refers to Nothing, which no file declares',
  ],
  [
    'an unknown request type',
    `${HEAD}message M {}\nservice S {\n  rpc Get(Nothing) returns (M);\n}\n`,
    'x.proto:5:7: method a.b.S.Get refers to Nothing, which no file declares',
  ],
  [
    'an enum as request type',
    `${HEAD}message M {}\nenum E { A = 0; }\nservice S {\n  rpc Get(E) returns (M);\n}\n`,
    'x.proto:6:7: method a.b.S.Get refers to E, which is no message',
  ],
];

for (const [what, source, complaint] of REFUSED) {
  test(`refused with its place: ${what}`, async () => {
    assert.deepEqual(await complaints({ 'x.proto': source }), [complaint]);
  });
}

test('the place counts lines that end with CR LF', async () => {
  const source = `${HEAD}message M {\n  string name;\n}\n`.replaceAll('\n', '\r\n');
  assert.deepEqual(await complaints({ 'x.proto': source }), [
    'x.proto:4:14: expected "=", found ";"',
  ]);
});

test('every file that does not parse is told at once', async () => {
  const found = await complaints({
    'x.proto': `${HEAD}import "y.proto";\nimport "z.proto";\n`,
    'y.proto': 'syntax = "proto3";\nmessage {}\n',
    'z.proto': 'syntax = "proto3";\nenum {}\n',
  });
  assert.deepEqual(found, [
    'y.proto:2:9: expected the name of a message, found "{"',
    'z.proto:2:6: expected a name, found "{"',
  ]);
});

test('a listed file that is not there', async () => {
  assert.deepEqual(await problemsOf(loadSchema({ protos: ['nowhere.proto'] }, environment())), [
    { message: 'no such file', file: 'nowhere.proto' },
  ]);
});

test('an import that is missed names itself, its importer and where it was looked for', async () => {
  const source = `${HEAD}import "common/money.proto";\nmessage M {\n  common.Money price = 1;\n}\n`;
  assert.deepEqual(await complaints({ 'x.proto': source }), [
    'x.proto:3:1: x.proto imports common/money.proto, which was not found in ., the files that come along',
    'x.proto:5:16: field a.b.M.price refers to common.Money, which no file declares',
  ]);
});

test('an import that serves only custom options is a warning', async () => {
  const schema = await loadText({
    'x.proto': `${HEAD}import "protoc-gen-openapiv2/options/annotations.proto";
import weak "buf/validate/validate.proto";
option (grpc.gateway.protoc_gen_openapiv2.options.openapiv2_swagger) = { info: { title: "A" } };
message M {
  string name = 1 [(buf.validate.field).string.min_len = 1, (buf.validate.field).cel = { id: "x" }];
}`,
  });
  assert.ok(schema.messages.has('a.b.M'));
  assert.deepEqual(schema.warnings, [
    'x.proto imports protoc-gen-openapiv2/options/annotations.proto, which was not found; no type of it is used, so only its custom options are lost',
    'x.proto imports buf/validate/validate.proto, which was not found; no type of it is used, so only its custom options are lost',
  ]);
});

test('what comes along is found without an import path, and every file of it loads', async () => {
  const { readdirSync } = await import('node:fs');
  const { fileURLToPath } = await import('node:url');
  const folder = fileURLToPath(new URL('../../../protos', import.meta.url));
  const names = ['google', 'grpc'].flatMap((top) =>
    readdirSync(`${folder}/${top}`, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.proto'))
      .map((name) => `${top}/${name}`),
  );
  assert.ok(names.length > 60);
  const schema = await loadSchema({ protos: names }, environment());
  assert.ok(schema.messages.has('google.type.Money'));
  assert.ok(schema.services.has('grpc.health.v1.Health'));
  assert.deepEqual(schema.warnings, []);
});

test('an import path goes before what comes along', async () => {
  const schema = await loadText({
    'x.proto': `${HEAD}import "google/type/money.proto";\nmessage M { google.type.Money m = 1; }`,
    'google/type/money.proto':
      'syntax = "proto3";\npackage google.type;\nmessage Money { int32 mine = 1; }',
  });
  assert.deepEqual([...message(schema, 'google.type.Money').byName.keys()], ['mine']);
});

test('a file under no import path is looked up beside its neighbours', async () => {
  const files = {
    'deep/x.proto': `${HEAD}import "y.proto";\nmessage M { N n = 1; }`,
    'deep/y.proto': `${HEAD}message N {}`,
  };
  await withFiles(files, async (directory) => {
    const schema = await loadSchema({ protos: ['deep/x.proto'] }, environment({ directory }));
    assert.ok(schema.messages.has('a.b.N'));
  });
});

test('a file is known by its name in the longest import path, so that an import does not read it twice', async () => {
  const files = {
    'protos/v1/x.proto': `${HEAD}import "v1/y.proto";\nmessage M { N n = 1; }\nservice S { rpc A(M) returns (N); }`,
    'protos/v1/y.proto': `${HEAD}message N {}`,
  };
  await withFiles(files, async (directory) => {
    const source = { protos: ['protos/v1/x.proto', 'v1/y.proto'], importPaths: ['.', 'protos'] };
    const schema = await loadSchema(source, environment({ directory }));
    assert.ok(schema.services.has('a.b.S'));
  });
});

test('files that import each other in a circle load', async () => {
  const schema = await loadText({
    'x.proto': `${HEAD}import "y.proto";\nmessage M { N n = 1; }`,
    'y.proto': `${HEAD}import "x.proto";\nmessage N { M m = 1; }`,
  });
  const field = message(schema, 'a.b.N').byName.get('m');
  assert.equal(field?.type.kind === 'message' && field.type.message, message(schema, 'a.b.M'));
});

test('names that every object has are only names', async () => {
  const schema = await loadText({
    'x.proto': `syntax = "proto3";
package constructor.toString;
message hasOwnProperty {
  message propertyIsEnumerable { string valueOf = 1; }
  propertyIsEnumerable constructor = 1;
  oneof toString { string valueOf = 2; string isPrototypeOf = 3; }
  map<string, propertyIsEnumerable> prototype = 4;
}
message string { bool bytes = 1; }
enum valueOf { __defineGetter__ = 0; }
service __defineSetter__ { rpc constructor(hasOwnProperty) returns (hasOwnProperty.propertyIsEnumerable); }`,
  });
  const type = message(schema, 'constructor.toString.hasOwnProperty');
  assert.deepEqual(
    type.fields.map((field) => [field.name, field.oneof]),
    [
      ['constructor', undefined],
      ['valueOf', 'toString'],
      ['isPrototypeOf', 'toString'],
      ['prototype', undefined],
    ],
  );
  const value = {
    constructor: { valueOf: 'a' },
    valueOf: 'b',
    prototype: { constructor: { valueOf: 'c' } },
  };
  const { runtime } = type;
  // Not fromObject, which takes what every object inherits for a value.
  const bytes = runtime.encode(runtime.create(value)).finish();
  assert.deepEqual(JSON.parse(JSON.stringify(runtime.toObject(runtime.decode(bytes)))), value);
  const service = schema.services.get('constructor.toString.__defineSetter__');
  assert.equal(service?.methods[0]?.path, '/constructor.toString.__defineSetter__/constructor');
});
