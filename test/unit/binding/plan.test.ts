import assert from 'node:assert/strict';
import { test } from 'node:test';
import { implicitRule } from '../../../src/binding/compile.ts';
import { BindingError } from '../../../src/binding/types.ts';
import { binding, method } from '../../support/vectors-schema.ts';

type Refused = readonly [string, { body?: string; responseBody?: string; method?: string }, RegExp];

const REFUSED: readonly Refused[] = [
  ['GET /v1/{nam}', {}, /\{nam\}: vectors\.v1\.Everything has no field "nam"/],
  ['GET /v1/{book.titel}', {}, /\{book\.titel\}: .* did you mean "title"\?/],
  ['GET /v1/{r_string}', {}, /can't be a repeated field/],
  ['GET /v1/{m_string}', {}, /can't be a map/],
  ['GET /v1/{r_book.title}', {}, /r_book is repeated/],
  ['GET /v1/{m_book.title}', {}, /m_book is a map/],
  ['GET /v1/{book}', {}, /can't be a message \(vectors\.v1\.Book\)/],
  ['GET /v1/{w_struct}', {}, /can't be a message/],
  ['GET /v1/{w_any}', {}, /can't be a message/],
  ['GET /v1/{f_string.x}', {}, /f_string is no message/],
  ['GET /v1/{w_time.seconds}', {}, /given as one value/],
  ['GET /v1/{f_string}/{fString}', {}, /captured twice/],
  ['POST /v1/{f_string}', { body: 'f_string' }, /is the body of the same rule/],
  ['POST /v1/x', { body: 'nope' }, /body: "nope" is no field at the top level of the request/],
  ['POST /v1/x', { body: 'book.title' }, /no field at the top level/],
  ['GET /v1/x', { responseBody: 'book.title' }, /no field at the top level of the response/],
  ['GET /v1/{value}', { method: 'Wrapped' }, /has one value and no fields/],
  ['POST /v1/x', { body: 'value', method: 'Wrapped' }, /can't name a field/],
];

for (const [line, options, reason] of REFUSED) {
  test(`configuration error: ${line} ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => binding(line, options),
      (thrown) => {
        assert.ok(thrown instanceof BindingError);
        assert.equal(thrown.origin, 'test.proto: vectors.v1.Vectors');
        assert.match(thrown.message, reason);
        assert.ok(thrown.message.startsWith(`${thrown.origin}: ${line}: `));
        return true;
      },
    );
  });
}

test('what a rule does with bodies', () => {
  const kind = (body: string, name = 'Echo'): string =>
    binding('POST /v1/x', { body, method: name }).requestBody;
  assert.equal(kind(''), 'none');
  assert.equal(kind('*'), 'json');
  assert.equal(kind('book'), 'json');
  assert.equal(kind('w_body'), 'raw');
  assert.equal(kind('*', 'Send'), 'raw');
});

test('every method has an implicit rule', () => {
  const { verb, template, body, responseBody } = implicitRule(method('Echo'));
  assert.deepEqual(
    [verb, template, body, responseBody],
    ['POST', '/vectors.v1.Vectors/Echo', '*', ''],
  );
});
