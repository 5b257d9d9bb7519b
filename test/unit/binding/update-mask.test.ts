import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bind, binding, message } from '../../support/vectors-schema.ts';

/** Through protobufjs, since ProtoJSON can't show a mask of any path. */
function paths(body: string, query = '', patch = true): readonly string[] | undefined {
  const to = binding('PATCH /v1/{book.name}', { body: 'book', method: 'Update' });
  const { bytes } = bind(to, { captures: ['n'], body, query, patch });
  const { runtime } = message('vectors.v1.UpdateRequest');
  const decoded = runtime.decode(bytes) as unknown as { update_mask?: { paths: string[] } | null };
  return decoded.update_mask?.paths;
}

const MASKS: readonly (readonly [string, readonly string[] | undefined])[] = [
  ['{"title":"x","pageCount":0}', ['title', 'page_count']],
  ['{"author":{"name":"a","mentor":{"born":"1"}}}', ['author.name', 'author.mentor.born']],
  ['{"author":{}}', ['author']],
  ['{"author":null,"subtitle":null}', ['author', 'subtitle']],
  ['{"pages":[{"number":1}],"labels":{"a":"b"},"tags":[]}', ['pages', 'labels', 'tags']],
  ['{"publishTime":"2026-01-01T00:00:00Z","note":"x"}', ['publish_time', 'note']],
  ['{}', undefined],
  ['null', undefined],
];

for (const [body, expected] of MASKS) {
  test(`PATCH ${body}`, () => {
    assert.deepEqual(paths(body), expected);
  });
}

test('a mask of the client is left alone, an empty one too', () => {
  assert.deepEqual(paths('{"title":"x"}', 'update_mask=pageCount'), ['page_count']);
  assert.deepEqual(paths('{"title":"x"}', 'updateMask=tags,author.name'), ['tags', 'author.name']);
  assert.deepEqual(paths('{"title":"x"}', 'update_mask='), []);
});

test('no mask for other verbs, other bodies and other messages', () => {
  assert.equal(paths('{"title":"x"}', '', false), undefined);
  const whole = binding('PATCH /v1/x', { body: '*', method: 'Update' });
  assert.equal(bind(whole, { body: '{"dry_run":true}', patch: true }).bytes.length, 2);
  const other = binding('PATCH /v1/x', { body: 'book' });
  assert.equal(bind(other, { body: '{"title":"x"}', patch: true }).bytes.length, 6);
});

test('fields that were dropped are not in the mask', () => {
  const settings = { strictness: 'ignore' } as const;
  const to = binding('PATCH /v1/x', { body: 'book', method: 'Update', settings });
  const known = bind(to, { body: '{"title":"x"}', patch: true }).bytes;
  const more = bind(to, { body: '{"title":"x","titel":"y"}', patch: true }).bytes;
  assert.deepEqual(more, known);
});
