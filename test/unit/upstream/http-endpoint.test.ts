import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saidAuthority } from '../../../src/upstream/http-endpoint.ts';

test('the authority of requests has no port that its scheme has anyway', () => {
  for (const [scheme, authority, said] of [
    ['http', 'a.test:80', 'a.test'],
    ['http', 'a.test:443', 'a.test:443'],
    ['http', 'a.test:8080', 'a.test:8080'],
    ['https', 'a.test:443', 'a.test'],
    ['https', 'a.test:80', 'a.test:80'],
    ['https', '[::1]:443', '[::1]'],
    ['http', '[::80]:8080', '[::80]:8080'],
  ] as const) {
    const endpoint = { address: `${scheme}://${authority}`, scheme, authority, basePath: '' };
    assert.equal(saidAuthority(endpoint), said);
  }
});
