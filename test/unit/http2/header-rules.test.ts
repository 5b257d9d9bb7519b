/** Which heads of responses are malformed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOfResponse } from '../../../src/http2/header-rules.ts';

test('a status of any class is no fault of the framing, and what is no status is one', () => {
  // RFC 9110 section 15: a status beyond 599 is to be read as if it were a 5xx.
  for (const status of ['103', '200', '599', '800', '999']) {
    assert.equal(faultOfResponse([':status', status]), undefined);
  }
  for (const status of ['', '20', '2000', '099', '2x0']) {
    assert.equal(faultOfResponse([':status', status]), 'no :status');
  }
  assert.equal(faultOfResponse(['content-type', 'text/plain']), 'no :status');
});
