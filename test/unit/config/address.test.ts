import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback } from '../../../src/config/address.ts';

test('loopback by name and by address', () => {
  for (const host of ['localhost', '127.0.0.1', '127.9.9.9', '::1'])
    assert.equal(isLoopback(host), true, host);
  for (const host of ['0.0.0.0', '::', '127.evil.example', '10.0.0.1', 'localhost.example'])
    assert.equal(isLoopback(host), false, host);
});
