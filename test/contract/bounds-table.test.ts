/**
 * Every bound of a client: it has a default, a key of the configuration, a line in docs/limits.md, a label at the metric, and cases on the
 * running gateway that go beyond it. A bound that is added without all of these fails here.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { LIMIT_NAMES, type LimitName } from '../../src/call/server.ts';
import { DEFAULTS } from '../../src/config/defaults.ts';
import { assertRecovers, startFaultGateway, stoppedBy } from '../support/fault-gateway.ts';
import { GRPC_CASES } from './bounds/grpc.ts';
import { HTTP1_CASES } from './bounds/http1.ts';
import { HTTP2_CASES } from './bounds/http2.ts';

const KEYS: Readonly<Record<LimitName, keyof typeof DEFAULTS>> = {
  connections: 'listen.limits.connections',
  connections_per_address: 'listen.limits.connectionsPerAddress',
  calls: 'listen.limits.calls',
  first_byte: 'listen.limits.firstByte',
  head: 'listen.limits.head',
  body: 'listen.limits.body',
  idle: 'listen.limits.idle',
  write: 'listen.limits.write',
  header_bytes: 'limits.headers',
  headers: 'listen.limits.headerCount',
  target: 'listen.limits.target',
  body_bytes: 'limits.body',
  pipelined: 'listen.limits.pipelined',
  streams: 'listen.limits.streams',
  resets: 'listen.limits.resets',
  control_frames: 'listen.limits.controlFrames',
  header_block: 'listen.limits.headerBlock',
  header_table: 'listen.limits.headerTable',
};
const CASES = { 'HTTP/1.1': HTTP1_CASES, 'HTTP/2': HTTP2_CASES, gRPC: GRPC_CASES };
const PAGE = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8');

/** What a configuration with nothing but `value` at the dotted `key` looks like. */
function isSetBy(settings: unknown, key: string): boolean {
  let at: unknown = settings;
  for (const name of key.split('.')) {
    if (typeof at !== 'object' || at === null || Object.keys(at).join(',') !== name) return false;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return at !== undefined;
}

describe('each bound', () => {
  for (const limit of LIMIT_NAMES) {
    test(`${limit}: a default, a key, lines in docs/limits.md, a case that sets the key`, () => {
      const key = KEYS[limit];
      assert.ok(key in DEFAULTS, `${limit} has no key`);
      assert.notEqual(DEFAULTS[key].value, null, `${key} has no default`);
      assert.ok(PAGE.includes(`\n| \`${key}\` | \`${DEFAULTS[key].value}\` |`), 'its default');
      const row = new RegExp(`^\\| \`${limit}\` \\| \`${key}\` \\| \\S.* \\| \\S.* \\|$`, 'm');
      assert.ok(row.test(PAGE), 'what a client sees');
      const cases = Object.values(CASES).flatMap((of) => of[limit] ?? []);
      assert.ok(cases.length > 0, `${limit} has no case`);
      for (const { settings } of cases) assert.ok(isSetBy(settings, key), `a case without ${key}`);
    });
  }

  test('every key of listen.limits is that of one bound, and no name is left over', () => {
    const keys = Object.keys(DEFAULTS).filter((key) => key.startsWith('listen.limits.'));
    const used = Object.values(KEYS).filter((key) => key.startsWith('listen.limits.'));
    assert.deepEqual(used.toSorted(), keys.toSorted());
    assert.deepEqual(Object.keys(KEYS).toSorted(), LIMIT_NAMES.toSorted());
  });
});

for (const [protocol, cases] of Object.entries(CASES)) {
  describe(`beyond, by ${protocol}`, () => {
    for (const limit of LIMIT_NAMES) {
      const bound = cases[limit];
      if (bound === undefined) continue;
      test(`${limit}: the client is told, the metric counts it, and the gateway goes on`, async (t) => {
        const harness = await startFaultGateway(t, { admin: { port: 0 }, ...bound.settings });
        await bound.run(t, harness);
        const stopped = await stoppedBy(harness);
        assert.deepEqual(Object.keys(stopped), [limit]);
        await assertRecovers(harness);
      });
    }
  });
}
