/** Rules from a google.api.Service YAML file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeProblem } from '../../../src/schema/error.ts';
import { loadSchema } from '../../../src/schema/load.ts';
import type { Schema } from '../../../src/schema/model.ts';
import { environment, problemsOf, withFiles } from '../../support/schema/load.ts';

const PROTO = `syntax = "proto3";
package shop.v1;
import "google/api/annotations.proto";
import "google/longrunning/operations.proto";
message M { string name = 1; google.longrunning.Operation operation = 2; }
service Shop {
  rpc GetShelf(M) returns (M) { option (google.api.http) = { get: "/annotated" additional_bindings { get: "/annotated/too" } }; }
  rpc DeleteShelf(M) returns (M) { option (google.api.http) = { delete: "/kept" }; }
  rpc ListShelves(M) returns (M);
}
`;

function load(rules: string): Promise<Schema> {
  return withFiles({ 'shop.proto': PROTO, 'rules.yaml': rules }, (directory) =>
    loadSchema({ protos: ['shop.proto'], rules: 'rules.yaml' }, environment({ directory })),
  );
}

function rulesOf(schema: Schema): Record<string, string[]> {
  const methods = schema.services.get('shop.v1.Shop')?.methods ?? [];
  return Object.fromEntries(
    methods.map((method) => [
      method.name,
      method.rules.map(
        (rule) => `${rule.verb} ${rule.template} [${rule.body}] [${rule.responseBody}]`,
      ),
    ]),
  );
}

test('a rule replaces the annotation of its method, all bindings of it, and leaves the others', async () => {
  const schema = await load(`type: google.api.Service
config_version: 3
name: shop.example.com
http:
  rules:
  - selector: shop.v1.Shop.GetShelf
    post: /v2/{name=shelves/*}
    body: "*"
    response_body: name
    additional_bindings:
    - custom: { kind: HEAD, path: "/v2/head" }
    - get: /v2/get
  - selector: shop.v1.Shop.ListShelves
    get: /v2/shelves
`);
  assert.deepEqual(rulesOf(schema), {
    GetShelf: ['POST /v2/{name=shelves/*} [*] [name]', 'HEAD /v2/head [] []', 'GET /v2/get [] []'],
    DeleteShelf: ['DELETE /kept [] []'],
    ListShelves: ['GET /v2/shelves [] []'],
  });
  const method = schema.services.get('shop.v1.Shop')?.methods[0];
  assert.equal(method?.rules[0]?.origin, 'rules.yaml: shop.v1.Shop.GetShelf');
});

test('JSON names and JSON itself are YAML, too', async () => {
  const schema = await load(
    '{"http":{"rules":[{"selector":"shop.v1.Shop.ListShelves","get":"/a","responseBody":"name","additionalBindings":[{"put":"/b","body":"*"}]}]}}',
  );
  assert.deepEqual(rulesOf(schema)['ListShelves'], ['GET /a [] [name]', 'PUT /b [*] []']);
});

test('of two rules for one method the last wins, with a warning', async () => {
  const schema = await load(`http:
  rules:
  - selector: shop.v1.Shop.ListShelves
    get: /first
  - selector: shop.v1.Shop.ListShelves
    get: /last
  fully_decode_reserved_expansion: true
`);
  assert.deepEqual(rulesOf(schema)['ListShelves'], ['GET /last [] []']);
  assert.deepEqual(schema.warnings, [
    'rules.yaml: http.fully_decode_reserved_expansion has no effect; "%2F" in a path stays as it is',
    'rules.yaml: shop.v1.Shop.ListShelves is selected twice; the last rule wins',
  ]);
});

const REFUSED: readonly (readonly [what: string, yaml: string, complaints: readonly string[]])[] = [
  [
    'a selector that matches nothing',
    'http:\n  rules:\n  - selector: shop.v1.Shop.ListShelfs\n    get: /a\n',
    [
      'rules.yaml:3:5: the selector "shop.v1.Shop.ListShelfs" matches no method; did you mean shop.v1.Shop.ListShelves?',
    ],
  ],
  [
    'a selector of a service that is only imported',
    'http:\n  rules:\n  - selector: google.longrunning.Operations.GetOperation\n    get: /a\n',
    [
      'rules.yaml:3:5: the selector "google.longrunning.Operations.GetOperation" matches no method that is served: google.longrunning.Operations is only imported; list its file among the protos',
    ],
  ],
  [
    'a selector of a name that every object has',
    'http:\n  rules:\n  - selector: shop.v1.Shop.constructor\n    get: /a\n',
    ['rules.yaml:3:5: the selector "shop.v1.Shop.constructor" matches no method'],
  ],
  [
    'no selector',
    'http:\n  rules:\n  - get: /a\n',
    ['rules.yaml:3:5: expected a selector: the full name of a method, as pkg.Service.Method'],
  ],
  [
    'a rule that is wrong',
    'http:\n  rules:\n  - selector: shop.v1.Shop.ListShelves\n    get: /a\n    boddy: "*"\n',
    [
      'rules.yaml:3:5: the http rule of shop.v1.Shop.ListShelves: google.api.HttpRule has no field "boddy"; did you mean "body"?',
    ],
  ],
  [
    'another type',
    'type: google.api.Servise\nhttp:\n  rules: []\n',
    ['rules.yaml:1:7: type: expected google.api.Service, found "google.api.Servise"'],
  ],
  ['no rules', 'http: {}\n', ['rules.yaml:1:7: expected a list at http.rules']],
  [
    'rules that are no list',
    'http:\n  rules: all\n',
    ['rules.yaml:2:10: expected a list at http.rules'],
  ],
  [
    'a misspelt key',
    'http:\n  rule: []\n',
    [
      'rules.yaml:2:3: google.api.Http has no field "rule"',
      'rules.yaml:2:3: expected a list at http.rules',
    ],
  ],
  ['an empty file', '', ['rules.yaml: expected a google.api.Service']],
  ['a list', '- a\n', ['rules.yaml:1:1: expected a google.api.Service']],
];

for (const [what, yaml, complaints] of REFUSED) {
  test(`refused with its place: ${what}`, async () => {
    assert.deepEqual((await problemsOf(load(yaml))).map(describeProblem), complaints);
  });
}

test('refused with its place: what is no YAML', async () => {
  const [first] = await problemsOf(load('http:\n  rules: [\n'));
  assert.equal(first?.file, 'rules.yaml');
  assert.ok((first?.line ?? 0) >= 2);
});

test('refused: an alias, which could grow without bound', async () => {
  const yaml =
    'a: &a [x]\nhttp:\n  rules:\n  - selector: shop.v1.Shop.ListShelves\n    get: /a\n    body: *a\n';
  const problems = await problemsOf(load(yaml));
  assert.equal(problems[0]?.message, 'aliases are not supported in http rules');
});

test('a file that is not there is told before any server is waited for', async () => {
  const source = { reflection: true, address: '127.0.0.1:1', rules: 'nowhere.yaml' } as const;
  const [problem] = await problemsOf(loadSchema(source, environment()));
  assert.equal(problem?.file, 'nowhere.yaml');
  assert.match(problem?.message ?? '', /^the rules cannot be read: ENOENT/);
});
