import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError, ownHttpStatus, PG_CODES, type PgCodeName } from '../../../src/call/error.ts';
import { STATUS_CODES, statusCode, statusNumber, statusOf } from '../../../src/call/status.ts';

describe('GatewayError', () => {
  test('takes code, side and reached from the table', () => {
    for (const [pg, entry] of Object.entries(PG_CODES)) {
      const error = new GatewayError(pg as PgCodeName, 'x');
      assert.deepEqual([error.code, error.side], [entry.status, entry.side]);
      assert.equal(error.reached, entry.side === 'client' ? 'no' : 'maybe', pg);
      assert.equal(ownHttpStatus(error.pg), entry.http, pg);
    }
  });

  test('no code of ours is OK, and no status of ours is below 400', () => {
    for (const { status, http } of Object.values(PG_CODES)) {
      assert.notEqual(status, 'OK');
      assert.ok(http === undefined || (http >= 400 && http < 600));
    }
  });

  test('carries what it is given', () => {
    const cause = new Error('why');
    const error = new GatewayError('PG_METHOD_NOT_ALLOWED', 'no POST here', {
      reached: 'yes',
      allow: ['GET'],
      retryAfterMs: 5,
      cause,
    });
    assert.deepEqual(
      [error.reached, error.allow, error.retryAfterMs, error.cause],
      ['yes', ['GET'], 5, cause],
    );
    assert.ok(error instanceof Error);
    assert.equal(String(error), 'GatewayError: no POST here');
  });

  test('only our own faults pay for a stack, and the limit of others stays as it was', () => {
    const limit = Error.stackTraceLimit;
    assert.doesNotMatch(new GatewayError('PG_ROUTE_NOT_FOUND', 'x').stack ?? '', /\n\s+at /);
    assert.match(new GatewayError('PG_INTERNAL', 'x').stack ?? '', /\n\s+at /);
    assert.equal(Error.stackTraceLimit, limit);
    assert.match(new Error('x').stack ?? '', /\n\s+at /);
  });

  test('from keeps our own errors and hides the text of all others', () => {
    const own = new GatewayError('PG_DRAIN', 'x');
    assert.equal(GatewayError.from(own), own);
    for (const thrown of [new TypeError('secret'), 'secret', undefined, null, { a: 1 }]) {
      const error = GatewayError.from(thrown);
      assert.equal(error.pg, 'PG_INTERNAL');
      assert.doesNotMatch(error.message, /secret/);
      assert.equal(error.cause, thrown);
    }
  });
});

describe('status', () => {
  test('codes and numbers are those of gRPC, both ways', () => {
    assert.equal(STATUS_CODES.length, 17);
    for (const [number, code] of STATUS_CODES.entries()) {
      assert.equal(statusNumber(code), number);
      assert.equal(statusCode(number), code);
    }
    assert.deepEqual([statusNumber('OK'), statusNumber('UNAUTHENTICATED')], [0, 16]);
  });

  test('a number that gRPC does not define is UNKNOWN', () => {
    for (const number of [-1, 17, 1.5, NaN, Infinity]) assert.equal(statusCode(number), 'UNKNOWN');
  });

  test('a failure as the end of a call names its reason first', () => {
    const error = new GatewayError('PG_IDLE_TIMEOUT', 'nothing moved');
    const status = statusOf(error);
    assert.deepEqual([status.code, status.message], ['DEADLINE_EXCEEDED', 'nothing moved']);
    assert.equal(status.details[0]?.typeUrl, 'type.googleapis.com/google.rpc.ErrorInfo');
    assert.equal(status.error, error);
  });
});
