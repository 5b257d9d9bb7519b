import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../../../src/call/error.ts';
import { timeoutFrom } from '../../../../src/protocols/rest/timeout.ts';
import { headWith } from './head.ts';

describe('how long a client wants to wait', () => {
  test('for ever, if it does not say', () => {
    assert.equal(timeoutFrom(headWith({})), Infinity);
  });

  for (const [header, value, ms] of [
    ['grpc-timeout', '1H', 3_600_000],
    ['grpc-timeout', '2M', 120_000],
    ['grpc-timeout', '3S', 3_000],
    ['grpc-timeout', '500m', 500],
    ['grpc-timeout', '1500u', 1.5],
    ['grpc-timeout', '1000000n', 1],
    ['grpc-timeout', '99999999H', 99_999_999 * 3_600_000],
    ['grpc-timeout', '0S', 0],
    ['x-request-timeout', '2', 2_000],
    ['x-request-timeout', '1.5', 1_500],
    ['x-request-timeout', '1.5s', 1_500],
    ['x-request-timeout', '250ms', 250],
    ['x-request-timeout', '2m', 120_000],
    ['x-request-timeout', '0', 0],
  ] as const) {
    test(`${header}: ${value} is ${ms} ms`, () => {
      assert.ok(Math.abs(timeoutFrom(headWith({ [header]: value })) - ms) < 1e-6);
    });
  }

  test('Grpc-Timeout counts more', () => {
    assert.equal(timeoutFrom(headWith({ 'x-request-timeout': '9', 'grpc-timeout': '1S' })), 1_000);
  });

  for (const [header, value] of [
    ['grpc-timeout', ''],
    ['grpc-timeout', '1'],
    ['grpc-timeout', 'S'],
    ['grpc-timeout', '1s'],
    ['grpc-timeout', '1.5S'],
    ['grpc-timeout', '-1S'],
    ['grpc-timeout', '123456789S'],
    ['grpc-timeout', ' 1S'],
    ['grpc-timeout', '1S, 2S'],
    ['x-request-timeout', ''],
    ['x-request-timeout', '-1'],
    ['x-request-timeout', '1h'],
    ['x-request-timeout', '1e3'],
    ['x-request-timeout', '1.'],
    ['x-request-timeout', 'Infinity'],
    ['x-request-timeout', '1 s'],
    ['x-request-timeout', '1, 2'],
    ['x-request-timeout', 'constructor'],
  ] as const) {
    test(`${header}: ${JSON.stringify(value)} is refused, never taken for none`, () => {
      assert.throws(
        () => timeoutFrom(headWith({ [header]: value })),
        (error) => error instanceof GatewayError && error.pg === 'PG_BAD_TIMEOUT',
      );
    });
  }
});
