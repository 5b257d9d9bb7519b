/** Names of enums in any case, where `json.caseInsensitiveEnums` says so, from every place that a request has them in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Binding } from '../../../src/binding/types.ts';
import {
  bind,
  binding,
  bound,
  PLAIN_JSON,
  refusal,
  type Sent,
} from '../../support/vectors-schema.ts';

function anyCase(line: string, body = ''): Binding {
  return binding(line, { body, settings: { json: { ...PLAIN_JSON, caseInsensitiveEnums: true } } });
}

const TAKEN: readonly (readonly [line: string, body: string, sent: Sent, expected: unknown])[] = [
  ['POST /v1/x', '*', { body: '{"fColor":"red"}' }, { fColor: 'RED' }],
  [
    'POST /v1/x',
    '*',
    { body: '{"rColor":["Red","BLUE","blue",1]}' },
    { rColor: ['RED', 'BLUE', 'BLUE', 'RED'] },
  ],
  ['POST /v1/x', '*', { body: '{"mColor":{"Red":"gReen"}}' }, { mColor: { Red: 'GREEN' } }],
  ['POST /v1/x', 'f_color', { body: '"red"' }, { fColor: 'RED' }],
  [
    'GET /v1/x',
    '',
    { query: 'f_color=red&r_color=blue&r_color=RED' },
    { fColor: 'RED', rColor: ['BLUE', 'RED'] },
  ],
  ['GET /v1/{f_color}', '', { captures: ['Red'] }, { fColor: 'RED' }],
  // Two parts of a request that say the same in different cases, which only the exact way compares.
  ['POST /v1/{f_color}', '*', { captures: ['RED'], body: '{"fColor":"red"}' }, { fColor: 'RED' }],
  // Members of a oneof and maps go the exact way as well.
  ['GET /v1/x', '', { query: 'c_string=&m_color[a]=red' }, { cString: '', mColor: { a: 'RED' } }],
];

for (const [line, body, sent, expected] of TAKEN) {
  test(`${line} ${JSON.stringify(sent)}`, () => {
    assert.deepEqual(bound(anyCase(line, body), sent), expected);
    assert.throws(() => bind(binding(line, { body }), sent));
  });
}

test('what is no name in any case is refused with its path', () => {
  const to = anyCase('POST /v1/x', '*');
  const found = refusal(() =>
    bind(to, { body: '{"fColor":"red","rColor":["blue","purple"],"fInt32":"x"}' }),
  );
  assert.deepEqual(found.fields, ['rColor[1]', 'fInt32']);
  const query = refusal(() => bind(anyCase('GET /v1/x'), { query: 'f_color=purple&o_color=red' }));
  assert.deepEqual(query.fields, ['f_color']);
});

test('two different values are a conflict in whatever case', () => {
  const to = anyCase('POST /v1/{f_color}', '*');
  const found = refusal(() => bind(to, { captures: ['red'], body: '{"fColor":"blue"}' }));
  assert.deepEqual([found.pg, found.fields], ['PG_CONFLICTING_FIELD', ['f_color']]);
});
