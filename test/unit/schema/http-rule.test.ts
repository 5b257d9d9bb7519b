/** google.api.http: each form that a rule is written in, and each that is refused. Source: google/api/http.proto. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeProblem } from '../../../src/schema/error.ts';
import type { Schema } from '../../../src/schema/model.ts';
import { loadText, problemsOf } from '../../support/schema/load.ts';

/** A file whose line 9 starts the options of the only method. */
function withOptions(options: string): Record<string, string> {
  const text = `syntax = "proto3";
package shop.v1;
import "google/api/annotations.proto";
message Shelf { string name = 1; string theme = 2; }
message CreateShelfRequest { string parent = 1; Shelf shelf = 2; repeated Shelf more_shelves = 3; }
message CreateShelfResponse { Shelf shelf = 1; }
service Shop {
  rpc CreateShelf(CreateShelfRequest) returns (CreateShelfResponse) {
    ${options}
  }
}
`;
  return { 'shop.proto': text };
}

function rulesOf(schema: Schema): string[] {
  const rules = schema.services.get('shop.v1.Shop')?.methods[0]?.rules ?? [];
  return rules.map((rule) => `${rule.verb} ${rule.template} [${rule.body}] [${rule.responseBody}]`);
}

const READ: readonly (readonly [what: string, options: string, rules: readonly string[]])[] = [
  ['each verb', 'option (google.api.http) = { patch: "/a" };', ['PATCH /a [] []']],
  [
    'body and response_body',
    'option (google.api.http) = { post: "/a" body: "shelf" response_body: "shelf" };',
    ['POST /a [shelf] [shelf]'],
  ],
  [
    'a repeated field as body',
    'option (google.api.http) = { post: "/a" body: "more_shelves" };',
    ['POST /a [more_shelves] []'],
  ],
  [
    'commas and semicolons between fields, single quotes, adjacent strings',
    `option (google.api.http) = { post: '/a'"/b", body: "*"; };`,
    ['POST /a/b [*] []'],
  ],
  [
    'one additional binding',
    'option (google.api.http) = { get: "/a" additional_bindings { get: "/b" } };',
    ['GET /a [] []', 'GET /b [] []'],
  ],
  [
    'three additional bindings, repeated form',
    'option (google.api.http) = { get: "/a" additional_bindings { get: "/b" } additional_bindings: { put: "/c" body: "*" } additional_bindings { delete: "/d" } };',
    ['GET /a [] []', 'GET /b [] []', 'PUT /c [*] []', 'DELETE /d [] []'],
  ],
  [
    'three additional bindings, list form',
    'option (google.api.http) = { get: "/a" additional_bindings: [ { get: "/b" }, { put: "/c" body: "*" }, { delete: "/d" } ] };',
    ['GET /a [] []', 'GET /b [] []', 'PUT /c [*] []', 'DELETE /d [] []'],
  ],
  [
    'both forms mixed',
    'option (google.api.http) = { get: "/a" additional_bindings: [ { get: "/b" }, { get: "/c" } ] additional_bindings { get: "/d" } };',
    ['GET /a [] []', 'GET /b [] []', 'GET /c [] []', 'GET /d [] []'],
  ],
  [
    'one statement per field',
    'option (google.api.http).post = "/a"; option (google.api.http).body = "*"; option (google.api.http).additional_bindings = { get: "/b" };',
    ['POST /a [*] []', 'GET /b [] []'],
  ],
  ['an absolute name', 'option (.google.api.http) = { get: "/a" };', ['GET /a [] []']],
  [
    'a custom verb',
    'option (google.api.http) = { custom: { kind: "HEAD" path: "/a" } };',
    ['HEAD /a [] []'],
  ],
  [
    'any verb',
    'option (google.api.http) = { custom { kind: "*" path: "/a" } body: "*" };',
    ['* /a [*] []'],
  ],
  [
    'other options beside it',
    'option deprecated = true; option (google.api.method_signature) = "parent,shelf"; option (google.api.http) = { get: "/a" };',
    ['GET /a [] []'],
  ],
  ['no option', 'option deprecated = true;', []],
  ['an option of that name in another package', 'option (other.http) = { get: "/a" };', []],
];

for (const [what, options, rules] of READ) {
  test(`read: ${what}`, async () => {
    assert.deepEqual(rulesOf(await loadText(withOptions(options))), rules);
  });
}

test('read: a name relative to the package google', async () => {
  const text = `syntax = "proto3";
package google.shop;
import "google/api/annotations.proto";
message M {}
service S { rpc A(M) returns (M) { option (api.http) = { get: "/a" }; } }`;
  const schema = await loadText({ 'x.proto': text });
  assert.equal(schema.services.get('google.shop.S')?.methods[0]?.rules[0]?.template, '/a');
});

test('text of a rule is only data', async () => {
  const template = String.raw`/a/${'${'}process.exit()}/{__proto__=*}/\"+alert(1)+\"`;
  const schema = await loadText(withOptions(`option (google.api.http) = { get: "${template}" };`));
  assert.deepEqual(rulesOf(schema), [`GET ${template.replaceAll('\\"', '"')} [] []`]);
});

const PLACE = 'shop.proto:8:7: the http rule of shop.v1.Shop.CreateShelf: ';
const REFUSED: readonly (readonly [what: string, options: string, complaint: string])[] = [
  [
    'no path',
    'option (google.api.http) = { body: "*" };',
    'no path: one of get, put, post, delete, patch and custom must be given',
  ],
  ['an empty path', 'option (google.api.http) = { get: "" };', 'get: the path is empty'],
  [
    'two verbs in one binding',
    'option (google.api.http) = { get: "/a" post: "/b" };',
    'get and post are given; a binding has one of them, another goes into additional_bindings',
  ],
  ['a verb twice', 'option (google.api.http) = { get: "/a" get: "/b" };', 'get is given twice'],
  [
    'the option twice',
    'option (google.api.http) = { get: "/a" }; option (google.api.http) = { get: "/b" };',
    'google.api.http is set twice; use additional_bindings',
  ],
  [
    'a field that HttpRule does not have',
    'option (google.api.http) = { get: "/a" bodi: "*" };',
    'google.api.HttpRule has no field "bodi"; did you mean "body"?',
  ],
  [
    'a body that the request does not have',
    'option (google.api.http) = { post: "/a" body: "shelff" };',
    'body: shop.v1.CreateShelfRequest has no field "shelff"; did you mean "shelf"?',
  ],
  [
    'a body by its JSON name',
    'option (google.api.http) = { post: "/a" body: "moreShelves" };',
    'body: shop.v1.CreateShelfRequest has no field "moreShelves"; did you mean "more_shelves"?',
  ],
  [
    'a body that is a path',
    'option (google.api.http) = { post: "/a" body: "shelf.name" };',
    'body: shop.v1.CreateShelfRequest has no field "shelf.name"',
  ],
  [
    'a body of a name that every object has',
    'option (google.api.http) = { post: "/a" body: "constructor" };',
    'body: shop.v1.CreateShelfRequest has no field "constructor"',
  ],
  [
    'a response_body that the response does not have',
    'option (google.api.http) = { get: "/a" response_body: "shelve" };',
    'response_body: shop.v1.CreateShelfResponse has no field "shelve"; did you mean "shelf"?',
  ],
  [
    'a response_body of everything',
    'option (google.api.http) = { get: "/a" response_body: "*" };',
    'response_body: "*" is not a field; leave response_body out for the whole message',
  ],
  [
    'a body that is a number',
    'option (google.api.http) = { post: "/a" body: 7 };',
    'body: expected a string, found 7',
  ],
  [
    'a rule that is text',
    'option (google.api.http) = "/a";',
    'expected a google.api.HttpRule, found "/a"',
  ],
  [
    'a rule inside an additional binding',
    'option (google.api.http) = { get: "/a" additional_bindings { get: "/b" additional_bindings { get: "/c" } } };',
    'additional_bindings[0]: holds additional_bindings itself; http.proto allows one level only',
  ],
  [
    'a mistake in an additional binding',
    'option (google.api.http) = { get: "/a" additional_bindings: [ { get: "/b" }, { body: "*" } ] };',
    'additional_bindings[1]: no path: one of get, put, post, delete, patch and custom must be given',
  ],
  [
    'a kind that HTTP parsers refuse',
    'option (google.api.http) = { custom: { kind: "FETCH" path: "/a" } };',
    'custom: kind "FETCH" is no verb that HTTP parsers let through; expected "*" for any, or a verb as "HEAD"',
  ],
  [
    'a kind in lower case',
    'option (google.api.http) = { custom: { kind: "head" path: "/a" } };',
    'custom: kind "head" is no verb that HTTP parsers let through; expected "*" for any, or a verb as "HEAD"; did you mean "HEAD"?',
  ],
  [
    'CONNECT, whose target is no path',
    'option (google.api.http) = { custom: { kind: "CONNECT" path: "/a" } };',
    'custom: kind "CONNECT" never carries a path',
  ],
  [
    'a custom without a path',
    'option (google.api.http) = { custom: { kind: "HEAD" } };',
    'custom: the path is empty',
  ],
];

for (const [what, options, complaint] of REFUSED) {
  test(`refused: ${what}`, async () => {
    const problems = await problemsOf(loadText(withOptions(options)));
    assert.deepEqual(problems.map(describeProblem), [PLACE + complaint]);
  });
}

test('every rule that is wrong is told at once', async () => {
  const options =
    'option (google.api.http) = { get: "/a" body: "x" response_body: "y" additional_bindings { custom { kind: "Z" } } };';
  assert.equal((await problemsOf(loadText(withOptions(options)))).length, 4);
});
