/** The hand-written encoders against protobufjs and the published google/rpc/error_details.proto. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { badRequest, errorInfo, requestInfo, retryInfo } from '../../../src/call/details.ts';
import type { StatusDetail } from '../../../src/call/status.ts';

const protos = fileURLToPath(new URL('../../../protos/', import.meta.url));
const root = new protobuf.Root();
root.resolvePath = (_origin, target) => (target.startsWith(protos) ? target : protos + target);
root.loadSync('google/rpc/error_details.proto');

function decode({ typeUrl, bytes }: StatusDetail): Record<string, unknown> {
  const [prefix, name] = typeUrl.split('/');
  assert.equal(prefix, 'type.googleapis.com');
  const type = root.lookupType(name ?? '');
  return type.toObject(type.decode(bytes), { longs: Number, arrays: true, defaults: true });
}

/** Text as UTF-8 carries it: a lone surrogate has no encoding. */
const text = fc.string({ unit: 'binary', maxLength: 300 }).map((value) => value.toWellFormed());

describe('details', () => {
  test('ErrorInfo has the reason and our domain', () => {
    assert.deepEqual(decode(errorInfo('PG_UNKNOWN_FIELD')), {
      reason: 'PG_UNKNOWN_FIELD',
      domain: 'polygate',
      metadata: {},
    });
  });

  test('RequestInfo has the id', () => {
    assert.deepEqual(decode(requestInfo('0f6f0c1e')), { requestId: '0f6f0c1e', servingData: '' });
  });

  test('BadRequest keeps any number of violations with any text', () => {
    const violation = fc.record({ field: text, description: text }, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(violation, { maxLength: 20 }), (violations) => {
        const { fieldViolations } = decode(badRequest(violations));
        const seen = (fieldViolations as { field: string; description: string }[]).map(
          ({ field, description }) => ({ field, description }),
        );
        assert.deepEqual(seen, violations);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  test('lengths around one and two bytes of a varint', () => {
    for (const length of [0, 1, 127, 128, 129, 16_383, 16_384, 70_000]) {
      const id = 'x'.repeat(length);
      assert.equal(decode(requestInfo(id))['requestId'], id);
    }
  });

  test('RetryInfo has seconds and nanoseconds that belong together', () => {
    const cases: [number, number, number][] = [
      [0, 0, 0],
      [1, 0, 1e6],
      [999.999999, 0, 999_999_999],
      [999.9999999, 1, 0],
      [1999.99999999, 2, 0],
      [1000, 1, 0],
      [1500, 1, 500_000_000],
      [86_400_000, 86_400, 0],
    ];
    for (const [delayMs, seconds, nanos] of cases) {
      assert.deepEqual(decode(retryInfo(delayMs))['retryDelay'], { seconds, nanos }, `${delayMs}`);
    }
  });

  test('a delay that no Duration holds becomes the nearest one', () => {
    const longest = 315_576_000_000;
    assert.deepEqual(decode(retryInfo(-5))['retryDelay'], { seconds: 0, nanos: 0 });
    for (const delayMs of [longest * 1000 + 1000, Number.MAX_VALUE, Infinity]) {
      assert.deepEqual(decode(retryInfo(delayMs))['retryDelay'], { seconds: longest, nanos: 0 });
    }
  });
});
