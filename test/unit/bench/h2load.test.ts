import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryOf } from '../../../bench/load/h2load.ts';

/** As h2load 1.52 prints it. */
const OUTPUT = `
finished in 3.01s, 1596.65 req/s, 458.41KB/s
requests: 4800 total, 4800 started, 4800 done, 4800 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 4800 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 1.35MB (1411200) total, 548.44KB (561600) headers (space savings 0.00%), 646.88KB (662400) data
`;

test('what h2load has counted', () => {
  assert.deepEqual(summaryOf(OUTPUT), { answers: 4800, elapsedMs: 3010, bytes: 662_400 });
  assert.equal(summaryOf(OUTPUT.replace('3.01s', '850.25ms')).elapsedMs, 850.25);
});

test('failures, other status codes and no answers at all are no result', () => {
  const failed = OUTPUT.replace('4800 succeeded, 0 failed', '4799 succeeded, 1 failed');
  assert.throws(() => summaryOf(failed), /failures/);
  const refused = OUTPUT.replace('4800 2xx, 0 3xx, 0 4xx', '4700 2xx, 0 3xx, 100 4xx');
  assert.throws(() => summaryOf(refused), /4700 of them 2xx/);
  const none = OUTPUT.replaceAll('4800', '0');
  assert.throws(() => summaryOf(none), /no request/);
  assert.throws(() => summaryOf('it crashed'), /h2load said: it crashed/);
});
