import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

const ROUTE = 'bookstore.v1.Bookstore/GetBook';

async function linesOf(
  metrics: ReturnType<typeof createMetrics>,
  family: string,
): Promise<string[]> {
  const { text } = await metrics.expose();
  return text.split('\n').filter((line) => line.startsWith(family));
}

describe('metrics', () => {
  test('counts calls by route, protocol and code, and shows only codes that occurred', async () => {
    const metrics = createMetrics();
    const route = metrics.route(ROUTE);
    route.finished('rest', 'OK', 3);
    route.finished('rest', 'OK', 3);
    route.finished('rest', 'NOT_FOUND', 3);
    route.finished('grpc', 'OK', 3);
    metrics.route('').finished('rest', 'NOT_FOUND', 1);
    assert.deepEqual((await linesOf(metrics, 'polygate_calls_total')).toSorted(), [
      'polygate_calls_total{route="",protocol="rest",code="NOT_FOUND"} 1',
      `polygate_calls_total{route="${ROUTE}",protocol="grpc",code="OK"} 1`,
      `polygate_calls_total{route="${ROUTE}",protocol="rest",code="NOT_FOUND"} 1`,
      `polygate_calls_total{route="${ROUTE}",protocol="rest",code="OK"} 2`,
    ]);
  });

  test('puts durations into cumulative buckets whose bounds are inclusive', async () => {
    const metrics = createMetrics();
    for (const durationMs of [0, 1, 1.001, 30_000, 30_001]) {
      metrics.route('r').finished('rest', 'OK', durationMs);
    }
    const lines = await linesOf(metrics, 'polygate_call_duration_seconds');
    const labels = 'route="r",protocol="rest"';
    assert.ok(lines.includes(`polygate_call_duration_seconds_bucket{le="0.001",${labels}} 2`));
    assert.ok(lines.includes(`polygate_call_duration_seconds_bucket{le="0.0025",${labels}} 3`));
    assert.ok(lines.includes(`polygate_call_duration_seconds_bucket{le="10",${labels}} 3`));
    assert.ok(lines.includes(`polygate_call_duration_seconds_bucket{le="30",${labels}} 4`));
    assert.ok(lines.includes(`polygate_call_duration_seconds_bucket{le="+Inf",${labels}} 5`));
    assert.ok(lines.includes(`polygate_call_duration_seconds_count{${labels}} 5`));
    const sum = lines.find((line) => line.startsWith('polygate_call_duration_seconds_sum'));
    assert.ok(Math.abs(Number(sum?.split(' ')[1]) - 60.003001) < 1e-9, sum);
  });

  test('declares each family once, with the type that Prometheus reads', async () => {
    const metrics = createMetrics();
    metrics.route('r').finished('rest', 'OK', 1);
    const { text, contentType } = await metrics.expose();
    assert.match(contentType, /^text\/plain; version=0\.0\.4/);
    const types = text.split('\n').filter((line) => line.startsWith('# TYPE polygate_'));
    assert.deepEqual(types, [
      '# TYPE polygate_calls_total counter',
      '# TYPE polygate_call_duration_seconds histogram',
      '# TYPE polygate_calls_in_flight gauge',
      '# TYPE polygate_unknown_fields_total counter',
      '# TYPE polygate_limits_total counter',
      '# TYPE polygate_upstream_connections gauge',
      '# TYPE polygate_upstream_connects_total counter',
      '# TYPE polygate_upstream_streams gauge',
      '# TYPE polygate_upstream_streams_total counter',
      '# TYPE polygate_upstream_queued gauge',
      '# TYPE polygate_upstream_refused_total counter',
      '# TYPE polygate_upstream_aborted_streams_total counter',
      '# TYPE polygate_upstream_pings_total counter',
      '# TYPE polygate_upstream_bytes_total counter',
    ]);
    assert.match(text, /^process_resident_memory_bytes /m);
    assert.ok(text.endsWith('\n'));
  });

  test('counts what each bound has stopped', async () => {
    const metrics = createMetrics();
    metrics.limited('head');
    metrics.limited('idle');
    metrics.limited('head');
    assert.deepEqual(await linesOf(metrics, 'polygate_limits_total'), [
      'polygate_limits_total{limit="head"} 2',
      'polygate_limits_total{limit="idle"} 1',
    ]);
  });

  test('shows the connections of each endpoint as they are at the scrape', async () => {
    const metrics = createMetrics();
    const numbers = {
      connections: 1,
      connectionsMade: 2,
      connectionsFailed: 3,
      streams: 4,
      streamsOpened: 5,
      queued: 6,
      refused: 7,
      resets: 8,
      lost: 9,
      violations: 10,
      pings: 11,
      bytesReceived: 12,
      bytesSent: 13,
    };
    metrics.upstream('books', new Map([['127.0.0.1:1', numbers]]));
    numbers.connections = 21;
    const of = 'upstream="books",endpoint="127.0.0.1:1"';
    assert.deepEqual(await linesOf(metrics, 'polygate_upstream_'), [
      `polygate_upstream_connections{${of}} 21`,
      `polygate_upstream_connects_total{${of},result="ok"} 2`,
      `polygate_upstream_connects_total{${of},result="failed"} 3`,
      `polygate_upstream_streams{${of}} 4`,
      `polygate_upstream_streams_total{${of}} 5`,
      `polygate_upstream_queued{${of}} 6`,
      `polygate_upstream_refused_total{${of}} 7`,
      `polygate_upstream_aborted_streams_total{${of},cause="reset"} 8`,
      `polygate_upstream_aborted_streams_total{${of},cause="lost"} 9`,
      `polygate_upstream_aborted_streams_total{${of},cause="violation"} 10`,
      `polygate_upstream_pings_total{${of}} 11`,
      `polygate_upstream_bytes_total{${of},direction="sent"} 13`,
      `polygate_upstream_bytes_total{${of},direction="received"} 12`,
    ]);
  });

  test('shows calls in flight and unknown fields per route', async () => {
    const metrics = createMetrics();
    const route = metrics.route('r');
    route.inFlight++;
    route.unknownFields += 2;
    assert.deepEqual(await linesOf(metrics, 'polygate_calls_in_flight'), [
      'polygate_calls_in_flight{route="r"} 1',
    ]);
    assert.deepEqual(await linesOf(metrics, 'polygate_unknown_fields_total'), [
      'polygate_unknown_fields_total{route="r"} 2',
    ]);
  });

  test('a route that had no call yet is left out, and one whose calls have ended stays at 0', async () => {
    const metrics = createMetrics();
    metrics.route('never');
    const used = metrics.route('used');
    used.inFlight++;
    used.inFlight--;
    used.finished('rest', 'OK', 1);
    assert.deepEqual(await linesOf(metrics, 'polygate_calls_in_flight'), [
      'polygate_calls_in_flight{route="used"} 0',
    ]);
  });

  test('a refused request counts by its code and has no duration', async () => {
    const metrics = createMetrics();
    metrics.route('').refused('', 'INVALID_ARGUMENT');
    assert.deepEqual(await linesOf(metrics, 'polygate_calls_total'), [
      'polygate_calls_total{route="",protocol="",code="INVALID_ARGUMENT"} 1',
    ]);
    assert.deepEqual(await linesOf(metrics, 'polygate_call_duration_seconds'), []);
  });

  test('escapes a label that comes from a schema', async () => {
    const metrics = createMetrics();
    metrics.route('a"b\\c\nd').finished('rest', 'OK', 1);
    assert.deepEqual(await linesOf(metrics, 'polygate_calls_total'), [
      'polygate_calls_total{route="a\\"b\\\\c\\nd",protocol="rest",code="OK"} 1',
    ]);
  });

  test('two gateways in one process share nothing', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.route('r').finished('rest', 'OK', 1);
    assert.deepEqual(await linesOf(other, 'polygate_calls_total'), []);
    assert.equal((await linesOf(one, 'polygate_calls_total')).length, 1);
  });
});
