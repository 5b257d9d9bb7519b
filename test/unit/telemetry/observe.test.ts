import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../../src/call/error.ts';
import type { StatusCode } from '../../../src/call/status.ts';
import { TimerWheel } from '../../../src/lib/timer-wheel.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { createObserver } from '../../../src/telemetry/observe.ts';
import { fakeCall, fakeRoute } from '../../support/fake-call.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { memoryLog } from '../../support/memory-log.ts';

function setUp(options: { access?: boolean; path?: string; id?: string } = {}) {
  const clock = new ManualClock(1000);
  const log = memoryLog();
  const metrics = createMetrics();
  const observer = createObserver({ metrics, log, access: options.access ?? false });
  const call = fakeCall({
    id: options.id ?? 'call-1',
    wheel: new TimerWheel(clock),
    head: { path: options.path ?? '/v1/shelves' },
  });
  const finishRouted = (code: StatusCode, httpStatus: number, error: GatewayError | null): void => {
    observer.begin(call);
    call.route = fakeRoute({ name: 'r' });
    observer.routed(call);
    clock.advance(12);
    call.finish({ code, httpStatus, error });
  };
  return { clock, log, metrics, observer, call, finishRouted };
}

function inFlight(metrics: ReturnType<typeof createMetrics>): number[] {
  return [metrics.route('').inFlight, metrics.route('r').inFlight];
}

describe('observer', () => {
  test('a call counts as unrouted until it has a route, then under its name', () => {
    const { metrics, observer, call } = setUp();
    observer.begin(call);
    assert.deepEqual(inFlight(metrics), [1, 0]);
    call.route = fakeRoute({ name: 'r' });
    observer.routed(call);
    assert.deepEqual(inFlight(metrics), [0, 1]);
    call.finish({ code: 'OK', httpStatus: 200, error: null });
    assert.deepEqual(inFlight(metrics), [0, 0]);
    const [series] = metrics.route('r').series;
    assert.equal(series?.codes[0], 1);
  });

  test('a call that never finds a route counts under the empty name', () => {
    const { metrics, observer, call, log } = setUp();
    observer.begin(call);
    const error = new GatewayError('PG_ROUTE_NOT_FOUND', 'no rule matches GET /v1/shelves');
    call.finish({ code: 'NOT_FOUND', httpStatus: 404, error });
    assert.deepEqual(inFlight(metrics), [0, 0]);
    assert.equal([...metrics.route('').series].length, 1);
    assert.equal(log.lines[0]?.fields['route'], '');
  });

  test('a route found after the end changes nothing', () => {
    const { metrics, observer, call } = setUp();
    observer.begin(call);
    call.finish({ code: 'CANCELLED', httpStatus: 0, error: null });
    call.route = fakeRoute({ name: 'r' });
    observer.routed(call);
    assert.deepEqual(inFlight(metrics), [0, 0]);
  });

  test('a failed call makes one line with everything that an operator greps for', () => {
    const { log, finishRouted } = setUp();
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:50051');
    const error = new GatewayError('PG_UPSTREAM_UNAVAILABLE', 'no connection to bookstore', {
      reached: 'no',
      cause,
    });
    finishRouted('UNAVAILABLE', 503, error);
    assert.deepEqual(log.lines, [
      {
        level: 'warn',
        message: 'call failed',
        fields: {
          id: 'call-1',
          protocol: 'rest',
          route: 'r',
          verb: 'GET',
          path: '/v1/shelves',
          code: 'UNAVAILABLE',
          httpStatus: 503,
          durationMs: 12,
          peer: '127.0.0.1',
          pg: 'PG_UPSTREAM_UNAVAILABLE',
          side: 'upstream',
          reached: 'no',
          reason: 'no connection to bookstore',
          cause: 'Error: connect ECONNREFUSED 127.0.0.1:50051',
        },
      },
    ]);
  });

  test('a request that never became a call has a line and a count', () => {
    const { log, metrics, observer } = setUp();
    const error = new GatewayError('PG_HEADERS_TOO_LARGE', 'the header section is too large');
    observer.refused({ id: 'head-1', httpStatus: 431, error });
    const { level, fields } = log.lines[0] ?? {};
    assert.deepEqual(
      [level, fields?.['id'], fields?.['pg'], fields?.['httpStatus']],
      ['info', 'head-1', 'PG_HEADERS_TOO_LARGE', 431],
    );
    assert.equal([...metrics.route('').series].length, 1);
    assert.deepEqual(inFlight(metrics), [0, 0]);
  });

  test('the level says whose fault it was, and only our own faults carry a stack', () => {
    const cases = [
      ['PG_INVALID_VALUE', 'info'],
      ['PG_UPSTREAM_RESET', 'warn'],
      ['PG_DRAIN', 'warn'],
      ['PG_INTERNAL', 'error'],
    ] as const;
    for (const [pg, level] of cases) {
      const { log, finishRouted } = setUp();
      const error = new GatewayError(pg, 'x', { cause: new TypeError('y') });
      finishRouted(error.code, 500, error);
      assert.equal(log.lines[0]?.level, level, pg);
      const { stack } = log.lines[0]?.fields ?? {};
      if (pg === 'PG_INTERNAL') assert.match(String(stack), /^TypeError: y\n\s+at /);
      else assert.equal(stack, undefined, pg);
    }
  });

  test('an answer of the service makes a line only where it says that the service is broken', () => {
    const levels = (code: StatusCode): string[] => {
      const { log, finishRouted } = setUp();
      finishRouted(code, 500, null);
      return log.lines.map((line) => `${line.level} ${line.message}`);
    };
    for (const code of ['UNKNOWN', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS'] as const) {
      assert.deepEqual(levels(code), ['warn the service failed'], code);
    }
    for (const code of ['OK', 'NOT_FOUND', 'CANCELLED', 'DEADLINE_EXCEEDED'] as const) {
      assert.deepEqual(levels(code), [], code);
    }
  });

  test('the access log has one line for every call', () => {
    const { log, finishRouted } = setUp({ access: true });
    finishRouted('OK', 200, null);
    assert.equal(log.lines.length, 1);
    const { level, message, fields } = log.lines[0] ?? {};
    assert.deepEqual([level, message, fields?.['httpStatus']], ['info', 'call', 200]);
  });

  test('text of the client is bounded and cannot steer a terminal', () => {
    const { log, finishRouted } = setUp({
      id: `a\nb${'i'.repeat(1000)}`,
      path: `/\u009b31m\u202e${'p'.repeat(10_000)}`,
    });
    finishRouted('INVALID_ARGUMENT', 400, new GatewayError('PG_INVALID_VALUE', 'v'.repeat(5000)));
    const { fields } = log.lines[0] ?? {};
    assert.match(String(fields?.['id']), /^a\\u\{a\}bi+…$/);
    assert.match(String(fields?.['path']), /^\/\\u\{9b\}31m\\u\{202e\}p+…$/);
    assert.ok(JSON.stringify(fields).length < 2000);
  });

  test('a chain of causes is followed, also where it bites its own tail', () => {
    const { log, finishRouted } = setUp();
    const inner: Error & { code?: string } = new Error('reset');
    inner.code = 'ECONNRESET';
    const outer = new Error('stream failed', { cause: inner });
    inner.cause = outer;
    finishRouted('UNAVAILABLE', 502, new GatewayError('PG_UPSTREAM_RESET', 'x', { cause: outer }));
    assert.match(
      String(log.lines[0]?.fields['cause']),
      /^Error: stream failed < Error: reset \(ECONNRESET\) < /,
    );
  });

  test('what was thrown and is no Error is named, not printed', () => {
    const { log, finishRouted } = setUp();
    finishRouted('INTERNAL', 500, GatewayError.from({ secret: 'hunter2' }));
    assert.equal(log.lines[0]?.fields['cause'], 'thrown object');
    assert.ok(!JSON.stringify(log.lines).includes('hunter2'));
  });
});
